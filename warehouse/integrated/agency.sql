-- By organisation, the agency that answers for it today, with its code and name: the sole successor, or itself
-- where it still is, has several successors, or none. One row per organisation of any time.
WITH newest AS (
    SELECT DISTINCT ON (o.organisation_id) o.organisation_id, o.organisation_code, o.organisation_name
    FROM integrated.organisation AS o
    ORDER BY o.organisation_id, o.valid_from DESC
)
SELECT
    n.organisation_id,
    a.organisation_id AS agency_id,
    a.organisation_code AS skpd_code,
    a.organisation_name AS skpd_name
FROM newest AS n
LEFT JOIN integrated.organisation_successor AS s ON s.organisation_id = n.organisation_id AND s.is_sole
JOIN newest AS a ON a.organisation_id = coalesce(s.successor_id, n.organisation_id)
