-- The yearly plan from mission to sub-activity. What the plan leaves out stays empty and says so: an outcome that
-- isn't stated, a programme that the agency's Renstra of those years doesn't have.
WITH in_force AS (
    SELECT DISTINCT ON (y.plan_year, s.sub_activity_code)
        y.plan_year,
        s.sub_activity_code,
        s.regulation_code
    FROM (SELECT DISTINCT r.plan_year FROM integrated.rkpd_line AS r) AS y
    JOIN integrated.sub_activity AS s
        ON s.government_code = 'city'
        AND s.is_official
        AND s.is_active
        AND s.valid_from <= make_date(y.plan_year::integer, 1, 1)
        AND (s.valid_to IS NULL OR s.valid_to > make_date(y.plan_year::integer, 1, 1))
    ORDER BY y.plan_year, s.sub_activity_code, s.valid_from DESC, s.regulation_code
),
programme AS (
    SELECT DISTINCT n.skpd_code, n.node_code, n.first_year, n.last_year
    FROM integrated.plan_node AS n
    WHERE n.level_code = 'PROGRAM' AND n.is_complete
)
SELECT
    r.plan_year,
    r.skpd_code,
    a.skpd_name,
    n.mission_code,
    n.mission_name,
    n.goal_code,
    n.goal_name,
    n.city_outcome_code,
    n.city_outcome_name,
    n.outcome_code,
    n.outcome_name,
    s.program_code,
    s.program_name,
    s.activity_code,
    s.activity_name,
    r.sub_activity_code,
    coalesce(s.sub_activity_name, r.sub_activity_name) AS sub_activity_name,
    r.indicator_name,
    r.target_text,
    r.unit_name,
    r.indicative_pagu_amount::numeric(18, 2) AS indicative_pagu_amount,
    p.indicative_pagu_amount::numeric(18, 2) AS previous_indicative_pagu_amount,
    r.line_count,
    n.outcome_code IS NOT NULL AS has_outcome,
    EXISTS (
        SELECT FROM programme AS g
        WHERE g.skpd_code = r.skpd_code
            AND g.node_code = s.program_code
            AND r.plan_year BETWEEN g.first_year AND g.last_year
    ) AS is_in_renstra,
    coalesce(s.is_listed, false) AS is_code_listed,
    f.regulation_code
FROM integrated.rkpd_line AS r
LEFT JOIN integrated.plan_node AS n
    ON n.node_id = r.outcome_node_id AND r.plan_year BETWEEN n.first_year AND n.last_year
LEFT JOIN integrated.conformed_sub_activity AS s ON s.sub_activity_code = r.sub_activity_code
LEFT JOIN integrated.rkpd_line AS p
    ON p.plan_year = r.plan_year - 1
    AND p.skpd_code = r.skpd_code
    AND p.sub_activity_code = r.sub_activity_code
LEFT JOIN integrated.agency_code AS a ON a.skpd_code = r.skpd_code
LEFT JOIN in_force AS f ON f.plan_year = r.plan_year AND f.sub_activity_code = r.sub_activity_code
