-- id: Sub kegiatan yang paling tertinggal dari target fisik bulan terakhir
-- en: Sub-activities furthest behind their physical target in the last month
SELECT p.skpd_name, p.sub_activity_name, p.planned_physical_pct, p.physical_pct, p.physical_deviation_pct
FROM published.progress AS p
WHERE (p.budget_year, p.month_number) = (
        SELECT m.budget_year, m.month_number
        FROM published.progress AS m
        ORDER BY m.budget_year DESC, m.month_number DESC
        LIMIT 1
    )
ORDER BY p.physical_deviation_pct
LIMIT 20;

-- id: Laporan keuangan OPD yang berbeda lebih dari 5 poin dari pembukuan SP2D
-- en: Agencies' financial reports that differ by more than 5 points from the treasury's books
SELECT p.budget_year, p.month_number, p.skpd_name, p.sub_activity_name, p.financial_pct, p.disbursed_pct
FROM published.progress AS p
WHERE abs(p.financial_difference_pct) > 5
ORDER BY abs(p.financial_difference_pct) DESC
LIMIT 20;
