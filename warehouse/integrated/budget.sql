-- The budget that is in force: active lines, one row per year, agency, sub-activity and account.
SELECT
    b.budget_year,
    b.skpd_code,
    b.sub_activity_code,
    b.account_code,
    min(b.account_name) AS account_name,
    sum(coalesce(b.initial_pagu_amount, 0)) AS initial_pagu_amount,
    sum(b.pagu_amount) AS pagu_amount
FROM current.sipd__budget_lines AS b
WHERE b.is_active IS NOT FALSE
GROUP BY b.budget_year, b.skpd_code, b.sub_activity_code, b.account_code
