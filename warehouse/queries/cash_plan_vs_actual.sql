-- id: Pencairan dibanding rencana kas per OPD sampai bulan terakhir
-- en: Payments against the cash plan by agency, up to the last month
SELECT
    c.skpd_name,
    sum(c.planned_amount) AS planned_amount,
    sum(c.paid_amount) AS paid_amount,
    round(sum(c.paid_amount) * 100 / nullif(sum(c.planned_amount), 0), 2) AS paid_pct
FROM published.cash_plan_vs_actual AS c
WHERE c.budget_year = (SELECT max(budget_year) FROM published.cash_plan_vs_actual) AND c.has_begun
GROUP BY c.skpd_name
ORDER BY paid_pct;

-- id: Sub kegiatan yang rencana kasnya tidak sama dengan pagu
-- en: Sub-activities whose cash plan is not their budget
SELECT c.budget_year, c.skpd_name, c.sub_activity_name, c.year_planned_amount, c.pagu_amount, c.plan_difference_amount
FROM published.cash_plan_vs_actual AS c
WHERE c.month_number = 12 AND c.plan_difference_amount <> 0
ORDER BY abs(c.plan_difference_amount) DESC;
