-- id: Serapan anggaran tiap OPD tahun berjalan
-- en: How much of its budget each agency has spent this year
SELECT
    b.skpd_name,
    sum(b.pagu_amount) AS pagu_amount,
    sum(b.disbursed_amount) AS disbursed_amount,
    round(sum(b.disbursed_amount) * 100 / nullif(sum(b.pagu_amount), 0), 2) AS disbursed_pct
FROM published.budget_vs_disbursement AS b
WHERE b.budget_year = (SELECT max(budget_year) FROM published.budget_vs_disbursement)
GROUP BY b.skpd_name
ORDER BY disbursed_pct;

-- id: Pencairan yang melebihi pagu atau tanpa anggaran
-- en: Payments over the ceiling or without a budget line
SELECT b.budget_year, b.skpd_name, b.sub_activity_name, b.account_code, b.pagu_amount, b.disbursed_amount
FROM published.budget_vs_disbursement AS b
WHERE b.is_over_budget
ORDER BY b.disbursed_amount - b.pagu_amount DESC;
