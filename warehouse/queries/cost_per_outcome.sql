-- id: Biaya dan capaian per sasaran
-- en: Cost and achievement by outcome
SELECT
    plan_year, skpd_name, outcome_name, pagu_amount, disbursed_amount, indicator_count, achieved_count,
    mean_achievement_pct
FROM published.cost_per_outcome
WHERE outcome_code <> 'unstated'
ORDER BY plan_year, skpd_code, outcome_code;

-- id: Anggaran yang tidak menyebut sasaran
-- en: Budget that states no outcome
SELECT plan_year, skpd_code, skpd_name, sub_activity_count, pagu_amount, disbursed_amount
FROM published.cost_per_outcome
WHERE outcome_code = 'unstated'
ORDER BY pagu_amount DESC;
