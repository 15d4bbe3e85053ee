-- Regions of every level in the course of time: one row per region and period in which it lay in one parent.
-- A period without a beginning is one of which nobody knows it, or that always was.
SELECT
    r.region_code,
    r.region_level_code,
    r.region_name,
    r.parent_code,
    coalesce(r.valid_from, '-infinity') AS valid_from,
    coalesce(r.valid_to, 'infinity') AS valid_to,
    r.legal_basis
FROM current.reference__region AS r
