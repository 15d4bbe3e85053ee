-- Households: where each was on any day, as known at any moment. SIAK doesn't say since when an address
-- holds, so a change is dated by the day the hub first saw it; the first address, by the day of the card.
WITH
card AS (
    SELECT
        k.household_id,
        c.head_name,
        c.address,
        c.rt_code,
        c.rw_code,
        c.postal_code,
        '61.71.' || lpad(c.district_code::text, 2, '0') || '.' || c.village_code AS kelurahan_code,
        c.entered_at,
        c.recorded_from,
        c.recorded_to
    FROM history.siak__family_cards AS c
    JOIN identity.household_key AS k ON k.kk_number = c.kk_number
),
moment AS (
    SELECT c.household_id, c.recorded_from AS at FROM card AS c
    UNION
    SELECT c.household_id, c.recorded_to FROM card AS c WHERE c.recorded_to < 'infinity'
),
-- What the register shows of a household from each moment on: the newest card that is in force.
shown AS (
    SELECT DISTINCT ON (m.household_id, m.at)
        m.household_id,
        m.at,
        v.household_id IS NOT NULL AS is_listed,
        v.head_name,
        v.address,
        v.rt_code,
        v.rw_code,
        v.postal_code,
        v.kelurahan_code,
        v.entered_at
    FROM moment AS m
    LEFT JOIN card AS v
        ON v.household_id = m.household_id AND v.recorded_from <= m.at AND v.recorded_to > m.at
    ORDER BY m.household_id, m.at, v.recorded_from DESC, v.entered_at DESC
),
-- Without moments at which nothing changed, as when a card got another number.
changed AS (
    SELECT s.*
    FROM (
        SELECT
            h.*,
            lag(row(h.is_listed, h.head_name, h.address, h.rt_code, h.rw_code, h.postal_code, h.kelurahan_code)::text)
                OVER (PARTITION BY h.household_id ORDER BY h.at) AS before,
            row(h.is_listed, h.head_name, h.address, h.rt_code, h.rw_code, h.postal_code, h.kelurahan_code)::text
                AS now_shown
        FROM shown AS h
    ) AS s
    WHERE s.before IS DISTINCT FROM s.now_shown
),
dated AS (
    SELECT
        c.*,
        lead(c.at, 1, 'infinity') OVER w AS next_at,
        CASE
            WHEN row_number() OVER w = 1
                THEN least(c.entered_at::date, (c.at AT TIME ZONE 'Asia/Pontianak')::date)
            ELSE (c.at AT TIME ZONE 'Asia/Pontianak')::date
        END AS since
    FROM changed AS c
    WINDOW w AS (PARTITION BY c.household_id ORDER BY c.at)
),
ended AS (
    SELECT
        d.*,
        CASE WHEN d.next_at < 'infinity' THEN (d.next_at AT TIME ZONE 'Asia/Pontianak')::date END AS until
    FROM dated AS d
)
-- Each address twice: as it was known while it held, and, once another was known, as one that has ended.
SELECT
    e.household_id,
    e.head_name,
    e.address,
    e.rt_code,
    e.rw_code,
    e.postal_code,
    e.kelurahan_code,
    e.since AS valid_from,
    k.valid_to,
    k.recorded_from,
    k.recorded_to
FROM ended AS e
CROSS JOIN LATERAL (
    VALUES
        ('infinity'::date, e.at, e.next_at),
        (e.until, e.next_at, 'infinity'::timestamptz)
) AS k (valid_to, recorded_from, recorded_to)
WHERE e.is_listed AND k.recorded_from < 'infinity' AND e.since < k.valid_to
