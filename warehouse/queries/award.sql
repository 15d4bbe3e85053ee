-- id: Penghargaan per tahun dan tingkat
-- en: Awards by year and level
SELECT a.award_year, a.award_level_code, count(*) AS award_count
FROM published.award AS a
GROUP BY a.award_year, a.award_level_code
ORDER BY a.award_year DESC, award_count DESC;
