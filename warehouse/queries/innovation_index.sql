-- id: Indeks inovasi kota per tahun
-- en: Innovation index of the city by year
SELECT i.score_year, i.score, i.class_code, i.indicator_count AS innovation_count
FROM published.innovation_index AS i
WHERE i.level_code = 'kota'
ORDER BY i.score_year;

-- id: Inovasi dengan skor tertinggi
-- en: Innovations with the highest scores
SELECT i.score_year, i.innovation_name, i.skpd_name, i.score, i.class_code
FROM published.innovation_index AS i
WHERE i.level_code = 'inovasi' AND i.is_complete
ORDER BY i.score DESC
LIMIT 20;
