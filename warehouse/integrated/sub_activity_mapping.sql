-- What stands for a sub-activity code in its other forms, and for one that was replaced: one row per code and
-- kind of government, the end of all steps. `suffix`: two digits at the end, as lists of 2019 and 2020 write
-- it. `supporting`: the supporting programme X.XX with an agency's own field of affairs. `predecessor`: what a
-- nomenclature says it replaces; not where that is still listed, or has two successors (see
-- `budget_code_finding`). `is_same_name` is false where the newest list calls it otherwise: the code is the
-- same, what it means may not be. `valid_from` is empty for mere forms, which hold for all years.
WITH RECURSIVE official AS (
    SELECT l.* FROM integrated.sub_activity_listing AS l WHERE l.is_official
),
known AS (
    SELECT o.government_code, o.written_code AS code FROM official AS o
    UNION
    SELECT o.government_code, o.sub_activity_code FROM official AS o
),
newest AS (
    SELECT DISTINCT ON (o.sub_activity_code, o.government_code)
        o.sub_activity_code, o.government_code, o.compared_name
    FROM official AS o
    ORDER BY
        o.sub_activity_code, o.government_code, o.is_active DESC, o.regulation_number DESC NULLS LAST,
        o.list_name
),
suffix AS (
    SELECT
        o.government_code,
        o.written_code AS from_code,
        o.sub_activity_code AS to_code,
        'suffix' AS kind,
        NULL::date AS valid_from,
        bool_and(o.compared_name = n.compared_name) AS is_same_name
    FROM official AS o
    JOIN newest AS n
        ON n.sub_activity_code = o.sub_activity_code AND n.government_code = o.government_code
    WHERE o.written_code <> o.sub_activity_code
    GROUP BY o.government_code, o.written_code, o.sub_activity_code
),
supporting AS (
    SELECT
        w.government_code,
        a.affair_code || substr(w.code, 5) AS from_code,
        min(w.sub_activity_code) AS to_code,
        'supporting' AS kind,
        NULL::date AS valid_from,
        true AS is_same_name
    FROM (
        SELECT o.government_code, o.written_code AS code, o.sub_activity_code FROM official AS o
        WHERE o.program_code = 'X.XX.01'
        UNION
        SELECT o.government_code, o.sub_activity_code, o.sub_activity_code FROM official AS o
        WHERE o.program_code = 'X.XX.01'
    ) AS w
    CROSS JOIN (SELECT DISTINCT o.affair_code FROM official AS o WHERE o.affair_code <> 'X.XX') AS a
    LEFT JOIN known AS k
        ON k.government_code = w.government_code AND k.code = a.affair_code || substr(w.code, 5)
    WHERE k.code IS NULL
    GROUP BY w.government_code, a.affair_code || substr(w.code, 5)
),
predecessor AS (
    SELECT
        o.government_code,
        o.predecessor_code AS from_code,
        min(o.sub_activity_code) AS to_code,
        'predecessor' AS kind,
        min(o.valid_from) AS valid_from,
        bool_and(
            o.compared_name = regexp_replace(lower(o.predecessor_name), '[^[:alnum:]]+', '', 'g')
        ) AS is_same_name
    FROM official AS o
    WHERE o.predecessor_code IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM official AS s
            WHERE s.sub_activity_code = o.predecessor_code
                AND s.government_code = o.government_code
                AND s.regulation_number >= o.regulation_number
        )
    GROUP BY o.government_code, o.predecessor_code
    HAVING count(DISTINCT o.sub_activity_code) = 1
),
edge AS (
    SELECT DISTINCT ON (e.government_code, e.from_code) e.*
    FROM (
        SELECT 1 AS rank, p.* FROM predecessor AS p
        UNION ALL
        SELECT 2 AS rank, x.* FROM suffix AS x
        UNION ALL
        SELECT 3 AS rank, s.* FROM supporting AS s
    ) AS e
    ORDER BY e.government_code, e.from_code, e.rank
),
step AS (
    SELECT
        e.government_code, e.from_code, e.to_code, e.kind, e.valid_from, e.is_same_name,
        ARRAY[e.from_code, e.to_code] AS path
    FROM edge AS e
    UNION ALL
    SELECT
        s.government_code,
        s.from_code,
        e.to_code,
        s.kind || '+' || e.kind,
        coalesce(s.valid_from, e.valid_from),
        s.is_same_name AND e.is_same_name,
        s.path || e.to_code
    FROM step AS s
    JOIN edge AS e ON e.government_code = s.government_code AND e.from_code = s.to_code
    WHERE e.to_code <> ALL (s.path)
)
SELECT DISTINCT ON (s.government_code, s.from_code)
    s.government_code,
    s.from_code,
    s.to_code,
    s.kind AS mapping_kind_code,
    s.valid_from,
    s.is_same_name
FROM step AS s
ORDER BY s.government_code, s.from_code, cardinality(s.path) DESC
