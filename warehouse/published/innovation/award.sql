-- Awards that the city and its agencies were given.
SELECT
    w.award_id,
    date_part('year', w.awarded_date)::bigint AS award_year,
    w.awarded_date,
    w.award_name,
    w.giver_name,
    w.award_level_code,
    w.place_text,
    w.skpd_code,
    w.skpd_name,
    w.innovation_id,
    i.innovation_name
FROM integrated.award AS w
LEFT JOIN integrated.innovation AS i ON i.innovation_id = w.innovation_id
