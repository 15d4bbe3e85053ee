-- id: Posisi kota kita di antara semua kota, tiap jenis rekening
-- en: Where our city stands among all cities, account by account
SELECT c.account_class_name, c.account_name, c.budget_amount, c.rank_number, c.city_count, c.of_median_pct
FROM published.city_comparison AS c
WHERE c.is_own_city AND c.budget_year = (SELECT max(budget_year) FROM published.city_comparison)
ORDER BY c.account_code;

-- id: Sepuluh kota dengan pajak daerah terbesar
-- en: The ten cities with the largest local taxes
SELECT c.rank_number, c.government_name, c.budget_amount, c.class_share_pct
FROM published.city_comparison AS c
WHERE c.account_code = '4101' AND c.budget_year = (SELECT max(budget_year) FROM published.city_comparison)
ORDER BY c.rank_number
LIMIT 10;
