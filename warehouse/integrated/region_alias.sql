-- Every spelling of a kelurahan's name that is in use, with the kelurahan it means.
SELECT
    a.alias_name,
    r.kelurahan_code,
    r.kelurahan_name,
    r.kecamatan_code,
    r.kecamatan_name
FROM current.reference__region_alias AS a
JOIN integrated.region AS r ON r.kelurahan_code = a.region_code
