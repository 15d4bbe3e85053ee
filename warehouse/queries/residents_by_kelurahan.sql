-- id: Penduduk menurut kelurahan (sel kecil tidak ditampilkan, jadi jumlahnya sekurang-kurangnya)
-- en: Residents by kelurahan (small cells are withheld, so these are at least so many)
SELECT r.kecamatan_name, r.kelurahan_name, sum(r.resident_count) AS resident_count
FROM published.residents_by_kelurahan AS r
GROUP BY r.kecamatan_name, r.kelurahan_name
ORDER BY resident_count DESC;
