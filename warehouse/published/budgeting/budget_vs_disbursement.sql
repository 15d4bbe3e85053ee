-- Budget against money paid out. A full join: money paid without a budget line must show, not vanish.
WITH paid AS (
    SELECT
        d.budget_year,
        d.skpd_code,
        d.sub_activity_code,
        d.account_code,
        sum(d.sp2d_amount) AS disbursed_amount,
        count(*) AS sp2d_count
    FROM integrated.disbursement AS d
    GROUP BY d.budget_year, d.skpd_code, d.sub_activity_code, d.account_code
),
line AS (
    SELECT
        coalesce(b.budget_year, p.budget_year) AS budget_year,
        coalesce(b.skpd_code, p.skpd_code) AS skpd_code,
        coalesce(b.sub_activity_code, p.sub_activity_code) AS sub_activity_code,
        coalesce(b.account_code, p.account_code) AS account_code,
        b.account_name,
        coalesce(b.initial_pagu_amount, 0) AS initial_pagu_amount,
        coalesce(b.pagu_amount, 0) AS pagu_amount,
        coalesce(p.disbursed_amount, 0) AS disbursed_amount,
        coalesce(p.sp2d_count, 0) AS sp2d_count,
        b.pagu_amount IS NOT NULL AS is_budgeted
    FROM integrated.budget AS b
    FULL JOIN paid AS p
        ON p.budget_year = b.budget_year
        AND p.skpd_code = b.skpd_code
        AND p.sub_activity_code = b.sub_activity_code
        AND p.account_code = b.account_code
)
SELECT
    l.budget_year,
    l.skpd_code,
    o.skpd_name,
    l.sub_activity_code,
    s.sub_activity_name,
    l.account_code,
    l.account_name,
    l.initial_pagu_amount::numeric(18, 2) AS initial_pagu_amount,
    l.pagu_amount::numeric(18, 2) AS pagu_amount,
    l.disbursed_amount::numeric(18, 2) AS disbursed_amount,
    (l.pagu_amount - l.disbursed_amount)::numeric(18, 2) AS remaining_amount,
    round(l.disbursed_amount * 100 / nullif(l.pagu_amount, 0), 2)::numeric(9, 2) AS disbursed_pct,
    l.sp2d_count,
    l.is_budgeted,
    l.disbursed_amount > l.pagu_amount AS is_over_budget
FROM line AS l
LEFT JOIN integrated.skpd AS o ON o.skpd_code = l.skpd_code
LEFT JOIN integrated.sub_activity AS s
    ON s.sub_activity_code = l.sub_activity_code AND s.government_code = 'city' AND s.is_latest
