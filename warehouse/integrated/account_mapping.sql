-- What stands for an account code that was replaced: one row per old code, the end of its successors. The
-- table states it of objects; what is below one goes the same way, so a finer old code finds a coarser new
-- one. No `to_code`: nothing is known to replace it. `valid_from` is the first year of the first successor.
WITH RECURSIVE code AS (
    SELECT a.account_code FROM current.reference__account_code AS a
    UNION
    SELECT m.from_code FROM current.reference__account_mapping AS m
    UNION
    SELECT m.to_code FROM current.reference__account_mapping AS m WHERE m.to_code IS NOT NULL
),
stated AS (
    SELECT DISTINCT ON (c.account_code)
        c.account_code AS from_code,
        m.to_code,
        m.from_code AS stated_code,
        m.mapping_kind_code,
        m.first_budget_year,
        m.is_verified
    FROM code AS c
    JOIN current.reference__account_mapping AS m
        ON m.from_code = c.account_code OR starts_with(c.account_code, m.from_code || '.')
    ORDER BY c.account_code, length(m.from_code) DESC
),
step AS (
    SELECT s.*, ARRAY[s.from_code, s.to_code] AS path FROM stated AS s
    UNION ALL
    SELECT
        s.from_code,
        n.to_code,
        s.stated_code,
        s.mapping_kind_code,
        s.first_budget_year,
        s.is_verified AND n.is_verified,
        s.path || n.to_code
    FROM step AS s
    JOIN stated AS n ON n.from_code = s.to_code
    WHERE n.to_code IS NULL OR n.to_code <> ALL (s.path)
)
SELECT DISTINCT ON (s.from_code)
    s.from_code,
    s.to_code,
    s.stated_code,
    s.mapping_kind_code,
    make_date(s.first_budget_year::integer, 1, 1) AS valid_from,
    s.is_verified
FROM step AS s
ORDER BY s.from_code, cardinality(s.path) DESC
