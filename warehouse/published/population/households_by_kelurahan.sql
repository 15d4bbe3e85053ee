-- Households by kelurahan and number of members, with the totals of both. Counts below 5 are withheld, and
-- with one all sizes of its kelurahan. So that totals don't tell them, further kelurahan, the smallest first,
-- are withheld until two or more are and each size has at least 5 households among them; in the same way
-- withheld totals hide each other.
WITH household AS (
    SELECT
        h.household_id,
        r.kelurahan_code,
        least(count(*), 6) AS size_class
    FROM integrated.household_member AS m
    JOIN integrated.household AS h
        ON h.household_id = m.household_id
        AND h.recorded_to = 'infinity' AND h.valid_from <= :as_of_date AND h.valid_to > :as_of_date
    JOIN integrated.region AS r
        ON r.region_code = h.kelurahan_code AND r.region_level_code = 'kelurahan'
    WHERE m.recorded_to = 'infinity' AND m.valid_from <= :as_of_date AND m.valid_to > :as_of_date
    GROUP BY h.household_id, r.kelurahan_code
),
cell AS (
    SELECT r.kelurahan_code, s.size_class, count(h.household_id) AS household_count
    FROM integrated.region AS r
    CROSS JOIN generate_series(1::bigint, 6::bigint) AS s (size_class)
    LEFT JOIN household AS h ON h.kelurahan_code = r.kelurahan_code AND h.size_class = s.size_class
    WHERE r.region_level_code = 'kelurahan'
    GROUP BY r.kelurahan_code, s.size_class
),
total AS (
    SELECT c.kelurahan_code, NULL::bigint AS size_class, sum(c.household_count) AS household_count, 1 AS line,
        min(c.household_count) AS smallest_count
    FROM cell AS c
    GROUP BY c.kelurahan_code
    UNION ALL
    SELECT NULL, c.size_class, sum(c.household_count), 2, 5
    FROM cell AS c
    GROUP BY c.size_class
),
ranked AS (
    SELECT
        t.*,
        row_number() OVER w AS place,
        sum(t.household_count) OVER w - t.household_count AS smaller_count,
        min(t.household_count) OVER (PARTITION BY t.line) < 5 AS has_small
    FROM total AS t
    WINDOW w AS (PARTITION BY t.line ORDER BY t.household_count, t.kelurahan_code, t.size_class)
),
judged AS (
    SELECT
        r.*,
        r.has_small AND (r.household_count < 5 OR r.place <= 2 OR r.smaller_count < 5) AS is_withheld
    FROM ranked AS r
),
-- Kelurahan in the order in which their sizes are withheld, the withheld totals and small counts first.
ordered AS (
    SELECT
        j.kelurahan_code,
        j.is_withheld OR j.smallest_count < 5 AS has_small,
        row_number() OVER (
            ORDER BY j.is_withheld OR j.smallest_count < 5 DESC, j.household_count, j.kelurahan_code
        ) AS place
    FROM judged AS j
    WHERE j.line = 1
),
filled AS (
    SELECT
        o.kelurahan_code,
        o.has_small,
        o.place,
        bool_or(o.has_small) OVER () AS is_needed,
        sum(c.household_count) OVER (PARTITION BY c.size_class ORDER BY o.place) - c.household_count AS before_count
    FROM ordered AS o
    JOIN cell AS c ON c.kelurahan_code = o.kelurahan_code
),
withheld AS (
    SELECT
        f.kelurahan_code,
        bool_or(f.is_needed AND (f.has_small OR f.place <= 2 OR f.before_count < 5)) AS is_withheld
    FROM filled AS f
    GROUP BY f.kelurahan_code
),
shown AS (
    SELECT c.kelurahan_code, c.size_class, c.household_count, w.is_withheld
    FROM cell AS c
    JOIN withheld AS w ON w.kelurahan_code = c.kelurahan_code
    UNION ALL
    SELECT j.kelurahan_code, j.size_class, j.household_count, j.is_withheld FROM judged AS j
    UNION ALL
    SELECT NULL, NULL, sum(c.household_count), sum(c.household_count) < 5 FROM cell AS c
)
SELECT
    coalesce(s.kelurahan_code, '61.71') AS region_code,
    CASE WHEN s.kelurahan_code IS NULL THEN 'kota' ELSE 'kelurahan' END AS region_level_code,
    coalesce(r.region_name, 'Kota Pontianak') AS region_name,
    CASE WHEN s.size_class IS NULL THEN 'all' WHEN s.size_class = 6 THEN '6+' ELSE s.size_class::text END
        AS household_size_code,
    CASE WHEN NOT s.is_withheld THEN s.household_count END::bigint AS household_count,
    s.is_withheld AS is_suppressed
FROM shown AS s
LEFT JOIN integrated.region AS r ON r.region_code = s.kelurahan_code
