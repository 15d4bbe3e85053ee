-- In what state each person was, and in which household, on any day, as known at any moment: one row per
-- state. valid_* are days in the city, recorded_* the hub's moments of knowing; both ends exclusive.
--
-- Events date what the register shows. What the register shows and no event explains is dated by the day
-- the hub first saw it. The first state of which nobody says when it began lasts since birth, and
-- has is_start_known false.
WITH
-- What the register showed of a person, and from when to when. leads: under the key that gives the id.
sighted AS (
    SELECT
        k.person_id,
        o.own_id = k.person_id AS leads,
        h.household_id,
        r.family_relation_code AS relation_code,
        r.birth_date,
        r.recorded_from,
        r.recorded_to
    FROM history.siak__residents AS r
    JOIN identity.person_key AS k ON k.source = 'nik' AND k.key = r.nik
    JOIN identity.person_origin AS o ON o.source = 'nik' AND o.key = r.nik
    LEFT JOIN identity.household_key AS h ON h.kk_number = r.kk_number
    UNION ALL
    SELECT
        k.person_id,
        o.own_id = k.person_id,
        h.household_id,
        NULL,
        f.birth_date,
        f.recorded_from,
        f.recorded_to
    FROM history.siak__foreigners AS f
    JOIN identity.person_key AS k ON k.source = 'document' AND k.key = f.document_number
    JOIN identity.person_origin AS o ON o.source = 'document' AND o.key = f.document_number
    LEFT JOIN identity.household_key AS h ON h.kk_number = f.kk_number
),
-- Events that say where somebody lives, in force from when the hub heard of them until a later one
-- corrects them.
event AS (
    SELECT
        k.person_id,
        e.event_id,
        e.event_date,
        CASE e.event_code WHEN 'MATI' THEN 'deceased' WHEN 'PINDAH' THEN 'moved_out' ELSE 'resident' END
            AS status_code,
        CASE WHEN e.event_code NOT IN ('MATI', 'PINDAH') THEN n.household_id END AS household_id,
        CASE WHEN e.event_code NOT IN ('LAHIR', 'DATANG') THEN b.household_id END AS old_household_id,
        e.recorded_from,
        least(e.recorded_to, coalesce(c.corrected_at, 'infinity')) AS recorded_to
    FROM history.siak__events AS e
    JOIN identity.person_key AS k ON k.source = 'nik' AND k.key = e.nik
    LEFT JOIN identity.household_key AS n ON n.kk_number = e.kk_number
    LEFT JOIN identity.household_key AS b ON b.kk_number = e.old_kk_number
    LEFT JOIN (
        SELECT x.corrects_event_id AS event_id, min(x.recorded_from) AS corrected_at
        FROM history.siak__events AS x
        WHERE x.corrects_event_id IS NOT NULL
        GROUP BY x.corrects_event_id
    ) AS c ON c.event_id = e.event_id
    WHERE e.event_code IN ('LAHIR', 'MATI', 'DATANG', 'PINDAH', 'PINDAH_KK', 'PISAH_KK')
),
-- Most people were only ever seen in one way, and no event tells of them: they take no weighing.
plain AS (
    SELECT s.person_id
    FROM sighted AS s
    LEFT JOIN (SELECT DISTINCT e.person_id FROM event AS e) AS t ON t.person_id = s.person_id
    WHERE t.person_id IS NULL
    GROUP BY s.person_id
    HAVING count(*) = 1 AND min(s.recorded_to) = 'infinity'
),
sighting AS (
    SELECT s.*
    FROM sighted AS s
    LEFT JOIN plain AS p ON p.person_id = s.person_id
    WHERE p.person_id IS NULL
),
-- Between two moments the hub knows the same of a person.
span AS (
    SELECT
        m.person_id,
        m.at AS recorded_from,
        lead(m.at, 1, 'infinity') OVER (PARTITION BY m.person_id ORDER BY m.at) AS recorded_to,
        row_number() OVER (PARTITION BY m.person_id ORDER BY m.at) AS place
    FROM (
        SELECT s.person_id, s.recorded_from AS at FROM sighting AS s
        UNION SELECT s.person_id, s.recorded_to FROM sighting AS s WHERE s.recorded_to < 'infinity'
        UNION SELECT e.person_id, e.recorded_from FROM event AS e
        UNION SELECT e.person_id, e.recorded_to FROM event AS e WHERE e.recorded_to < 'infinity'
    ) AS m
),
-- What the register shows in each span, or showed last; a person under two keys is where the leading key is.
shown AS (
    SELECT DISTINCT ON (s.person_id, s.place)
        s.person_id,
        s.place,
        s.recorded_from,
        coalesce(v.recorded_to > s.recorded_from, false) AS is_listed,
        v.person_id IS NOT NULL AS was_listed,
        CASE WHEN v.recorded_to > s.recorded_from THEN v.household_id END AS household_id,
        v.relation_code,
        v.birth_date
    FROM span AS s
    LEFT JOIN sighting AS v ON v.person_id = s.person_id AND v.recorded_from <= s.recorded_from
    ORDER BY s.person_id, s.place, v.recorded_to > s.recorded_from DESC NULLS LAST, v.leads DESC,
        v.recorded_from DESC
),
marked AS (
    SELECT
        s.*,
        lag(s.is_listed) OVER w IS DISTINCT FROM s.is_listed
        OR lag(s.household_id) OVER w IS DISTINCT FROM s.household_id AS is_change
    FROM shown AS s
    WINDOW w AS (PARTITION BY s.person_id ORDER BY s.place)
),
-- The relation to the head that was shown last in each household by then.
relation AS (
    SELECT DISTINCT ON (s.person_id, s.place, h.household_id)
        s.person_id,
        s.place,
        h.household_id,
        h.relation_code
    FROM span AS s
    JOIN shown AS h ON h.person_id = s.person_id AND h.place <= s.place AND h.household_id IS NOT NULL
    ORDER BY s.person_id, s.place, h.household_id, h.place DESC
),
-- What the register came to show, and until when it showed that.
change AS (
    SELECT
        c.person_id,
        c.recorded_from AS seen_from,
        lead(c.recorded_from, 1, 'infinity') OVER (PARTITION BY c.person_id ORDER BY c.place) AS seen_to,
        (c.recorded_from AT TIME ZONE 'Asia/Pontianak')::date AS seen_date,
        CASE WHEN c.is_listed THEN 'resident' ELSE 'unlisted' END AS status_code,
        c.household_id
    FROM marked AS c
    WHERE c.is_change AND c.was_listed
),
withdrawn AS (
    SELECT e.person_id, e.household_id, e.event_date, e.recorded_to FROM event AS e WHERE e.recorded_to < 'infinity'
),
-- Everything that is known in a span, in the order of days: events, and what the register came to show.
point AS (
    SELECT
        s.person_id,
        s.place,
        e.event_date AS valid_from,
        1 AS kind,
        e.event_id AS turn,
        e.status_code,
        e.household_id,
        e.old_household_id,
        e.recorded_from AS learned_at,
        NULL::timestamptz AS seen_to,
        s.recorded_from AS known_at
    FROM span AS s
    JOIN event AS e
        ON e.person_id = s.person_id
        AND e.recorded_from <= s.recorded_from
        AND e.recorded_to > s.recorded_from
    UNION ALL
    SELECT
        s.person_id,
        s.place,
        c.seen_date,
        2,
        row_number() OVER (PARTITION BY s.person_id, s.place ORDER BY c.seen_from),
        c.status_code,
        c.household_id,
        NULL,
        c.seen_from,
        c.seen_to,
        s.recorded_from
    FROM span AS s
    JOIN change AS c ON c.person_id = s.person_id AND c.seen_from <= s.recorded_from
),
-- Each point with the event in force on its day.
weighed AS (
    SELECT
        p.*,
        first_value(p.status_code) OVER e AS event_status_code,
        first_value(p.household_id) OVER e AS event_household_id,
        first_value(p.learned_at) OVER e AS event_learned_at
    FROM (
        SELECT
            q.*,
            count(*) FILTER (WHERE q.kind = 1) OVER (
                PARTITION BY q.person_id, q.place ORDER BY q.valid_from, q.kind, q.turn
            ) AS events_before
        FROM point AS q
    ) AS p
    WINDOW e AS (PARTITION BY p.person_id, p.place, p.events_before ORDER BY p.valid_from, p.kind, p.turn)
),
-- Without what needs no date of its own: the register showed what an event told, or what an event
-- withdrawn since had made it show, or what an event heard of later says was not so.
told AS (
    SELECT
        w.*,
        row_number() OVER days AS day_place,
        lag(w.status_code) OVER days AS status_before,
        lag(w.household_id) OVER days AS household_before
    FROM weighed AS w
    WHERE w.kind = 1
        OR NOT (
            w.events_before > 0
            AND (
                w.event_status_code = 'deceased'
                OR (
                    w.event_household_id IS NOT DISTINCT FROM w.household_id
                    AND (
                        w.event_status_code = w.status_code
                        OR (w.event_status_code = 'moved_out' AND w.status_code = 'unlisted')
                    )
                )
                OR (
                    w.seen_to <= w.known_at
                    AND (w.event_learned_at AT TIME ZONE 'Asia/Pontianak')::date
                    >= (w.seen_to AT TIME ZONE 'Asia/Pontianak')::date
                )
            )
            OR (
                w.seen_to <= w.known_at
                AND EXISTS (
                    SELECT 1 FROM withdrawn AS x
                    WHERE x.person_id = w.person_id
                        AND x.household_id IS NOT DISTINCT FROM w.household_id
                        AND x.event_date <= w.valid_from
                        AND x.recorded_to <= w.known_at
                )
            )
        )
    WINDOW days AS (PARTITION BY w.person_id, w.place ORDER BY w.valid_from, w.kind, w.turn)
),
-- States in the order of days; the household that the first event says the person left comes before it.
state AS (
    SELECT t.person_id, t.place, t.valid_from, t.status_code, t.household_id, t.day_place AS turn,
        t.kind = 1 OR t.day_place > 1 AS is_start_known
    FROM told AS t
    WHERE t.day_place = 1
        OR t.status_before <> t.status_code
        OR t.household_before IS DISTINCT FROM t.household_id
    UNION ALL
    SELECT t.person_id, t.place, '-infinity', 'resident', t.old_household_id, 0, false
    FROM told AS t
    WHERE t.day_place = 1 AND t.old_household_id IS NOT NULL
),
dated AS (
    SELECT
        s.person_id,
        s.place,
        s.status_code,
        s.household_id,
        s.is_start_known,
        CASE
            WHEN s.is_start_known THEN s.valid_from
            WHEN k.birth_date < lead(s.valid_from, 1, 'infinity') OVER w THEN k.birth_date
            ELSE '-infinity'
        END AS valid_from,
        lead(s.valid_from, 1, 'infinity') OVER w AS valid_to,
        r.relation_code
    FROM state AS s
    JOIN shown AS k ON k.person_id = s.person_id AND k.place = s.place
    LEFT JOIN relation AS r
        ON r.person_id = s.person_id AND r.place = s.place AND r.household_id = s.household_id
    WINDOW w AS (PARTITION BY s.person_id, s.place ORDER BY s.valid_from, s.turn)
),
-- The same state known in spans that follow each other is one row.
island AS (
    SELECT
        d.*,
        d.place - row_number() OVER (
            PARTITION BY d.person_id, d.status_code, d.household_id, d.is_start_known, d.valid_from,
                d.valid_to, d.relation_code
            ORDER BY d.place
        ) AS number
    FROM dated AS d
    WHERE d.valid_from < d.valid_to
)
SELECT
    i.person_id,
    i.status_code,
    i.household_id,
    i.relation_code,
    i.is_start_known,
    i.valid_from,
    i.valid_to,
    min(s.recorded_from) AS recorded_from,
    max(s.recorded_to) AS recorded_to
FROM island AS i
JOIN span AS s ON s.person_id = i.person_id AND s.place = i.place
GROUP BY i.person_id, i.status_code, i.household_id, i.relation_code, i.is_start_known, i.valid_from,
    i.valid_to, i.number
UNION ALL
SELECT
    s.person_id,
    'resident',
    s.household_id,
    s.relation_code,
    false,
    coalesce(s.birth_date, '-infinity'),
    'infinity',
    s.recorded_from,
    s.recorded_to
FROM sighted AS s
JOIN plain AS p ON p.person_id = s.person_id
