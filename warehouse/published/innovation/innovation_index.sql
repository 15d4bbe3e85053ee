-- Score of each innovation and year, of 36 indicators, and of the city: the mean of its complete innovations.
-- Classes: above 60 very innovative, from 35 innovative, below less so (Indeks Inovasi Daerah).
WITH scored AS (
    SELECT
        s.score_year,
        s.innovation_id,
        sum(s.score) AS score,
        coalesce(sum(s.score) FILTER (WHERE s.aspect_code = 'SPD'), 0) AS government_score,
        coalesce(sum(s.score) FILTER (WHERE s.aspect_code = 'SI'), 0) AS innovation_score,
        count(*) AS indicator_count,
        count(*) = 36 AS is_complete
    FROM current.inovasi__scores AS s
    GROUP BY s.score_year, s.innovation_id
),
listed AS (
    SELECT
        s.score_year,
        s.innovation_id,
        'inovasi' AS level_code,
        i.innovation_name,
        i.skpd_code,
        i.skpd_name,
        s.score,
        s.government_score,
        s.innovation_score,
        s.indicator_count,
        s.is_complete
    FROM scored AS s
    JOIN integrated.innovation AS i ON i.innovation_id = s.innovation_id
    UNION ALL
    SELECT
        s.score_year,
        0,
        'kota',
        'Seluruh kota',
        NULL,
        NULL,
        avg(s.score) FILTER (WHERE s.is_complete),
        avg(s.government_score) FILTER (WHERE s.is_complete),
        avg(s.innovation_score) FILTER (WHERE s.is_complete),
        count(*) FILTER (WHERE s.is_complete),
        bool_and(s.is_complete)
    FROM scored AS s
    GROUP BY s.score_year
)
SELECT
    l.score_year,
    l.innovation_id,
    l.level_code,
    l.innovation_name,
    l.skpd_code,
    l.skpd_name,
    l.score::numeric(8, 2) AS score,
    l.government_score::numeric(8, 2) AS government_score,
    l.innovation_score::numeric(8, 2) AS innovation_score,
    l.indicator_count,
    l.is_complete,
    CASE
        WHEN l.level_code = 'inovasi' AND NOT l.is_complete THEN NULL
        WHEN l.score > 60 THEN 'very_innovative'
        WHEN l.score >= 35 THEN 'innovative'
        WHEN l.score IS NOT NULL THEN 'less_innovative'
    END AS class_code
FROM listed AS l
