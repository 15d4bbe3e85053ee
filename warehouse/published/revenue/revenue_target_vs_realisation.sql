-- Target and realisation per account and month, and both counted up from January.
WITH monthly AS (
    SELECT
        r.budget_year,
        r.account_code,
        r.account_name,
        r.month_number,
        r.target_amount,
        coalesce(r.realisation_amount, 0) AS realisation_amount
    FROM current.pendapatan__revenue AS r
),
running AS (
    SELECT
        m.*,
        sum(m.target_amount) OVER year_to_date AS cumulative_target_amount,
        sum(m.realisation_amount) OVER year_to_date AS cumulative_realisation_amount
    FROM monthly AS m
    WINDOW year_to_date AS (PARTITION BY m.budget_year, m.account_code ORDER BY m.month_number)
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
        AS cumulative_realisation_pct
FROM running AS c
