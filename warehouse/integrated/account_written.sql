-- Revenue and expenditure accounts as the treasury, the accounting and the revenue agency write them, and what
-- each is called today. A code that no list has goes the way of the nearest one above it.
WITH written AS (
    SELECT r.account_code FROM current.simda__receipts AS r
    UNION
    SELECT t.account_code FROM current.simda__lra AS t
    UNION
    SELECT a.account_code FROM current.akuntansi__lra AS a
    UNION
    SELECT p.account_code FROM current.pendapatan__revenue AS p
    UNION
    SELECT d.account_code FROM current.pajak__assessments AS d
)
SELECT DISTINCT ON (w.account_code)
    w.account_code AS written_code,
    coalesce(m.to_code, w.account_code) AS account_code
FROM written AS w
LEFT JOIN integrated.account_mapping AS m
    ON m.from_code = w.account_code OR starts_with(w.account_code, m.from_code || '.')
ORDER BY w.account_code, length(m.from_code) DESC NULLS LAST
