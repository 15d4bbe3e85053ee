-- Applications and permits by kelurahan. Applicants write kelurahan names in many ways: what can't be told
-- stands under the city's own code, and in integrated.place_finding.
WITH located AS (
    SELECT
        a.kecamatan_code,
        a.kecamatan_name,
        coalesce(a.kelurahan_code, '61.71') AS kelurahan_code,
        coalesce(a.kelurahan_name, 'Tidak dikenali') AS kelurahan_name,
        p.service_code,
        date_part('year', p.applied_date)::bigint AS application_year,
        p.permit_status_code,
        p.retribution_amount
    FROM current.perizinan__permits AS p
    LEFT JOIN integrated.permit_place AS a ON a.permit_id = p.permit_id
)
SELECT
    l.kecamatan_code,
    l.kecamatan_name,
    l.kelurahan_code,
    l.kelurahan_name,
    l.service_code,
    v.service_name,
    l.application_year,
    count(*) AS application_count,
    count(*) FILTER (WHERE l.permit_status_code = 'TERBIT') AS issued_count,
    count(*) FILTER (WHERE l.permit_status_code = 'DITOLAK') AS rejected_count,
    count(*) FILTER (WHERE l.permit_status_code = 'DICABUT') AS revoked_count,
    count(*) FILTER (WHERE l.permit_status_code IN ('DIAJUKAN', 'DIPROSES')) AS pending_count,
    coalesce(sum(l.retribution_amount), 0)::numeric(18, 2) AS retribution_amount
FROM located AS l
LEFT JOIN current.perizinan__services AS v ON v.service_code = l.service_code
GROUP BY
    l.kecamatan_code, l.kecamatan_name, l.kelurahan_code, l.kelurahan_name,
    l.service_code, v.service_name, l.application_year
