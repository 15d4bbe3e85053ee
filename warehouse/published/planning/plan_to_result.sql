-- What was planned, funded, paid, built and achieved: every sub-activity that any system has, year by year. An
-- amount is empty where the system has no line, and 0 where it has one of nothing. Paid is 0 where nothing was:
-- there the treasury's books are complete. The cash plan is counted up to the last month of the year of which
-- progress was reported. The indicator is the outcome's first; `cost_per_outcome` counts all.
WITH listed AS (
    SELECT r.plan_year, r.skpd_code, r.sub_activity_code FROM integrated.rkpd_line AS r
    UNION
    SELECT k.plan_year, k.skpd_code, k.sub_activity_code FROM integrated.kua_ppas_line AS k
    UNION
    SELECT b.budget_year, b.skpd_code, b.sub_activity_code FROM integrated.sub_activity_budget AS b
    UNION
    SELECT p.budget_year, p.skpd_code, p.sub_activity_code FROM integrated.sub_activity_payment AS p
    UNION
    SELECT e.budget_year, e.skpd_code, e.sub_activity_code FROM integrated.sub_activity_progress AS e
    UNION
    SELECT h.budget_year, h.skpd_code, h.sub_activity_code FROM integrated.cash_plan AS h
),
closed AS (
    SELECT e.budget_year, max(e.month_number) AS month_number
    FROM integrated.sub_activity_progress AS e
    GROUP BY e.budget_year
),
cash AS (
    SELECT
        h.budget_year,
        h.skpd_code,
        h.sub_activity_code,
        coalesce(sum(h.planned_amount) FILTER (WHERE h.month_number <= d.month_number), 0) AS planned_cash_amount
    FROM integrated.cash_plan AS h
    LEFT JOIN closed AS d ON d.budget_year = h.budget_year
    GROUP BY h.budget_year, h.skpd_code, h.sub_activity_code
),
indicator AS (
    SELECT DISTINCT ON (c.plan_year, c.outcome_code) c.*
    FROM integrated.indicator_result AS c
    WHERE c.is_latest
    ORDER BY c.plan_year, c.outcome_code, c.indicator_code
)
SELECT
    l.plan_year,
    l.skpd_code,
    a.skpd_name,
    s.program_code,
    s.program_name,
    l.sub_activity_code,
    coalesce(s.sub_activity_name, r.sub_activity_name) AS sub_activity_name,
    r.indicative_pagu_amount::numeric(18, 2) AS indicative_pagu_amount,
    k.ceiling_amount::numeric(18, 2) AS ceiling_amount,
    b.initial_pagu_amount::numeric(18, 2) AS initial_pagu_amount,
    b.pagu_amount::numeric(18, 2) AS pagu_amount,
    h.planned_cash_amount::numeric(18, 2) AS planned_cash_amount,
    coalesce(p.disbursed_amount, 0)::numeric(18, 2) AS disbursed_amount,
    round(p.disbursed_amount * 100 / nullif(b.pagu_amount, 0), 2)::numeric(9, 2) AS disbursed_pct,
    e.physical_pct::numeric(5, 2) AS physical_pct,
    e.month_number AS progress_month_number,
    n.mission_code,
    n.goal_code,
    n.city_outcome_code,
    n.outcome_code,
    n.outcome_name,
    c.indicator_code,
    c.indicator_name,
    c.unit_name,
    c.period_code,
    c.target_text,
    c.realisation_text,
    c.achievement_pct::numeric(9, 2) AS achievement_pct,
    c.is_achieved
FROM listed AS l
LEFT JOIN integrated.rkpd_line AS r
    ON r.plan_year = l.plan_year AND r.skpd_code = l.skpd_code AND r.sub_activity_code = l.sub_activity_code
LEFT JOIN integrated.kua_ppas_line AS k
    ON k.plan_year = l.plan_year AND k.skpd_code = l.skpd_code AND k.sub_activity_code = l.sub_activity_code
LEFT JOIN integrated.sub_activity_budget AS b
    ON b.budget_year = l.plan_year AND b.skpd_code = l.skpd_code AND b.sub_activity_code = l.sub_activity_code
LEFT JOIN cash AS h
    ON h.budget_year = l.plan_year AND h.skpd_code = l.skpd_code AND h.sub_activity_code = l.sub_activity_code
LEFT JOIN integrated.sub_activity_payment AS p
    ON p.budget_year = l.plan_year AND p.skpd_code = l.skpd_code AND p.sub_activity_code = l.sub_activity_code
LEFT JOIN integrated.sub_activity_progress AS e
    ON e.budget_year = l.plan_year AND e.skpd_code = l.skpd_code AND e.sub_activity_code = l.sub_activity_code
LEFT JOIN integrated.plan_node AS n
    ON n.node_id = r.outcome_node_id AND l.plan_year BETWEEN n.first_year AND n.last_year
LEFT JOIN indicator AS c ON c.plan_year = l.plan_year AND c.outcome_code = n.outcome_code
LEFT JOIN integrated.agency_code AS a ON a.skpd_code = l.skpd_code
LEFT JOIN integrated.conformed_sub_activity AS s ON s.sub_activity_code = l.sub_activity_code
