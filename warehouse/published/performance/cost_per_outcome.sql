-- What each outcome of an agency cost and what it brought: the money of all sub-activities that are for it, and
-- how its indicators stand at the furthest reported period. Money that no outcome is stated for is listed as
-- `unstated`, so that the sums are those of the whole budget.
WITH money AS (
    SELECT
        p.plan_year,
        p.skpd_code,
        min(p.skpd_name) AS skpd_name,
        coalesce(p.outcome_code, 'unstated') AS outcome_code,
        min(p.outcome_name) AS outcome_name,
        min(p.city_outcome_code) AS city_outcome_code,
        min(p.mission_code) AS mission_code,
        count(*) AS sub_activity_count,
        coalesce(sum(p.indicative_pagu_amount), 0) AS indicative_pagu_amount,
        coalesce(sum(p.initial_pagu_amount), 0) AS initial_pagu_amount,
        coalesce(sum(p.pagu_amount), 0) AS pagu_amount,
        sum(p.disbursed_amount) AS disbursed_amount
    FROM published.plan_to_result AS p
    GROUP BY p.plan_year, p.skpd_code, coalesce(p.outcome_code, 'unstated')
),
reached AS (
    SELECT
        c.plan_year,
        c.outcome_code,
        count(*) AS indicator_count,
        count(*) FILTER (WHERE c.state_code = 'reported') AS measured_count,
        count(*) FILTER (WHERE c.is_achieved) AS achieved_count,
        avg(c.achievement_pct) AS mean_achievement_pct
    FROM published.indicator_achievement AS c
    WHERE c.is_latest
    GROUP BY c.plan_year, c.outcome_code
)
SELECT
    m.plan_year,
    m.skpd_code,
    m.skpd_name,
    m.outcome_code,
    m.outcome_name,
    m.city_outcome_code,
    m.mission_code,
    m.sub_activity_count,
    m.indicative_pagu_amount::numeric(18, 2) AS indicative_pagu_amount,
    m.initial_pagu_amount::numeric(18, 2) AS initial_pagu_amount,
    m.pagu_amount::numeric(18, 2) AS pagu_amount,
    m.disbursed_amount::numeric(18, 2) AS disbursed_amount,
    round(m.disbursed_amount * 100 / nullif(m.pagu_amount, 0), 2)::numeric(9, 2) AS disbursed_pct,
    coalesce(r.indicator_count, 0) AS indicator_count,
    coalesce(r.measured_count, 0) AS measured_count,
    coalesce(r.achieved_count, 0) AS achieved_count,
    round(r.mean_achievement_pct, 2)::numeric(9, 2) AS mean_achievement_pct
FROM money AS m
LEFT JOIN reached AS r ON r.plan_year = m.plan_year AND r.outcome_code = m.outcome_code
