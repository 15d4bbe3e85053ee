-- The plan's tree, each node with what stands above it, down from the missions. `is_complete` is false for a
-- node that no mission is reached from: its parent isn't there, or is of the wrong level.
WITH RECURSIVE reached AS (
    SELECT
        n.node_id,
        n.node_code AS mission_code,
        n.node_name AS mission_name,
        NULL::text AS goal_code,
        NULL::text AS goal_name,
        NULL::text AS city_outcome_code,
        NULL::text AS city_outcome_name,
        NULL::text AS outcome_code,
        NULL::text AS outcome_name,
        1 AS depth
    FROM current.planning__plan_nodes AS n
    WHERE n.level_code = 'MISI' AND n.document_code = 'RPJMD' AND n.parent_id IS NULL
    UNION ALL
    SELECT
        n.node_id,
        p.mission_code,
        p.mission_name,
        CASE WHEN p.depth = 1 THEN n.node_code ELSE p.goal_code END,
        CASE WHEN p.depth = 1 THEN n.node_name ELSE p.goal_name END,
        CASE WHEN p.depth = 2 THEN n.node_code ELSE p.city_outcome_code END,
        CASE WHEN p.depth = 2 THEN n.node_name ELSE p.city_outcome_name END,
        CASE WHEN p.depth = 3 THEN n.node_code ELSE p.outcome_code END,
        CASE WHEN p.depth = 3 THEN n.node_name ELSE p.outcome_name END,
        p.depth + 1
    FROM reached AS p
    JOIN current.planning__plan_nodes AS n ON n.parent_id = p.node_id
    WHERE (p.depth, n.document_code, n.level_code) IN (
        (1, 'RPJMD', 'TUJUAN'), (2, 'RPJMD', 'SASARAN'), (3, 'RENSTRA', 'SASARAN'), (4, 'RENSTRA', 'PROGRAM')
    )
)
SELECT
    n.node_id,
    n.parent_id,
    n.document_code,
    n.level_code,
    n.node_code,
    n.node_name,
    n.first_year,
    n.last_year,
    coalesce(a.skpd_code, n.skpd_code) AS skpd_code,
    r.mission_code,
    r.mission_name,
    r.goal_code,
    r.goal_name,
    r.city_outcome_code,
    r.city_outcome_name,
    r.outcome_code,
    r.outcome_name,
    r.node_id IS NOT NULL AS is_complete
FROM current.planning__plan_nodes AS n
LEFT JOIN reached AS r ON r.node_id = n.node_id
LEFT JOIN identity.planning__plan_nodes__agency AS i ON i.node_id = n.node_id
LEFT JOIN integrated.agency AS a ON a.organisation_id = i.organisation_id
