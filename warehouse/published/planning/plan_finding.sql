-- What doesn't hold together in the plan, for its owner to put right: one row per finding and what it is about.
SELECT
    'node_without_parent' AS finding_code,
    n.node_id::text AS object_code,
    n.first_year AS plan_year,
    n.skpd_code,
    n.level_code || ' ' || n.node_code || ': ' || coalesce('induk ' || n.parent_id::text, 'tanpa induk')
        AS detail
FROM integrated.plan_node AS n
WHERE NOT n.is_complete
UNION ALL
SELECT
    CASE WHEN r.outcome_node_id IS NULL THEN 'without_outcome' ELSE 'outcome_of_other_years' END,
    r.plan_year || '|' || r.skpd_code || '|' || r.sub_activity_code,
    r.plan_year,
    r.skpd_code,
    r.sub_activity_name
FROM integrated.rkpd_line AS r
LEFT JOIN integrated.plan_node AS n
    ON n.node_id = r.outcome_node_id AND r.plan_year BETWEEN n.first_year AND n.last_year
WHERE n.outcome_code IS NULL
UNION ALL
SELECT
    'programme_not_in_renstra',
    p.plan_year || '|' || p.skpd_code || '|' || coalesce(p.program_code, p.sub_activity_code),
    p.plan_year,
    p.skpd_code,
    min(p.program_name)
FROM published.plan_line AS p
WHERE NOT p.is_in_renstra
GROUP BY p.plan_year, p.skpd_code, coalesce(p.program_code, p.sub_activity_code)
UNION ALL
SELECT
    'code_not_listed',
    p.plan_year || '|' || p.skpd_code || '|' || p.sub_activity_code,
    p.plan_year,
    p.skpd_code,
    p.sub_activity_name
FROM published.plan_line AS p
WHERE NOT p.is_code_listed
UNION ALL
SELECT
    'achievement_unreadable',
    c.indicator_code || '|' || c.plan_year || '|' || c.period_code,
    c.plan_year,
    c.skpd_code,
    coalesce(c.realisation_text, c.target_text)
FROM integrated.indicator_result AS c
WHERE c.state_code = 'unreadable'
UNION ALL
SELECT DISTINCT
    'indicator_without_outcome',
    c.indicator_code,
    c.plan_year,
    c.skpd_code,
    c.outcome_code
FROM integrated.indicator_result AS c
WHERE NOT EXISTS (
    SELECT FROM integrated.plan_node AS n
    WHERE n.node_code = c.outcome_code
        AND n.level_code = 'SASARAN'
        AND c.plan_year BETWEEN n.first_year AND n.last_year
)
