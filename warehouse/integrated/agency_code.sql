-- Who has an organisation code today, or had it last: one row per code, for the names beside conformed codes.
SELECT DISTINCT ON (o.organisation_code)
    o.organisation_code AS skpd_code,
    o.organisation_id,
    o.organisation_name AS skpd_name
FROM integrated.organisation AS o
WHERE o.organisation_code IS NOT NULL
ORDER BY o.organisation_code, o.is_current DESC, o.valid_from DESC, o.organisation_id
