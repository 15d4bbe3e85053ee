-- Persons: what is known of each, and whether they live in the city, on any day, as known at any moment.
-- SIAK doesn't say since when a name or an occupation holds: of those the last that was known at the
-- moment is given for all days. No NIK stands here: person_id leads to it, for the hub alone.
WITH
sighted AS (
    SELECT
        k.person_id,
        o.own_id = k.person_id AS leads,
        r.full_name,
        r.sex_code,
        r.birth_date,
        r.birth_place,
        'IDN' AS nationality_code,
        r.religion_code,
        r.marital_status_code,
        r.education_code,
        r.occupation_code,
        NULL::date AS stay_until_date,
        r.recorded_from,
        r.recorded_to
    FROM history.siak__residents AS r
    JOIN identity.person_key AS k ON k.source = 'nik' AND k.key = r.nik
    JOIN identity.person_origin AS o ON o.source = 'nik' AND o.key = r.nik
    UNION ALL
    SELECT
        k.person_id,
        o.own_id = k.person_id,
        concat_ws(' ', f.first_name, f.family_name),
        f.sex_code,
        f.birth_date,
        f.birth_place,
        f.nationality_code,
        NULL,
        NULL,
        NULL,
        NULL,
        f.valid_until_date,
        f.recorded_from,
        f.recorded_to
    FROM history.siak__foreigners AS f
    JOIN identity.person_key AS k ON k.source = 'document' AND k.key = f.document_number
    JOIN identity.person_origin AS o ON o.source = 'document' AND o.key = f.document_number
),
-- Most people were only ever seen in one way.
plain AS (
    SELECT s.person_id FROM sighted AS s GROUP BY s.person_id HAVING count(*) = 1
),
sighting AS (
    SELECT s.* FROM sighted AS s LEFT JOIN plain AS p ON p.person_id = s.person_id WHERE p.person_id IS NULL
),
moment AS (
    SELECT
        m.person_id,
        m.at,
        lead(m.at, 1, 'infinity') OVER (PARTITION BY m.person_id ORDER BY m.at) AS next_at
    FROM (
        SELECT s.person_id, s.recorded_from AS at FROM sighting AS s
        UNION
        SELECT s.person_id, s.recorded_to FROM sighting AS s WHERE s.recorded_to < 'infinity'
    ) AS m
),
-- What the register shows from each moment on, or showed last; a person under two keys is as under the
-- leading one.
shown AS (
    SELECT DISTINCT ON (m.person_id, m.at)
        m.person_id,
        m.at,
        m.next_at,
        v.full_name,
        v.sex_code,
        v.birth_date,
        v.birth_place,
        v.nationality_code,
        v.religion_code,
        v.marital_status_code,
        v.education_code,
        v.occupation_code,
        v.stay_until_date
    FROM moment AS m
    JOIN sighting AS v ON v.person_id = m.person_id AND v.recorded_from <= m.at
    ORDER BY m.person_id, m.at, v.recorded_to > m.at DESC, v.leads DESC, v.recorded_from DESC
),
-- The same shown from moment to moment is one; before the first, nothing was known.
described AS (
    SELECT
        n.person_id,
        min(n.at) AS known_from,
        max(n.next_at) AS known_to,
        n.full_name,
        n.sex_code,
        n.birth_date,
        n.birth_place,
        n.nationality_code,
        n.religion_code,
        n.marital_status_code,
        n.education_code,
        n.occupation_code,
        n.stay_until_date
    FROM (
        SELECT
            s.*,
            row_number() OVER (PARTITION BY s.person_id ORDER BY s.at)
            - row_number() OVER (
                PARTITION BY s.person_id, s.full_name, s.sex_code, s.birth_date, s.birth_place, s.nationality_code,
                    s.religion_code, s.marital_status_code, s.education_code, s.occupation_code, s.stay_until_date
                ORDER BY s.at
            ) AS number
        FROM shown AS s
    ) AS n
    GROUP BY n.person_id, n.number, n.full_name, n.sex_code, n.birth_date, n.birth_place, n.nationality_code,
        n.religion_code, n.marital_status_code, n.education_code, n.occupation_code, n.stay_until_date
    UNION ALL
    SELECT
        s.person_id,
        s.recorded_from,
        'infinity',
        s.full_name,
        s.sex_code,
        s.birth_date,
        s.birth_place,
        s.nationality_code,
        s.religion_code,
        s.marital_status_code,
        s.education_code,
        s.occupation_code,
        s.stay_until_date
    FROM sighted AS s
    JOIN plain AS p ON p.person_id = s.person_id
    UNION ALL
    SELECT s.person_id, '-infinity', min(s.recorded_from), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM sighted AS s
    GROUP BY s.person_id
)
SELECT
    r.person_id,
    d.full_name,
    d.sex_code,
    d.birth_date,
    d.birth_place,
    d.nationality_code,
    d.religion_code,
    g.religion_name,
    d.marital_status_code,
    d.education_code,
    e.education_name,
    d.occupation_code,
    o.occupation_name,
    d.stay_until_date,
    r.status_code,
    r.household_id,
    r.is_start_known,
    r.valid_from,
    r.valid_to,
    greatest(r.recorded_from, d.known_from) AS recorded_from,
    least(r.recorded_to, d.known_to) AS recorded_to
FROM integrated.residence AS r
LEFT JOIN described AS d
    ON d.person_id = r.person_id AND d.known_from < r.recorded_to AND d.known_to > r.recorded_from
LEFT JOIN current.siak__religions AS g ON g.religion_code::text = d.religion_code
LEFT JOIN current.siak__education_levels AS e ON e.education_code::text = d.education_code
LEFT JOIN current.siak__occupations AS o ON o.occupation_code = d.occupation_code
