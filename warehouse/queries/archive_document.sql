-- id: Arsip menurut media dan nasib akhir
-- en: Archive by medium and final disposal
SELECT a.medium_code, a.disposal_code, count(*) AS document_count, min(a.retention_until_date) AS first_until
FROM published.archive_document AS a
GROUP BY a.medium_code, a.disposal_code
ORDER BY a.medium_code, a.disposal_code;
