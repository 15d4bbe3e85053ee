-- Residents by kelurahan, five-year age band and sex; cells below 5 are withheld, so that nobody is
-- recognised. Every cell is listed, or a missing one would tell that nobody lives there. A kelurahan's total is
-- known from elsewhere, so further cells of it are withheld, the smallest first, until those withheld are two
-- or more and hold at least 5 people.
WITH resident AS (
    SELECT
        p.district_code,
        p.village_code,
        p.sex_code,
        least(greatest(date_part('year', age(:as_of_date, p.birth_date))::bigint, 0) / 5, 15) AS band
    FROM current.siak__residents AS p
),
counted AS (
    SELECT c.district_code, c.village_code, c.sex_code, c.band, count(*) AS resident_count
    FROM resident AS c
    GROUP BY c.district_code, c.village_code, c.sex_code, c.band
),
cell AS (
    SELECT r.*, b.band, s.sex_code
    FROM integrated.region AS r
    CROSS JOIN generate_series(0, 15) AS b (band)
    CROSS JOIN (VALUES ('1'), ('2')) AS s (sex_code)
    WHERE r.region_level_code = 'kelurahan'
),
filled AS (
    SELECT l.*, coalesce(n.resident_count, 0) AS resident_count
    FROM cell AS l
    LEFT JOIN counted AS n
        ON n.district_code = l.district_code
        AND n.village_code = l.village_code
        AND n.sex_code = l.sex_code
        AND n.band = l.band
),
ranked AS (
    SELECT
        f.*,
        row_number() OVER line AS place,
        sum(f.resident_count) OVER line - f.resident_count AS smaller_count,
        min(f.resident_count) OVER (PARTITION BY f.region_code) < 5 AS has_small
    FROM filled AS f
    WINDOW line AS (PARTITION BY f.region_code ORDER BY f.resident_count, f.band, f.sex_code)
),
judged AS (
    SELECT r.*, r.has_small AND (r.resident_count < 5 OR r.place <= 2 OR r.smaller_count < 5) AS is_suppressed
    FROM ranked AS r
)
SELECT
    l.kecamatan_code,
    l.kecamatan_name,
    l.kelurahan_code,
    l.kelurahan_name,
    CASE WHEN l.band = 15 THEN '75+'
        ELSE lpad((l.band * 5)::text, 2, '0') || '-' || lpad((l.band * 5 + 4)::text, 2, '0')
    END AS age_band,
    l.sex_code,
    CASE WHEN NOT l.is_suppressed THEN l.resident_count END AS resident_count,
    l.is_suppressed
FROM judged AS l
