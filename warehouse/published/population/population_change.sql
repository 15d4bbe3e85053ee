-- Births, deaths, moves in and out by kelurahan and month, and of the whole city (`kota`). Counts below 5 are
-- withheld. Since the city's count is shown, so are further ones, the smallest first, until those withheld of
-- a month are two or more and together at least 5: what is left after subtraction then tells nobody's count.
WITH month AS (
    SELECT g.at::date AS month_date
    FROM generate_series(timestamp '2023-01-01', :as_of_date::timestamp, interval '1 month') AS g (at)
),
counted AS (
    SELECT
        e.kelurahan_code,
        date_trunc('month', e.event_date)::date AS month_date,
        e.kind_code,
        count(*) AS event_count
    FROM integrated.population_event AS e
    WHERE e.event_date >= DATE '2023-01-01' AND e.event_date <= :as_of_date
    GROUP BY 1, 2, 3
),
cell AS (
    SELECT
        r.kelurahan_code,
        m.month_date,
        k.kind_code,
        coalesce(c.event_count, 0) AS event_count
    FROM integrated.region AS r
    CROSS JOIN month AS m
    CROSS JOIN (VALUES ('birth'), ('death'), ('moved_in'), ('moved_out')) AS k (kind_code)
    LEFT JOIN counted AS c
        ON c.kelurahan_code = r.kelurahan_code AND c.month_date = m.month_date AND c.kind_code = k.kind_code
    WHERE r.region_level_code = 'kelurahan'
),
ranked AS (
    SELECT
        c.*,
        row_number() OVER line AS place,
        sum(c.event_count) OVER line - c.event_count AS smaller_count,
        min(c.event_count) OVER (PARTITION BY c.month_date, c.kind_code) AS smallest_count
    FROM cell AS c
    WINDOW line AS (PARTITION BY c.month_date, c.kind_code ORDER BY c.event_count, c.kelurahan_code)
),
shown AS (
    SELECT
        r.kelurahan_code,
        'kelurahan' AS region_level_code,
        r.month_date,
        r.kind_code,
        CASE
            WHEN r.smallest_count >= 5 THEN r.event_count
            WHEN r.event_count >= 5 AND r.place > 2 AND r.smaller_count >= 5 THEN r.event_count
        END AS event_count
    FROM ranked AS r
    UNION ALL
    SELECT '61.71', 'kota', m.month_date, k.kind_code, CASE WHEN sum(c.event_count) >= 5 THEN sum(c.event_count) END
    FROM month AS m
    CROSS JOIN (VALUES ('birth'), ('death'), ('moved_in'), ('moved_out')) AS k (kind_code)
    LEFT JOIN counted AS c ON c.month_date = m.month_date AND c.kind_code = k.kind_code
    GROUP BY m.month_date, k.kind_code
)
SELECT
    date_part('year', s.month_date)::bigint AS year,
    date_part('month', s.month_date)::bigint AS month_number,
    s.kelurahan_code AS region_code,
    s.region_level_code,
    coalesce(r.region_name, 'Kota Pontianak') AS region_name,
    max(s.event_count) FILTER (WHERE s.kind_code = 'birth')::bigint AS birth_count,
    max(s.event_count) FILTER (WHERE s.kind_code = 'death')::bigint AS death_count,
    max(s.event_count) FILTER (WHERE s.kind_code = 'moved_in')::bigint AS moved_in_count,
    max(s.event_count) FILTER (WHERE s.kind_code = 'moved_out')::bigint AS moved_out_count,
    bool_or(s.event_count IS NULL) AS is_suppressed
FROM shown AS s
LEFT JOIN integrated.region AS r ON r.region_code = s.kelurahan_code
GROUP BY 1, 2, 3, 4, 5
