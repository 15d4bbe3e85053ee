-- Places that nobody could tell: one row per dataset, role, way of writing and reason, with the agency whose
-- data it is and since when it has stood there. What may be personal is not shown as it was written.
SELECT
    f.dataset,
    f.role AS role_name,
    f.owner AS owner_id,
    -- A NIK may stand where a code or a name should.
    regexp_replace(f.written_code, '[0-9]{16,}', '(16 digits)', 'g') AS written_code,
    regexp_replace(f.written_name, '[0-9]{16,}', '(16 digits)', 'g') AS written_name,
    regexp_replace(f.written_area, '[0-9]{16,}', '(16 digits)', 'g') AS written_kecamatan,
    f.reason AS reason_code,
    f.candidates AS candidate_codes,
    f.row_count,
    f.since AS found_at
FROM identity.finding AS f
WHERE f.kind = 'places'
