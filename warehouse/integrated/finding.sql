-- What agencies say differently of one person, business or place, for the agency that has to look (owner_id)
-- and the one that says otherwise. Values are personal: this is for the hub, and for what it sends each owner.
-- kind_code: disagreement, nik_of_somebody_else, nik_changed_candidate, unresolved_place, and so on.
SELECT
    r.kind AS kind_code,
    r.subject AS subject_code,
    r.subject_id,
    r.field AS field_name,
    r.owner AS owner_id,
    r.other_owner AS other_owner_id,
    r.dataset,
    r.role AS role_name,
    -- A key that is a NIK stays in identity.
    CASE WHEN NOT r.is_record_personal THEN r.record END AS record_key,
    -- So does one in a text; the NPWP of whoever has a NIK is that NIK.
    CASE
        WHEN r.field = 'npwp' AND r.value ~ '^0' THEN r.value
        ELSE regexp_replace(r.value, '[0-9]{16,}', '(16 digits)', 'g')
    END AS said_value,
    r.since AS said_from_at,
    r.other_dataset,
    CASE
        WHEN r.field = 'npwp' AND r.other_value ~ '^0' THEN r.other_value
        ELSE regexp_replace(r.other_value, '[0-9]{16,}', '(16 digits)', 'g')
    END AS other_value,
    r.other_since AS other_from_at,
    r.score AS likeness_pct,
    1::bigint AS row_count
FROM identity.record_finding AS r
UNION ALL
SELECT
    'unresolved_' || rtrim(f.kind, 's'),
    rtrim(f.kind, 's'),
    NULL,
    f.reason,
    f.owner,
    NULL,
    f.dataset,
    f.role,
    NULL,
    regexp_replace(
        concat_ws(' / ', nullif(f.written_code, ''), nullif(f.written_name, ''), nullif(f.written_area, '')),
        '[0-9]{16,}', '(16 digits)', 'g'
    ),
    f.since,
    NULL,
    NULL,
    NULL,
    NULL,
    f.row_count
FROM identity.finding AS f
