-- Target and realisation of each indicator by quarter and year: as written, and as figures where they are some.
SELECT
    c.plan_year,
    c.period_code,
    c.indicator_code,
    c.indicator_name,
    c.skpd_code,
    c.skpd_name,
    n.mission_code,
    coalesce(c.goal_code, n.goal_code) AS goal_code,
    coalesce(c.goal_name, n.goal_name) AS goal_name,
    c.outcome_code,
    coalesce(n.node_name, c.outcome_name) AS outcome_name,
    c.unit_name,
    c.direction_code,
    c.kind_code,
    c.target_text,
    c.realisation_text,
    c.target_value::numeric(18, 4) AS target_value,
    c.realisation_value::numeric(18, 4) AS realisation_value,
    c.target_rank::bigint AS target_rank,
    c.realisation_rank::bigint AS realisation_rank,
    c.achievement_pct::numeric(9, 2) AS achievement_pct,
    c.is_achieved,
    c.state_code,
    c.is_latest
FROM integrated.indicator_result AS c
LEFT JOIN integrated.plan_node AS n
    ON n.node_code = c.outcome_code
    AND n.level_code = 'SASARAN'
    AND c.plan_year BETWEEN n.first_year AND n.last_year
