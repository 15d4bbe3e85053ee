-- From plan to budget, step by step: every sub-activity that any of RKPD, KUA-PPAS and budget has, in the years
-- of all three. What one of them leaves out has no amount there, and `gap_code` says which.
WITH listed AS (
    SELECT r.plan_year, r.skpd_code, r.sub_activity_code FROM integrated.rkpd_line AS r
    UNION
    SELECT k.plan_year, k.skpd_code, k.sub_activity_code FROM integrated.kua_ppas_line AS k
    UNION
    SELECT b.budget_year, b.skpd_code, b.sub_activity_code FROM integrated.sub_activity_budget AS b
)
SELECT
    l.plan_year,
    l.skpd_code,
    a.skpd_name,
    l.sub_activity_code,
    coalesce(s.sub_activity_name, r.sub_activity_name) AS sub_activity_name,
    r.indicative_pagu_amount::numeric(18, 2) AS indicative_pagu_amount,
    k.ceiling_amount::numeric(18, 2) AS ceiling_amount,
    b.initial_pagu_amount::numeric(18, 2) AS initial_pagu_amount,
    b.pagu_amount::numeric(18, 2) AS pagu_amount,
    (k.ceiling_amount - r.indicative_pagu_amount)::numeric(18, 2) AS plan_to_ceiling_amount,
    (b.initial_pagu_amount - k.ceiling_amount)::numeric(18, 2) AS ceiling_to_budget_amount,
    (b.pagu_amount - b.initial_pagu_amount)::numeric(18, 2) AS budget_change_amount,
    r.plan_year IS NOT NULL AS is_in_rkpd,
    k.plan_year IS NOT NULL AS is_in_kua_ppas,
    b.budget_year IS NOT NULL AS is_budgeted,
    CASE
        WHEN r.plan_year IS NULL AND k.plan_year IS NULL THEN 'budget_only'
        WHEN r.plan_year IS NULL AND b.budget_year IS NULL THEN 'kua_ppas_only'
        WHEN k.plan_year IS NULL AND b.budget_year IS NULL THEN 'rkpd_only'
        WHEN r.plan_year IS NULL THEN 'not_in_rkpd'
        WHEN k.plan_year IS NULL THEN 'not_in_kua_ppas'
        WHEN b.budget_year IS NULL THEN 'not_budgeted'
        ELSE 'none'
    END AS gap_code
FROM listed AS l
LEFT JOIN integrated.rkpd_line AS r
    ON r.plan_year = l.plan_year AND r.skpd_code = l.skpd_code AND r.sub_activity_code = l.sub_activity_code
LEFT JOIN integrated.kua_ppas_line AS k
    ON k.plan_year = l.plan_year AND k.skpd_code = l.skpd_code AND k.sub_activity_code = l.sub_activity_code
LEFT JOIN integrated.sub_activity_budget AS b
    ON b.budget_year = l.plan_year AND b.skpd_code = l.skpd_code AND b.sub_activity_code = l.sub_activity_code
LEFT JOIN integrated.agency_code AS a ON a.skpd_code = l.skpd_code
LEFT JOIN integrated.conformed_sub_activity AS s ON s.sub_activity_code = l.sub_activity_code
