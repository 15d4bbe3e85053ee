-- Physical against financial progress, with the treasury's figure beside the agency's own: where the two
-- differ both are kept and the difference is shown. The alarm tells how far physical progress lies behind the plan:
-- the limit is 10 points up to 70 % planned, then 5; half of it is watched, twice of it is critical.
WITH pagu AS (
    SELECT b.budget_year, b.skpd_code, b.sub_activity_code, sum(b.pagu_amount) AS pagu_amount
    FROM integrated.budget AS b
    GROUP BY b.budget_year, b.skpd_code, b.sub_activity_code
),
paid AS (
    SELECT
        d.budget_year,
        d.month_number,
        d.skpd_code,
        d.sub_activity_code,
        sum(d.sp2d_amount) AS disbursed_amount
    FROM integrated.disbursement AS d
    GROUP BY d.budget_year, d.month_number, d.skpd_code, d.sub_activity_code
),
compared AS (
    SELECT
        e.budget_year,
        e.month_number,
        e.skpd_code,
        e.sub_activity_code,
        e.sub_activity_name,
        e.planned_physical_pct,
        e.physical_pct,
        e.planned_financial_pct,
        e.financial_pct,
        min(g.pagu_amount) AS pagu_amount,
        coalesce(sum(p.disbursed_amount), 0) AS disbursed_amount,
        CASE WHEN e.planned_physical_pct > 70 THEN 5 ELSE 10 END AS limit_pct
    FROM current.emonev__progress AS e
    LEFT JOIN pagu AS g
        ON g.budget_year = e.budget_year
        AND g.skpd_code = e.skpd_code
        AND g.sub_activity_code = e.sub_activity_code
    LEFT JOIN paid AS p
        ON p.budget_year = e.budget_year
        AND p.month_number <= e.month_number
        AND p.skpd_code = e.skpd_code
        AND p.sub_activity_code = e.sub_activity_code
    GROUP BY
        e.budget_year, e.month_number, e.skpd_code, e.sub_activity_code, e.sub_activity_name,
        e.planned_physical_pct, e.physical_pct, e.planned_financial_pct, e.financial_pct
)
SELECT
    c.budget_year,
    c.month_number,
    c.skpd_code,
    o.skpd_name,
    c.sub_activity_code,
    coalesce(s.sub_activity_name, c.sub_activity_name) AS sub_activity_name,
    c.planned_physical_pct,
    c.physical_pct,
    (c.physical_pct - c.planned_physical_pct)::numeric(6, 2) AS physical_deviation_pct,
    c.planned_financial_pct,
    c.financial_pct,
    (c.financial_pct - c.planned_financial_pct)::numeric(6, 2) AS financial_deviation_pct,
    (c.physical_pct - c.financial_pct)::numeric(6, 2) AS physical_lead_pct,
    c.pagu_amount::numeric(18, 2) AS pagu_amount,
    c.disbursed_amount::numeric(18, 2) AS disbursed_amount,
    round(c.disbursed_amount * 100 / nullif(c.pagu_amount, 0), 2)::numeric(9, 2) AS disbursed_pct,
    round(c.financial_pct - c.disbursed_amount * 100 / nullif(c.pagu_amount, 0), 2)::numeric(9, 2)
        AS financial_difference_pct,
    CASE
        WHEN c.planned_physical_pct IS NULL THEN 'unknown'
        WHEN c.planned_physical_pct - c.physical_pct > 2 * c.limit_pct THEN 'critical'
        WHEN c.planned_physical_pct - c.physical_pct > c.limit_pct THEN 'late'
        WHEN c.planned_physical_pct - c.physical_pct > c.limit_pct / 2.0 THEN 'watch'
        ELSE 'normal'
    END AS alarm_code
FROM compared AS c
LEFT JOIN integrated.skpd AS o ON o.skpd_code = c.skpd_code
LEFT JOIN integrated.sub_activity AS s
    ON s.sub_activity_code = c.sub_activity_code AND s.government_code = 'city' AND s.is_latest
