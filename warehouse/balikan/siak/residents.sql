-- Kemendagri's code and name of the kelurahan that SIAK keeps as two numbers.
SELECT
    p.nik,
    r.kelurahan_code,
    r.kelurahan_name,
    r.kecamatan_name
FROM current.siak__residents AS p
LEFT JOIN integrated.region AS r
    ON r.district_code = p.district_code
    AND r.village_code = p.village_code
