-- The codes by which systems know an organisation: one row per organisation, system and code. A code may pass
-- from one organisation to its successor, so that a join needs the day too.
WITH coded AS (
    SELECT o.organisation_id, o.organisation_code, o.valid_from, o.valid_to
    FROM integrated.organisation AS o
    WHERE o.organisation_code IS NOT NULL
),
told AS (
    SELECT c.organisation_id, 'skpd' AS code_system, c.organisation_code AS code_value, c.valid_from, c.valid_to
    FROM coded AS c
    UNION ALL
    SELECT c.organisation_id, 'skpd_undotted', replace(c.organisation_code, '.', ''), c.valid_from, c.valid_to
    FROM coded AS c
    UNION ALL
    SELECT s.organisation_id, 'sipd', s.skpd_id::text, '-infinity', 'infinity'
    FROM integrated.skpd AS s
    WHERE s.organisation_id IS NOT NULL
)
SELECT
    t.organisation_id,
    t.code_system,
    t.code_value,
    min(t.valid_from) AS valid_from,
    max(t.valid_to) AS valid_to
FROM told AS t
GROUP BY t.organisation_id, t.code_system, t.code_value
