-- Where each permit applies: the kelurahan that the applicant's words mean; without one where nobody can tell.
SELECT
    l.permit_id,
    r.kelurahan_code,
    r.kelurahan_name,
    r.kecamatan_code,
    r.kecamatan_name
FROM identity.perizinan__permits__location AS l
LEFT JOIN integrated.region AS r ON r.region_code = l.region_code
