-- Budget lines of SIPD in both versions: the original budget and the one after shifts and the amended budget.
-- A line of one version only has 0 in the other.
SELECT
    b.budget_year,
    v.version_code,
    b.sbl_code,
    b.written_account_code,
    b.skpd_code,
    a.skpd_name,
    b.sub_activity_code,
    s.sub_activity_name,
    b.account_code,
    b.account_name,
    b.fund_name,
    b.kelurahan_code,
    b.kelurahan_name,
    v.budget_amount::numeric(18, 2) AS budget_amount
FROM integrated.agency_budget_line AS b
CROSS JOIN LATERAL (
    VALUES ('murni', b.initial_pagu_amount), ('perubahan', b.pagu_amount)
) AS v (version_code, budget_amount)
LEFT JOIN integrated.agency_code AS a ON a.skpd_code = b.skpd_code
LEFT JOIN integrated.conformed_sub_activity AS s ON s.sub_activity_code = b.sub_activity_code
