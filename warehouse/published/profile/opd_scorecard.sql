-- What is asked first of an agency and year: budget, paid, physical progress weighted by budget, late
-- sub-activities, indicators and complaints, from the published tables.
WITH money AS (
    SELECT
        r.plan_year AS year,
        r.skpd_code,
        sum(r.pagu_amount) AS pagu_amount,
        sum(r.disbursed_amount) AS disbursed_amount,
        sum(r.physical_pct * r.pagu_amount) FILTER (WHERE r.physical_pct IS NOT NULL)
            / nullif(sum(r.pagu_amount) FILTER (WHERE r.physical_pct IS NOT NULL), 0) AS physical_pct,
        count(*) AS sub_activity_count
    FROM published.plan_to_result AS r
    GROUP BY r.plan_year, r.skpd_code
),
late AS (
    SELECT l.budget_year AS year, l.skpd_code, count(*) AS late_count
    FROM published.late_activity AS l
    GROUP BY l.budget_year, l.skpd_code
),
indicator AS (
    SELECT
        i.plan_year AS year,
        i.skpd_code,
        count(*) AS indicator_count,
        count(*) FILTER (WHERE i.is_achieved) AS achieved_count
    FROM published.indicator_achievement AS i
    WHERE i.is_latest
    GROUP BY i.plan_year, i.skpd_code
),
complaint AS (
    SELECT
        c.report_year AS year,
        c.skpd_code,
        count(*) AS complaint_count,
        100.0 * count(*) FILTER (WHERE c.is_answered_on_time) / nullif(count(c.is_answered_on_time), 0)
            AS answered_on_time_pct
    FROM published.complaint_handling AS c
    GROUP BY c.report_year, c.skpd_code
),
listed AS (
    SELECT m.year, m.skpd_code FROM money AS m
    UNION
    SELECT i.year, i.skpd_code FROM indicator AS i WHERE i.skpd_code IS NOT NULL
    UNION
    SELECT c.year, c.skpd_code FROM complaint AS c WHERE c.skpd_code IS NOT NULL
)
SELECT
    l.year,
    l.skpd_code,
    coalesce(a.skpd_name, 'Tidak dikenali') AS skpd_name,
    coalesce(m.sub_activity_count, 0) AS sub_activity_count,
    m.pagu_amount::numeric(18, 2) AS pagu_amount,
    m.disbursed_amount::numeric(18, 2) AS disbursed_amount,
    (100 * m.disbursed_amount / nullif(m.pagu_amount, 0))::numeric(9, 2) AS disbursed_pct,
    m.physical_pct::numeric(6, 2) AS physical_pct,
    coalesce(t.late_count, 0) AS late_count,
    coalesce(i.indicator_count, 0) AS indicator_count,
    coalesce(i.achieved_count, 0) AS achieved_count,
    coalesce(c.complaint_count, 0) AS complaint_count,
    c.answered_on_time_pct::numeric(5, 2) AS answered_on_time_pct
FROM listed AS l
LEFT JOIN money AS m ON m.year = l.year AND m.skpd_code = l.skpd_code
LEFT JOIN late AS t ON t.year = l.year AND t.skpd_code = l.skpd_code
LEFT JOIN indicator AS i ON i.year = l.year AND i.skpd_code = l.skpd_code
LEFT JOIN complaint AS c ON c.year = l.year AND c.skpd_code = l.skpd_code
LEFT JOIN integrated.agency_code AS a ON a.skpd_code = l.skpd_code
