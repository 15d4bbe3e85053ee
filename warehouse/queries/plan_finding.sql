-- id: Temuan per SKPD, untuk diperbaiki
-- en: Findings by agency, to be put right
SELECT finding_code, skpd_code, plan_year, object_code, detail
FROM published.plan_finding
ORDER BY finding_code, skpd_code, plan_year, object_code;

-- id: Jumlah temuan per jenis
-- en: Findings by kind
SELECT finding_code, count(*) AS finding_count
FROM published.plan_finding
GROUP BY finding_code
ORDER BY finding_code;
