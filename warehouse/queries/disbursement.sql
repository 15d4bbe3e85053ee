-- id: Rata-rata hari dari SPP ke SP2D per OPD dan jenis, tahun berjalan
-- en: Mean days from request to payment by agency and kind, this year
SELECT d.skpd_name, d.sp2d_kind_code, count(*) AS sp2d_count, round(avg(d.spp_to_sp2d_days), 1) AS mean_days
FROM published.disbursement AS d
WHERE d.budget_year = (SELECT max(budget_year) FROM published.disbursement)
GROUP BY d.skpd_name, d.sp2d_kind_code
ORDER BY mean_days DESC NULLS LAST;

-- id: SP2D yang rantainya tidak sesuai, dengan sebabnya
-- en: SP2D whose chain does not fit, and why
SELECT
    d.sp2d_number, d.sp2d_date, d.skpd_name, d.sp2d_amount, d.chain_code, d.is_spm_over_spp, d.is_sp2d_over_spm,
    d.is_out_of_order, d.is_over_budget
FROM published.disbursement AS d
WHERE d.has_finding
ORDER BY d.sp2d_amount DESC;
