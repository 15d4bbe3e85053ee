-- What is asked first of a kelurahan, in the year of the as-of date: from published tables, so that nothing shows
-- here which they withhold. Residents are the register's; below 5 they are withheld, and with them further
-- kelurahan, the smallest first, so that the city's number doesn't tell them.
WITH resident AS (
    SELECT g.region_code, count(s.nik) AS resident_count
    FROM integrated.region AS g
    LEFT JOIN current.siak__residents AS s
        ON s.district_code = g.district_code AND s.village_code = g.village_code
    WHERE g.region_level_code = 'kelurahan'
    GROUP BY g.region_code
),
ranked AS (
    SELECT
        r.*,
        row_number() OVER w AS place,
        sum(r.resident_count) OVER w - r.resident_count AS smaller_count,
        min(r.resident_count) OVER () < 5 AS has_small
    FROM resident AS r
    WINDOW w AS (ORDER BY r.resident_count, r.region_code)
),
permit AS (
    SELECT p.kelurahan_code, sum(p.application_count) AS application_count, sum(p.issued_count) AS issued_count
    FROM published.permits_by_kelurahan AS p
    WHERE p.application_year = date_part('year', :as_of_date)
    GROUP BY p.kelurahan_code
),
complaint AS (
    SELECT
        c.kelurahan_code,
        count(*) AS complaint_count,
        100.0 * count(*) FILTER (WHERE c.is_answered_on_time) / nullif(count(c.is_answered_on_time), 0)
            AS answered_on_time_pct
    FROM published.complaint_handling AS c
    WHERE c.report_year = date_part('year', :as_of_date)
    GROUP BY c.kelurahan_code
),
tax AS (
    SELECT a.kelurahan_code, sum(a.overdue_amount) AS overdue_amount
    FROM published.arrears AS a
    GROUP BY a.kelurahan_code
),
budget AS (
    SELECT b.kelurahan_code, sum(b.budget_amount) AS budget_amount
    FROM published.budget_line AS b
    WHERE b.version_code = 'perubahan' AND b.budget_year = date_part('year', :as_of_date)
    GROUP BY b.kelurahan_code
)
SELECT
    g.kecamatan_code,
    g.kecamatan_name,
    g.kelurahan_code,
    g.kelurahan_name,
    CASE
        WHEN r.has_small AND (r.resident_count < 5 OR r.place <= 2 OR r.smaller_count < 5) THEN NULL
        ELSE r.resident_count
    END AS resident_count,
    h.household_count,
    coalesce(p.application_count, 0)::bigint AS application_count,
    coalesce(p.issued_count, 0)::bigint AS issued_count,
    coalesce(c.complaint_count, 0) AS complaint_count,
    c.answered_on_time_pct::numeric(5, 2) AS answered_on_time_pct,
    t.overdue_amount::numeric(18, 2) AS overdue_amount,
    coalesce(b.budget_amount, 0)::numeric(18, 2) AS budget_amount
FROM integrated.region AS g
JOIN ranked AS r ON r.region_code = g.region_code
LEFT JOIN published.households_by_kelurahan AS h
    ON h.region_code = g.kelurahan_code AND h.household_size_code = 'all'
LEFT JOIN permit AS p ON p.kelurahan_code = g.kelurahan_code
LEFT JOIN complaint AS c ON c.kelurahan_code = g.kelurahan_code
LEFT JOIN tax AS t ON t.kelurahan_code = g.kelurahan_code
LEFT JOIN budget AS b ON b.kelurahan_code = g.kelurahan_code
WHERE g.region_level_code = 'kelurahan'
