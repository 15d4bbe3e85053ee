-- The budget by year, agency of today and sub-activity, before and after changes.
SELECT
    b.budget_year,
    b.skpd_code,
    b.sub_activity_code,
    sum(b.initial_pagu_amount) AS initial_pagu_amount,
    sum(b.pagu_amount) AS pagu_amount
FROM integrated.agency_budget_line AS b
GROUP BY b.budget_year, b.skpd_code, b.sub_activity_code
