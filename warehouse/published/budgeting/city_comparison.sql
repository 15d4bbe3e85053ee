-- The city's budget beside those of all other cities (Kota), account by account, with its rank and the median.
-- Names come from the workbook, amounts from the long form made of it; which city is ours, from the region's
-- code in the Ministry of Finance.
WITH government AS (
    SELECT g.government_code, min(g.government_name) AS government_name
    FROM current.djpk__government_budgets AS g
    GROUP BY g.government_code
),
account AS (
    SELECT
        a.account_code,
        min(btrim(regexp_replace(a.account_name, '^[0-9]+\.\s*', ''))) AS account_name,
        min(btrim(regexp_replace(a.account_group_name, '^[0-9]+\.\s*', ''))) AS account_group_name,
        min(btrim(regexp_replace(a.account_class_name, '^[0-9]+\.\s*', ''))) AS account_class_name
    FROM current.djpk__government_budgets AS a
    GROUP BY a.account_code
),
city AS (
    SELECT b.budget_year, b.government_code, g.government_name, b.account_code, b.budget_amount
    FROM current.djpk__budgets AS b
    JOIN government AS g ON g.government_code = b.government_code
    WHERE g.government_name LIKE 'Kota %'
),
median AS (
    SELECT
        c.budget_year,
        c.account_code,
        count(*) AS city_count,
        percentile_disc(0.5) WITHIN GROUP (ORDER BY c.budget_amount) AS median_amount
    FROM city AS c
    GROUP BY c.budget_year, c.account_code
),
own AS (
    SELECT o.code_value AS government_code
    FROM integrated.region_code AS o
    JOIN integrated.region AS r ON o.region_code = left(r.kelurahan_code, 5)
    WHERE o.code_system = 'kemenkeu'
    GROUP BY o.code_value
)
SELECT
    c.budget_year,
    c.account_code,
    coalesce(a.account_name, c.account_code) AS account_name,
    a.account_group_name,
    a.account_class_name,
    c.government_code,
    c.government_name,
    w.government_code IS NOT NULL AS is_own_city,
    c.budget_amount::numeric(18, 2) AS budget_amount,
    round(
        c.budget_amount * 100 / nullif(sum(c.budget_amount) OVER class_total, 0), 2
    )::numeric(9, 2) AS class_share_pct,
    rank() OVER (PARTITION BY c.budget_year, c.account_code ORDER BY c.budget_amount DESC) AS rank_number,
    m.city_count,
    m.median_amount::numeric(18, 2) AS median_amount,
    round(c.budget_amount * 100 / nullif(m.median_amount, 0), 2)::numeric(12, 2) AS of_median_pct
FROM city AS c
JOIN median AS m ON m.budget_year = c.budget_year AND m.account_code = c.account_code
LEFT JOIN account AS a ON a.account_code = c.account_code
LEFT JOIN own AS w ON w.government_code = c.government_code
WINDOW class_total AS (PARTITION BY c.budget_year, c.government_code, left(c.account_code, 1))
