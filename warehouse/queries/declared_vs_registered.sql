-- id: Pernyataan yang tidak sesuai menurut tingkat
-- en: Declarations that differ, by severity
SELECT d.fact_name, d.severity_code, count(*) AS finding_count, sum(d.fine_amount) AS fine_amount
FROM published.declared_vs_registered AS d
WHERE d.outcome_code = 'differs'
GROUP BY d.fact_name, d.severity_code
ORDER BY d.fact_name, d.severity_code;
