-- The 29 kelurahan: one row each, with the numbers by which SIAK knows them.
-- Kemendagri's code is province.regency.district.village; SIAK keeps the last two as numbers.
SELECT
    r.region_code AS kelurahan_code,
    r.region_name AS kelurahan_name,
    r.kecamatan_code,
    r.kecamatan_name,
    r.bps_code,
    split_part(r.region_code, '.', 3)::bigint AS district_code,
    split_part(r.region_code, '.', 4)::bigint AS village_code
FROM current.reference__region AS r
WHERE r.region_level_code = 'kelurahan'
