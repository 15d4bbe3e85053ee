-- id: Pohon rencana satu tahun, dari misi sampai sub kegiatan
-- en: The plan's tree of one year, from mission to sub-activity
SELECT
    mission_name, goal_name, city_outcome_name, outcome_name, program_name, activity_name, sub_activity_name,
    skpd_name, indicative_pagu_amount
FROM published.plan_line
WHERE plan_year = (SELECT max(plan_year) FROM published.plan_line)
ORDER BY mission_code, goal_code, city_outcome_code, outcome_code, program_code, sub_activity_code;

-- id: Pagu indikatif per misi dan tahun
-- en: Indicative ceilings by mission and year
SELECT plan_year, mission_code, mission_name, sum(indicative_pagu_amount) AS indicative_pagu_amount
FROM published.plan_line
GROUP BY plan_year, mission_code, mission_name
ORDER BY plan_year, mission_code;

-- id: Sub kegiatan yang pagunya naik paling banyak dari tahun lalu
-- en: Sub-activities whose ceilings rose most since the year before
SELECT plan_year, skpd_name, sub_activity_name, previous_indicative_pagu_amount, indicative_pagu_amount
FROM published.plan_line
WHERE indicative_pagu_amount > previous_indicative_pagu_amount
ORDER BY indicative_pagu_amount - previous_indicative_pagu_amount DESC
LIMIT 20;
