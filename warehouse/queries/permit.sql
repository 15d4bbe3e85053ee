-- id: Izin menurut jenis dan status
-- en: Permits by kind and status
SELECT p.permit_kind_name, p.permit_status_code, count(*) AS permit_count
FROM published.permit AS p
GROUP BY p.permit_kind_name, p.permit_status_code
ORDER BY p.permit_kind_name, p.permit_status_code;
-- id: Usaha dengan izin terbanyak
-- en: Businesses with the most permits
SELECT p.business_id, min(p.business_name) AS business_name, count(*) AS permit_count
FROM published.permit AS p
WHERE p.business_id IS NOT NULL
GROUP BY p.business_id
ORDER BY permit_count DESC, p.business_id
LIMIT 20;
