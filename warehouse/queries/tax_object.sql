-- id: Nilai dan tunggakan objek pajak tiap kelurahan
-- en: Value and arrears of objects by kelurahan
SELECT kelurahan_name, count(*) AS object_count, sum(njop_amount) AS njop_amount, sum(overdue_amount) AS overdue_amount
FROM published.tax_object
GROUP BY kelurahan_name
ORDER BY overdue_amount DESC;

-- id: Objek yang menunggak paling lama
-- en: Objects with the most years open
SELECT nop, kelurahan_name, sector_code, open_year_count, overdue_amount
FROM published.tax_object
ORDER BY open_year_count DESC, overdue_amount DESC
LIMIT 100;
