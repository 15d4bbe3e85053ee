-- Who was in which household, on any day, as known at any moment. relation_code 1 is the head.
SELECT
    r.household_id,
    r.person_id,
    r.relation_code,
    r.is_start_known,
    r.valid_from,
    r.valid_to,
    r.recorded_from,
    r.recorded_to
FROM integrated.residence AS r
WHERE r.household_id IS NOT NULL
