-- Realisation by the treasury's report, by the accounting's, and by the documents themselves (SP2D without UP,
-- STS), up to each reported month. All three are kept; who differs is told by comparing, nobody is picked.
WITH document AS (
    SELECT p.budget_year, p.month_number, p.skpd_code, p.account_code, p.sp2d_amount AS amount
    FROM integrated.payment AS p
    WHERE p.sp2d_kind_code <> 'UP'
    UNION ALL
    SELECT r.budget_year, r.month_number, r.skpd_code, r.account_code, r.receipt_amount
    FROM integrated.revenue_document AS r
    WHERE r.receipt_kind_code = 'STS'
),
booked AS (
    SELECT d.budget_year, d.month_number, d.skpd_code, d.account_code, sum(d.amount) AS amount
    FROM document AS d
    GROUP BY d.budget_year, d.month_number, d.skpd_code, d.account_code
),
line AS (
    SELECT r.budget_year, r.skpd_code, r.account_code FROM integrated.realisation_report AS r
    UNION
    SELECT b.budget_year, b.skpd_code, b.account_code FROM booked AS b
),
counted AS (
    SELECT
        l.budget_year,
        m.month_number,
        l.skpd_code,
        l.account_code,
        coalesce(sum(b.amount), 0) AS document_amount
    FROM line AS l
    JOIN (
        SELECT DISTINCT r.budget_year, r.month_number FROM integrated.realisation_report AS r
    ) AS m ON m.budget_year = l.budget_year
    LEFT JOIN booked AS b
        ON b.budget_year = l.budget_year
        AND b.month_number <= m.month_number
        AND b.skpd_code = l.skpd_code
        AND b.account_code = l.account_code
    GROUP BY l.budget_year, m.month_number, l.skpd_code, l.account_code
),
compared AS (
    SELECT
        n.*,
        t.account_name AS treasury_name,
        c.account_name AS accounting_name,
        t.budget_amount AS treasury_budget_amount,
        c.budget_amount AS accounting_budget_amount,
        t.realisation_amount AS treasury_amount,
        c.realisation_amount AS accounting_amount,
        coalesce(t.realisation_amount, 0) - n.document_amount AS treasury_difference_amount,
        coalesce(c.realisation_amount, 0) - n.document_amount AS accounting_difference_amount,
        coalesce(t.realisation_amount, 0) - coalesce(c.realisation_amount, 0) AS report_difference_amount
    FROM counted AS n
    LEFT JOIN integrated.realisation_report AS t
        ON t.report_code = 'treasury'
        AND t.budget_year = n.budget_year
        AND t.month_number = n.month_number
        AND t.skpd_code = n.skpd_code
        AND t.account_code = n.account_code
    LEFT JOIN integrated.realisation_report AS c
        ON c.report_code = 'accounting'
        AND c.budget_year = n.budget_year
        AND c.month_number = n.month_number
        AND c.skpd_code = n.skpd_code
        AND c.account_code = n.account_code
    WHERE t.report_code IS NOT NULL OR c.report_code IS NOT NULL OR n.document_amount <> 0
)
SELECT
    d.budget_year,
    d.month_number,
    d.skpd_code,
    a.skpd_name,
    d.account_code,
    coalesce(k.account_name, d.treasury_name, d.accounting_name) AS account_name,
    CASE left(d.account_code, 1) WHEN '4' THEN 'revenue' ELSE 'expenditure' END AS account_kind_code,
    d.treasury_budget_amount::numeric(18, 2) AS treasury_budget_amount,
    d.accounting_budget_amount::numeric(18, 2) AS accounting_budget_amount,
    d.treasury_amount::numeric(18, 2) AS treasury_amount,
    d.accounting_amount::numeric(18, 2) AS accounting_amount,
    d.document_amount::numeric(18, 2) AS document_amount,
    d.treasury_difference_amount::numeric(18, 2) AS treasury_difference_amount,
    d.accounting_difference_amount::numeric(18, 2) AS accounting_difference_amount,
    d.report_difference_amount::numeric(18, 2) AS report_difference_amount,
    CASE
        WHEN d.treasury_difference_amount = 0 AND d.accounting_difference_amount = 0 THEN 'none'
        WHEN d.accounting_difference_amount = 0 THEN 'treasury'
        WHEN d.treasury_difference_amount = 0 THEN 'accounting'
        WHEN d.report_difference_amount = 0 THEN 'documents'
        ELSE 'all'
    END AS difference_code
FROM compared AS d
LEFT JOIN integrated.agency_code AS a ON a.skpd_code = d.skpd_code
LEFT JOIN integrated.account AS k ON k.account_code = d.account_code AND k.is_latest
