-- Agencies and their units in the course of time: one row per organisation and period of one code and one name.
SELECT
    o.organisation_id,
    o.organisation_code,
    o.organisation_name,
    right(o.organisation_code, 4) <> '0000' AS is_unit,
    o.valid_from,
    coalesce(o.valid_to, 'infinity') AS valid_to,
    o.valid_from <= :as_of_date AND coalesce(o.valid_to, 'infinity') > :as_of_date AS is_current
FROM current.reference__organisation AS o
