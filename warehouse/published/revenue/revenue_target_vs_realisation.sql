-- Target and realisation per account and month, and both counted up from January. An account that was replaced
-- stands under its own code, beside the code in force today, so that years compare: hotels (4.1.01.06 until
-- 2023) are PBJT of hotels (4.1.01.19.03). `previous_year_amount` is of all accounts that make up today's.
WITH monthly AS (
    SELECT
        r.budget_year,
        r.account_code,
        r.account_name,
        r.month_number,
        r.target_amount,
        coalesce(r.realisation_amount, 0) AS realisation_amount,
        w.account_code AS conformed_account_code
    FROM current.pendapatan__revenue AS r
    JOIN integrated.account_written AS w ON w.written_code = r.account_code
),
running AS (
    SELECT
        m.*,
        sum(m.target_amount) OVER year_to_date AS cumulative_target_amount,
        sum(m.realisation_amount) OVER year_to_date AS cumulative_realisation_amount
    FROM monthly AS m
    WINDOW year_to_date AS (PARTITION BY m.budget_year, m.account_code ORDER BY m.month_number)
),
-- A month that an account does not report still has what came before it.
conformed AS (
    SELECT
        y.budget_year,
        y.conformed_account_code,
        n.month_number,
        sum(m.realisation_amount) AS cumulative_realisation_amount
    FROM (SELECT DISTINCT m.budget_year, m.conformed_account_code FROM monthly AS m) AS y
    CROSS JOIN generate_series(1, 12) AS n (month_number)
    JOIN monthly AS m
        ON m.budget_year = y.budget_year
        AND m.conformed_account_code = y.conformed_account_code
        AND m.month_number <= n.month_number
    GROUP BY y.budget_year, y.conformed_account_code, n.month_number
)
SELECT
    c.budget_year,
    c.account_code,
    c.account_name,
    c.month_number,
    c.target_amount::numeric(18, 2) AS target_amount,
    c.realisation_amount::numeric(18, 2) AS realisation_amount,
    round(c.realisation_amount * 100 / nullif(c.target_amount, 0), 2)::numeric(9, 2) AS realisation_pct,
    c.cumulative_target_amount::numeric(18, 2) AS cumulative_target_amount,
    c.cumulative_realisation_amount::numeric(18, 2) AS cumulative_realisation_amount,
    round(c.cumulative_realisation_amount * 100 / nullif(c.cumulative_target_amount, 0), 2)::numeric(9, 2)
        AS cumulative_realisation_pct,
    c.conformed_account_code,
    coalesce(a.account_name, c.account_name) AS conformed_account_name,
    array_to_string((string_to_array(c.conformed_account_code, '.'))[1:3], '.') AS revenue_kind_code,
    k.account_name AS revenue_kind_name,
    p.cumulative_realisation_amount::numeric(18, 2) AS previous_year_amount
FROM running AS c
LEFT JOIN integrated.account AS a ON a.account_code = c.conformed_account_code AND a.is_latest
LEFT JOIN integrated.account AS k
    ON k.account_code = array_to_string((string_to_array(c.conformed_account_code, '.'))[1:3], '.')
    AND k.is_latest
LEFT JOIN conformed AS p
    ON p.budget_year = c.budget_year - 1
    AND p.conformed_account_code = c.conformed_account_code
    AND p.month_number = c.month_number
