-- Births, deaths, moves into and out of the city that are in force: one row per event, with the kelurahan of
-- the household then. Of a household that is known on other days only, the nearest address counts; without a
-- kelurahan where the card was never seen. A corrected or withdrawn event isn't here, what corrects it is.
WITH event AS (
    SELECT
        e.event_id,
        e.event_code,
        e.event_date,
        e.nik,
        CASE WHEN e.event_code IN ('LAHIR', 'DATANG') THEN e.kk_number ELSE e.old_kk_number END AS kk_number
    FROM current.siak__events AS e
    WHERE e.event_code IN ('LAHIR', 'MATI', 'DATANG', 'PINDAH')
        AND NOT EXISTS (SELECT 1 FROM current.siak__events AS c WHERE c.corrects_event_id = e.event_id)
),
located AS (
    SELECT DISTINCT ON (e.event_id)
        e.event_id,
        h.kelurahan_code
    FROM event AS e
    JOIN identity.household_key AS k ON k.kk_number = e.kk_number
    JOIN integrated.household AS h ON h.household_id = k.household_id AND h.recorded_to = 'infinity'
    ORDER BY
        e.event_id,
        h.valid_from <= e.event_date AND h.valid_to > e.event_date DESC,
        abs(h.valid_from - e.event_date)
)
SELECT
    e.event_id,
    CASE e.event_code
        WHEN 'LAHIR' THEN 'birth' WHEN 'MATI' THEN 'death' WHEN 'DATANG' THEN 'moved_in' ELSE 'moved_out'
    END AS kind_code,
    e.event_date,
    p.person_id,
    r.kelurahan_code
FROM event AS e
JOIN identity.person_key AS p ON p.source = 'nik' AND p.key = e.nik
LEFT JOIN located AS l ON l.event_id = e.event_id
LEFT JOIN integrated.region AS r ON r.region_code = l.kelurahan_code AND r.region_level_code = 'kelurahan'
