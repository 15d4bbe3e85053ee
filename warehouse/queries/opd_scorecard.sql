-- id: Perangkat daerah dengan serapan terendah tahun ini
-- en: Agencies that have paid the least of their budget this year
SELECT o.skpd_name, o.pagu_amount, o.disbursed_pct, o.physical_pct, o.late_count,
    o.achieved_count || ' / ' || o.indicator_count AS indicators_achieved, o.answered_on_time_pct
FROM published.opd_scorecard AS o
WHERE o.year = (SELECT max(x.year) FROM published.opd_scorecard AS x WHERE x.pagu_amount IS NOT NULL)
ORDER BY o.disbursed_pct;
