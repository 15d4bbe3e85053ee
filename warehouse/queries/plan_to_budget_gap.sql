-- id: Yang direncanakan tetapi tidak dianggarkan, dan yang dianggarkan tanpa rencana
-- en: Planned and not budgeted, and budgeted without a plan
SELECT plan_year, skpd_name, sub_activity_code, sub_activity_name, gap_code, indicative_pagu_amount, pagu_amount
FROM published.plan_to_budget_gap
WHERE gap_code <> 'none'
ORDER BY plan_year, skpd_code, sub_activity_code;

-- id: Jumlah tiap tahap per tahun
-- en: Totals of each step by year
SELECT
    plan_year, sum(indicative_pagu_amount) AS indicative_pagu_amount, sum(ceiling_amount) AS ceiling_amount,
    sum(initial_pagu_amount) AS initial_pagu_amount, sum(pagu_amount) AS pagu_amount
FROM published.plan_to_budget_gap
GROUP BY plan_year
ORDER BY plan_year;
