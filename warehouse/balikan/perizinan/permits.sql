-- The kelurahan that the applicant's spelling means, by the list of spellings; none where nobody knows it.
SELECT
    p.permit_id,
    a.kelurahan_code,
    a.kelurahan_name,
    a.kecamatan_name
FROM current.perizinan__permits AS p
LEFT JOIN integrated.region_alias AS a
    ON a.alias_name = upper(btrim(regexp_replace(p.kelurahan_name, '\s+', ' ', 'g')))
