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
