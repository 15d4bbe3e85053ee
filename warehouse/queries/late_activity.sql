-- id: Jumlah dan sisa pagu sub kegiatan terlambat per OPD, tahun berjalan
-- en: Number and remaining budget of late sub-activities by agency, this year
SELECT l.skpd_name, l.alarm_code, count(*) AS activity_count, sum(l.remaining_amount) AS remaining_amount
FROM published.late_activity AS l
WHERE l.budget_year = (SELECT max(budget_year) FROM published.late_activity)
GROUP BY l.skpd_name, l.alarm_code
ORDER BY activity_count DESC;

-- id: Sub kegiatan kritis yang paling lama terlambat
-- en: Critical sub-activities that have been late for longest
SELECT l.skpd_name, l.sub_activity_name, l.late_since_month_number, l.physical_deviation_pct, l.needed_monthly_pct, l.remark
FROM published.late_activity AS l
WHERE l.alarm_code = 'critical'
    AND l.budget_year = (SELECT max(budget_year) FROM published.late_activity)
ORDER BY l.late_since_month_number, l.physical_deviation_pct
LIMIT 20;
