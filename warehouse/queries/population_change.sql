-- id: Kelahiran, kematian, dan perpindahan seluruh kota per tahun (bulan yang disembunyikan tidak dihitung)
-- en: Births, deaths and moves of the whole city by year (withheld months are not counted)
SELECT c.year, sum(c.birth_count) AS birth_count, sum(c.death_count) AS death_count,
    sum(c.moved_in_count) AS moved_in_count, sum(c.moved_out_count) AS moved_out_count
FROM published.population_change AS c
WHERE c.region_level_code = 'kota'
GROUP BY c.year
ORDER BY c.year;
