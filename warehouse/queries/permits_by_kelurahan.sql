-- id: Izin terbit menurut layanan dan tahun
-- en: Permits issued by service and year
SELECT p.service_name, p.application_year, sum(p.issued_count) AS issued_count
FROM published.permits_by_kelurahan AS p
GROUP BY p.service_name, p.application_year
ORDER BY p.service_name, p.application_year;
