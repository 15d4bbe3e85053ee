-- id: Langkah yang melampaui standar menurut perangkat daerah
-- en: Steps beyond the standard by agency
SELECT
    s.skpd_name,
    s.step_name,
    count(*) AS step_count,
    count(*) FILTER (WHERE s.is_late) AS late_count,
    round(avg(s.office_days), 2) AS mean_office_days
FROM published.permit_process AS s
WHERE s.office_days IS NOT NULL
GROUP BY s.skpd_name, s.step_name
ORDER BY late_count DESC, s.skpd_name, s.step_name;
-- id: Lama proses izin menurut jenis
-- en: Office days from application to issue by kind
SELECT
    p.permit_kind_name,
    count(*) AS application_count,
    round(avg(p.application_days), 2) AS mean_office_days,
    count(*) FILTER (WHERE p.is_application_late) AS late_count
FROM published.permit_process AS p
WHERE p.step_number = 1 AND p.application_days IS NOT NULL
GROUP BY p.permit_kind_name
ORDER BY mean_office_days DESC;
