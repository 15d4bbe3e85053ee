-- The cash plan against what was paid, month by month and counted up from January. Every sub-activity that has a
-- plan, a budget or a payment, in all twelve months; months after the last SP2D are marked as not yet there.
WITH budget AS (
    SELECT b.budget_year, b.skpd_code, b.sub_activity_code, b.pagu_amount
    FROM integrated.sub_activity_budget AS b
),
paid AS (
    SELECT p.budget_year, p.month_number, p.skpd_code, p.sub_activity_code, sum(p.sp2d_amount) AS paid_amount
    FROM integrated.payment AS p
    WHERE p.sp2d_kind_code <> 'UP'
    GROUP BY p.budget_year, p.month_number, p.skpd_code, p.sub_activity_code
),
line AS (
    SELECT c.budget_year, c.skpd_code, c.sub_activity_code FROM integrated.cash_plan AS c
    UNION
    SELECT b.budget_year, b.skpd_code, b.sub_activity_code FROM budget AS b
    UNION
    SELECT p.budget_year, p.skpd_code, p.sub_activity_code FROM paid AS p
),
monthly AS (
    SELECT
        l.budget_year,
        m.month_number,
        l.skpd_code,
        l.sub_activity_code,
        coalesce(c.planned_amount, 0) AS planned_amount,
        coalesce(p.paid_amount, 0) AS paid_amount,
        coalesce(b.pagu_amount, 0) AS pagu_amount
    FROM line AS l
    CROSS JOIN generate_series(1::bigint, 12::bigint) AS m (month_number)
    LEFT JOIN integrated.cash_plan AS c
        ON c.budget_year = l.budget_year
        AND c.month_number = m.month_number
        AND c.skpd_code = l.skpd_code
        AND c.sub_activity_code = l.sub_activity_code
    LEFT JOIN paid AS p
        ON p.budget_year = l.budget_year
        AND p.month_number = m.month_number
        AND p.skpd_code = l.skpd_code
        AND p.sub_activity_code = l.sub_activity_code
    LEFT JOIN budget AS b
        ON b.budget_year = l.budget_year
        AND b.skpd_code = l.skpd_code
        AND b.sub_activity_code = l.sub_activity_code
),
counted AS (
    SELECT
        m.*,
        sum(m.planned_amount) OVER to_date AS cumulative_planned_amount,
        sum(m.paid_amount) OVER to_date AS cumulative_paid_amount,
        sum(m.planned_amount) OVER whole AS year_planned_amount
    FROM monthly AS m
    WINDOW
        whole AS (PARTITION BY m.budget_year, m.skpd_code, m.sub_activity_code),
        to_date AS (PARTITION BY m.budget_year, m.skpd_code, m.sub_activity_code ORDER BY m.month_number)
)
SELECT
    t.budget_year,
    t.month_number,
    t.skpd_code,
    a.skpd_name,
    t.sub_activity_code,
    s.sub_activity_name,
    make_date(t.budget_year::integer, t.month_number::integer, 1) <= z.last_date AS has_begun,
    t.planned_amount::numeric(18, 2) AS planned_amount,
    t.paid_amount::numeric(18, 2) AS paid_amount,
    (t.paid_amount - t.planned_amount)::numeric(18, 2) AS difference_amount,
    t.cumulative_planned_amount::numeric(18, 2) AS cumulative_planned_amount,
    t.cumulative_paid_amount::numeric(18, 2) AS cumulative_paid_amount,
    (t.cumulative_paid_amount - t.cumulative_planned_amount)::numeric(18, 2) AS cumulative_difference_amount,
    round(t.cumulative_paid_amount * 100 / nullif(t.cumulative_planned_amount, 0), 2)::numeric(9, 2)
        AS cumulative_paid_pct,
    t.pagu_amount::numeric(18, 2) AS pagu_amount,
    t.year_planned_amount::numeric(18, 2) AS year_planned_amount,
    (t.year_planned_amount - t.pagu_amount)::numeric(18, 2) AS plan_difference_amount
FROM counted AS t
CROSS JOIN (SELECT max(p.sp2d_date) AS last_date FROM integrated.payment AS p) AS z
LEFT JOIN integrated.agency_code AS a ON a.skpd_code = t.skpd_code
LEFT JOIN integrated.sub_activity AS s
    ON s.sub_activity_code = t.sub_activity_code AND s.government_code = 'city' AND s.is_latest
