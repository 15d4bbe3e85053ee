-- id: Kelurahan dan sektor yang paling tertinggal membayar pajak
-- en: Which kelurahan and sector is behind
SELECT kelurahan_name, sector_code, sum(overdue_amount) AS overdue_amount,
    round(sum(overdue_amount) * 100 / nullif(sum(billed_amount), 0), 2) AS overdue_pct
FROM published.arrears
GROUP BY kelurahan_name, sector_code
HAVING sum(overdue_amount) > 0
ORDER BY overdue_amount DESC;

-- id: Umur tunggakan tiap jenis pajak
-- en: Age of the arrears of each tax
SELECT account_name, sum(overdue_under_1_year_amount) AS under_1_year,
    sum(overdue_1_to_2_years_amount) AS from_1_to_2_years, sum(overdue_2_to_5_years_amount) AS from_2_to_5_years,
    sum(overdue_over_5_years_amount) AS over_5_years
FROM published.arrears
GROUP BY account_name
ORDER BY account_name;

-- id: Kepatuhan membayar tiap kecamatan dan tahun
-- en: Share paid by kecamatan and year
SELECT kecamatan_name, tax_year,
    round(sum(paid_amount - overpaid_amount) * 100 / nullif(sum(billed_amount), 0), 2) AS paid_pct
FROM published.arrears
GROUP BY kecamatan_name, tax_year
ORDER BY kecamatan_name, tax_year;
