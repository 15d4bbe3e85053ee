-- id: Capaian tiap jenis pendapatan sampai bulan terakhir
-- en: Each revenue against its target up to the last month
SELECT r.account_name, r.cumulative_target_amount, r.cumulative_realisation_amount, r.cumulative_realisation_pct
FROM published.revenue_target_vs_realisation AS r
WHERE (r.budget_year, r.month_number) = (
    SELECT l.budget_year, max(l.month_number)
    FROM published.revenue_target_vs_realisation AS l
    WHERE l.budget_year = (SELECT max(budget_year) FROM published.revenue_target_vs_realisation)
    GROUP BY l.budget_year
)
ORDER BY r.cumulative_realisation_pct;

-- id: Pendapatan tiap tahun menurut rekening yang berlaku sekarang
-- en: Revenue of each year by the accounts of today
SELECT conformed_account_code, conformed_account_name, budget_year, sum(realisation_amount) AS realisation_amount
FROM published.revenue_target_vs_realisation
GROUP BY conformed_account_code, conformed_account_name, budget_year
ORDER BY conformed_account_code, budget_year;
