-- What anybody may ask of a permit by its number: is it genuine, whose, where, does it hold. Whoever is no
-- company is told by initials. A building approval answers to both of its numbers.
WITH numbered AS (
    SELECT l.permit_number AS number, l.*
    FROM integrated.licence AS l
    WHERE l.permit_status_code NOT IN ('pending', 'rejected')
    UNION ALL
    SELECT l.building_number, l.*
    FROM integrated.licence AS l
    WHERE l.permit_status_code NOT IN ('pending', 'rejected')
        AND l.building_number IS DISTINCT FROM l.permit_number
)
SELECT DISTINCT ON (n.number, n.permit_kind_code)
    n.number AS permit_number,
    n.permit_kind_code,
    n.permit_kind_name,
    n.holder_shown,
    n.kelurahan_name,
    n.issued_date,
    n.permit_status_code,
    n.valid_until_date
FROM numbered AS n
WHERE n.number IS NOT NULL AND n.number NOT LIKE '%(16 digits)%'
ORDER BY n.number, n.permit_kind_code, n.issued_date DESC NULLS LAST, n.permit_key
