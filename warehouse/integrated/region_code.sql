-- The codes by which ministries and systems know a region: one row per region, system and code. Kemendagri's
-- code is written with dots and without; ids of a system of its own come from the list that it sends.
WITH told AS (
    SELECT c.region_code, c.code_system, c.code_value, c.valid_from, c.valid_to
    FROM current.reference__region_code AS c
    UNION ALL
    SELECT c.region_code, 'kemendagri_undotted', replace(c.code_value, '.', ''), c.valid_from, c.valid_to
    FROM current.reference__region_code AS c
    WHERE c.code_system = 'kemendagri'
    UNION ALL
    SELECT k.region_code, 'sipd', k.kelurahan_id::text, NULL, NULL
    FROM identity.sipd__kelurahan__region AS k
    WHERE k.outcome = 'resolved'
)
SELECT
    t.region_code,
    t.code_system,
    t.code_value,
    coalesce(t.valid_from, '-infinity') AS valid_from,
    coalesce(t.valid_to, 'infinity') AS valid_to
FROM told AS t
