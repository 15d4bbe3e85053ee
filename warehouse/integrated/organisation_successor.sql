-- Who does today what an organisation did: one row per organisation and each of its successors of the day,
-- however many mergers and splits lie between. An organisation that still is succeeds itself. Where there are
-- several, none is picked: only a sole successor may stand for the whole. None at all is one row without any.
WITH RECURSIVE life AS (
    SELECT o.organisation_id, min(o.valid_from) AS valid_from, max(o.valid_to) AS valid_to
    FROM integrated.organisation AS o
    GROUP BY o.organisation_id
),
line AS (
    SELECT l.organisation_id, l.organisation_id AS successor_id, 0 AS step_count, ARRAY[l.organisation_id] AS path
    FROM life AS l
    UNION ALL
    SELECT n.organisation_id, e.successor_id, n.step_count + 1, n.path || e.successor_id
    FROM line AS n
    JOIN current.reference__organisation_event AS e ON e.predecessor_id = n.successor_id
    WHERE e.successor_id <> ALL (n.path) AND e.event_date <= :as_of_date
),
living AS (
    SELECT n.organisation_id, n.successor_id, min(n.step_count) AS step_count
    FROM line AS n
    JOIN life AS s ON s.organisation_id = n.successor_id
    WHERE s.valid_from <= :as_of_date AND s.valid_to > :as_of_date
    GROUP BY n.organisation_id, n.successor_id
)
SELECT
    l.organisation_id,
    v.successor_id,
    v.step_count::bigint AS step_count,
    count(v.successor_id) OVER (PARTITION BY l.organisation_id) AS successor_count,
    count(v.successor_id) OVER (PARTITION BY l.organisation_id) = 1 AS is_sole
FROM life AS l
LEFT JOIN living AS v ON v.organisation_id = l.organisation_id
