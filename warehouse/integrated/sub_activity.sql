-- Sub-activities in every version that a list has of them: a row per code, kind of government, regulation and
-- status, withdrawn ones included, with the codes and names above. `valid_to` is exclusive: the first day of
-- the next version or of the next complete list. `is_latest` marks the one version per code and kind of
-- government that a line of any year can be joined to, after `sub_activity_mapping`. Codes that only SIPD
-- knows are there without a regulation.
WITH official AS (
    SELECT l.* FROM integrated.sub_activity_listing AS l WHERE l.is_official
),
unofficial AS (
    SELECT l.*
    FROM integrated.sub_activity_listing AS l
    LEFT JOIN official AS o
        ON o.sub_activity_code = l.sub_activity_code AND o.government_code = l.government_code
    WHERE NOT l.is_official AND o.sub_activity_code IS NULL
),
listed AS (
    SELECT DISTINCT ON (l.sub_activity_code, l.government_code, l.stated_regulation, l.is_active) l.*
    FROM (SELECT * FROM official UNION ALL SELECT * FROM unofficial) AS l
    ORDER BY l.sub_activity_code, l.government_code, l.stated_regulation, l.is_active, l.list_name
),
complete AS (
    SELECT v.valid_from, min(c.valid_from) AS complete_from
    FROM (SELECT DISTINCT l.valid_from FROM official AS l) AS v
    JOIN (SELECT DISTINCT l.valid_from FROM official AS l WHERE l.is_complete) AS c
        ON c.valid_from > v.valid_from
    GROUP BY v.valid_from
),
ordered AS (
    SELECT
        l.*,
        min(l.valid_from) OVER (
            PARTITION BY l.sub_activity_code, l.government_code ORDER BY l.valid_from
            RANGE BETWEEN INTERVAL '1 day' FOLLOWING AND UNBOUNDED FOLLOWING
        ) AS next_from,
        c.complete_from,
        row_number() OVER (
            PARTITION BY l.sub_activity_code, l.government_code
            ORDER BY l.is_active DESC, l.regulation_number DESC NULLS LAST, l.list_name
        ) AS place
    FROM listed AS l
    LEFT JOIN complete AS c ON c.valid_from = l.valid_from
)
SELECT
    o.sub_activity_code,
    o.sub_activity_name,
    o.activity_code,
    o.activity_name,
    o.program_code,
    o.program_name,
    o.affair_code,
    o.affair_name,
    o.affair_group_code,
    o.activity_code AS parent_code,
    o.government_code,
    o.written_code,
    o.regulation_code,
    o.regulation_name,
    o.valid_from,
    least(o.next_from, o.complete_from) AS valid_to,
    o.is_active,
    o.place = 1 AS is_latest,
    o.is_official,
    m.to_code AS successor_code,
    o.indicator_name,
    o.unit_name,
    o.list_name
FROM ordered AS o
LEFT JOIN integrated.sub_activity_mapping AS m
    ON m.from_code = o.sub_activity_code AND m.government_code = o.government_code
