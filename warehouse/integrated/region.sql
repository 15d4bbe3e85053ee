-- The regions of the day: one row each, of every level. The columns of a kelurahan or kecamatan are empty for
-- what is none. Kemendagri's code is province.regency.district.village; SIAK keeps the last two as numbers.
WITH region AS (
    SELECT v.*
    FROM integrated.region_version AS v
    WHERE v.valid_from <= :as_of_date AND v.valid_to > :as_of_date
)
SELECT
    r.region_code,
    r.region_level_code,
    r.region_name,
    r.parent_code,
    CASE WHEN r.region_level_code = 'kelurahan' THEN r.region_code END AS kelurahan_code,
    CASE WHEN r.region_level_code = 'kelurahan' THEN r.region_name END AS kelurahan_name,
    k.region_code AS kecamatan_code,
    k.region_name AS kecamatan_name,
    CASE WHEN r.region_level_code = 'kelurahan' THEN split_part(r.region_code, '.', 3)::bigint END
        AS district_code,
    CASE WHEN r.region_level_code = 'kelurahan' THEN split_part(r.region_code, '.', 4)::bigint END
        AS village_code,
    r.valid_from,
    r.valid_to
FROM region AS r
LEFT JOIN region AS k
    ON k.region_level_code = 'kecamatan'
    AND k.region_code IN (r.region_code, r.parent_code)
