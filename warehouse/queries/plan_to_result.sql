-- id: Apa yang direncanakan, dianggarkan, dibayar, dibangun, dan dicapai tahun ini, per sub kegiatan
-- en: What was planned, funded, paid, built and achieved this year, by sub-activity
SELECT
    skpd_name, sub_activity_name, indicative_pagu_amount, ceiling_amount, initial_pagu_amount, pagu_amount,
    planned_cash_amount, disbursed_amount, disbursed_pct, physical_pct, outcome_name, indicator_name, target_text, realisation_text,
    achievement_pct
FROM published.plan_to_result
WHERE plan_year = (SELECT max(plan_year) FROM published.plan_to_result)
ORDER BY skpd_name, sub_activity_code;

-- id: Rekap per SKPD dan tahun: rencana, anggaran, pencairan
-- en: By agency and year: plan, budget, payments
SELECT
    plan_year, skpd_code, skpd_name, sum(indicative_pagu_amount) AS indicative_pagu_amount,
    sum(pagu_amount) AS pagu_amount, sum(disbursed_amount) AS disbursed_amount,
    round(sum(disbursed_amount) * 100 / nullif(sum(pagu_amount), 0), 2) AS disbursed_pct
FROM published.plan_to_result
GROUP BY plan_year, skpd_code, skpd_name
ORDER BY plan_year, skpd_code;

-- id: Uang terserap tetapi fisik tertinggal lebih dari 10 poin
-- en: Money spent while physical progress is more than 10 points behind
SELECT plan_year, skpd_name, sub_activity_name, disbursed_pct, physical_pct
FROM published.plan_to_result
WHERE disbursed_pct - physical_pct > 10
ORDER BY disbursed_pct - physical_pct DESC;
