-- Sub-activities whose physical progress is late or critical in the last reported month of their year, since when
-- without a break, and how much a month is needed to be done by December.
WITH judged AS (
    SELECT
        p.*,
        p.alarm_code IN ('late', 'critical') AS is_late,
        max(p.month_number) OVER (PARTITION BY p.budget_year) AS last_month_number
    FROM published.progress AS p
),
run AS (
    SELECT
        j.budget_year,
        j.skpd_code,
        j.sub_activity_code,
        coalesce(
            min(j.month_number) FILTER (WHERE j.month_number > j.last_good_number), min(j.month_number)
        ) AS late_since_month_number
    FROM (
        SELECT
            g.*,
            max(g.month_number) FILTER (WHERE NOT g.is_late) OVER (
                PARTITION BY g.budget_year, g.skpd_code, g.sub_activity_code
            ) AS last_good_number
        FROM judged AS g
    ) AS j
    GROUP BY j.budget_year, j.skpd_code, j.sub_activity_code
)
SELECT
    j.budget_year,
    j.month_number,
    j.skpd_code,
    j.skpd_name,
    j.sub_activity_code,
    j.sub_activity_name,
    j.alarm_code,
    r.late_since_month_number,
    j.planned_physical_pct,
    j.physical_pct,
    j.physical_deviation_pct,
    round((100 - j.physical_pct) / nullif(12 - j.month_number, 0), 2)::numeric(6, 2) AS needed_monthly_pct,
    j.financial_pct,
    j.disbursed_pct,
    j.pagu_amount,
    j.disbursed_amount,
    (coalesce(j.pagu_amount, 0) - j.disbursed_amount)::numeric(18, 2) AS remaining_amount,
    e.remark
FROM judged AS j
JOIN run AS r
    ON r.budget_year = j.budget_year
    AND r.skpd_code = j.skpd_code
    AND r.sub_activity_code = j.sub_activity_code
LEFT JOIN current.emonev__progress AS e
    ON e.budget_year = j.budget_year
    AND e.month_number = j.month_number
    AND e.skpd_code = j.skpd_code
    AND e.sub_activity_code = j.sub_activity_code
WHERE j.is_late AND j.month_number = j.last_month_number
