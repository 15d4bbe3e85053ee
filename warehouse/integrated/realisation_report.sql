-- What the two reports of realisation (LRA) say, the treasury's and the accounting's: one row per report, year,
-- month, agency and account. By the agency of today; accounts as they are called today.
WITH told AS (
    SELECT
        'treasury' AS report_code,
        t.budget_year,
        t.month_number,
        coalesce(k.skpd_code, t.skpd_code) AS skpd_code,
        t.account_code,
        t.account_name,
        t.budget_amount,
        t.realisation_amount
    FROM current.simda__lra AS t
    LEFT JOIN identity.simda__lra__agency AS a
        ON a.budget_year = t.budget_year
        AND a.month_number = t.month_number
        AND a.skpd_code = t.skpd_code
        AND a.account_code = t.account_code
    LEFT JOIN integrated.agency AS k ON k.organisation_id = a.organisation_id
    UNION ALL
    SELECT
        'accounting',
        c.budget_year,
        c.month_number,
        coalesce(k.skpd_code, c.skpd_code),
        c.account_code,
        c.account_name,
        c.budget_amount,
        c.realisation_amount
    FROM current.akuntansi__lra AS c
    LEFT JOIN identity.akuntansi__lra__agency AS a
        ON a.budget_year = c.budget_year
        AND a.month_number = c.month_number
        AND a.skpd_code = c.skpd_code
        AND a.account_code = c.account_code
    LEFT JOIN integrated.agency AS k ON k.organisation_id = a.organisation_id
)
SELECT
    t.report_code,
    t.budget_year,
    t.month_number,
    t.skpd_code,
    m.account_code,
    min(t.account_name) AS account_name,
    sum(t.budget_amount) AS budget_amount,
    sum(t.realisation_amount) AS realisation_amount
FROM told AS t
JOIN integrated.account_written AS m ON m.written_code = t.account_code
GROUP BY t.report_code, t.budget_year, t.month_number, t.skpd_code, m.account_code
