-- id: Rumah tangga menurut ukuran, seluruh kota
-- en: Households by size, the whole city
SELECT h.household_size_code, h.household_count
FROM published.households_by_kelurahan AS h
WHERE h.region_level_code = 'kota'
ORDER BY h.household_size_code;

-- id: Kelurahan dengan rumah tangga terbanyak
-- en: Kelurahan with most households
SELECT h.region_name, h.household_count
FROM published.households_by_kelurahan AS h
WHERE h.region_level_code = 'kelurahan' AND h.household_size_code = 'all'
ORDER BY h.household_count DESC NULLS LAST;
