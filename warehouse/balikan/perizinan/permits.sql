-- The kelurahan that the applicant's spelling means; none where nobody can tell.
SELECT
    p.permit_id,
    a.kelurahan_code,
    a.kelurahan_name,
    a.kecamatan_name
FROM current.perizinan__permits AS p
LEFT JOIN integrated.permit_place AS a ON a.permit_id = p.permit_id
