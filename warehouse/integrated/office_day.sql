-- Every day of the calendar's years: whether offices work on it, the hours, and a running number of office
-- days. The office days from one day to another are the difference of their numbers. Of years without a list
-- of holidays nothing is said.
WITH year AS (
    SELECT date_part('year', c.calendar_date)::int AS number
    FROM current.reference__office_calendar AS c
    GROUP BY 1
),
day AS (
    SELECT g.at::date AS calendar_date
    FROM year AS y
    CROSS JOIN LATERAL generate_series(
        make_date(y.number, 1, 1)::timestamp, make_date(y.number, 12, 31)::timestamp, interval '1 day'
    ) AS g(at)
)
SELECT
    d.calendar_date,
    h.weekday_number,
    h.weekday_name,
    CASE
        WHEN c.kind_code IS NOT NULL THEN c.kind_code
        WHEN h.is_office_day THEN 'office_day'
        ELSE 'weekend'
    END AS kind_code,
    c.day_name,
    h.is_office_day AND c.kind_code IS NULL AS is_office_day,
    CASE WHEN c.kind_code IS NULL THEN h.opens_at END AS opens_at,
    CASE WHEN c.kind_code IS NULL THEN h.closes_at END AS closes_at,
    CASE WHEN c.kind_code IS NULL THEN h.counter_closes_at END AS counter_closes_at,
    count(*) FILTER (WHERE h.is_office_day AND c.kind_code IS NULL) OVER (ORDER BY d.calendar_date)
        AS office_day_number,
    coalesce(c.is_verified, TRUE) AS is_verified
FROM day AS d
JOIN current.reference__office_hours AS h
    ON h.weekday_number = date_part('isodow', d.calendar_date)
    AND h.valid_from <= d.calendar_date AND (h.valid_to IS NULL OR h.valid_to > d.calendar_date)
LEFT JOIN current.reference__office_calendar AS c ON c.calendar_date = d.calendar_date
