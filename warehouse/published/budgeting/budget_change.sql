-- The original budget against the one after changes, by agency, sub-activity and account.
WITH line AS (
    SELECT
        b.budget_year,
        b.skpd_code,
        b.sub_activity_code,
        b.account_code,
        min(b.account_name) AS account_name,
        sum(b.initial_pagu_amount) AS initial_pagu_amount,
        sum(b.pagu_amount) AS pagu_amount
    FROM integrated.agency_budget_line AS b
    GROUP BY b.budget_year, b.skpd_code, b.sub_activity_code, b.account_code
)
SELECT
    l.budget_year,
    l.skpd_code,
    a.skpd_name,
    l.sub_activity_code,
    s.sub_activity_name,
    l.account_code,
    l.account_name,
    l.initial_pagu_amount::numeric(18, 2) AS initial_pagu_amount,
    l.pagu_amount::numeric(18, 2) AS pagu_amount,
    (l.pagu_amount - l.initial_pagu_amount)::numeric(18, 2) AS budget_change_amount,
    round((l.pagu_amount - l.initial_pagu_amount) * 100 / nullif(l.initial_pagu_amount, 0), 2)::numeric(14, 2)
        AS budget_change_pct,
    CASE
        WHEN l.initial_pagu_amount = 0 AND l.pagu_amount > 0 THEN 'added'
        WHEN l.initial_pagu_amount > 0 AND l.pagu_amount = 0 THEN 'withdrawn'
        WHEN l.pagu_amount > l.initial_pagu_amount THEN 'raised'
        WHEN l.pagu_amount < l.initial_pagu_amount THEN 'lowered'
        ELSE 'unchanged'
    END AS change_code
FROM line AS l
LEFT JOIN integrated.agency_code AS a ON a.skpd_code = l.skpd_code
LEFT JOIN integrated.conformed_sub_activity AS s ON s.sub_activity_code = l.sub_activity_code
