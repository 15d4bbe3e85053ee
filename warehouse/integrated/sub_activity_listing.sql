-- Every row of every list of sub-activities, whatever its shape: the code as written and with four digits at
-- the end, the codes above it, the regulation. A nomenclature workbook is complete: what it leaves out is no
-- longer in force. SIPD's own list is not official; it counts for codes that no official list has.
WITH exported AS (
    SELECT
        c.list_name,
        true AS is_official,
        false AS is_complete,
        c.sub_activity_code AS written_code,
        regexp_replace(c.sub_activity_code, '\.([0-9]{2})$', '.00\1') AS sub_activity_code,
        c.sub_activity_name,
        CASE c.government_code WHEN '1' THEN 'province' ELSE 'city' END AS government_code,
        c.affair_name,
        c.program_name,
        c.activity_name,
        c.list_number,
        NULL AS list_regulation_code,
        c.status_code = '0' AS is_active,
        NULL AS predecessor_code,
        NULL AS predecessor_name,
        NULL AS indicator_name,
        NULL AS unit_name
    FROM current.reference__sub_activity_code AS c
),
nomenclature AS (
    SELECT
        n.list_name,
        true AS is_official,
        true AS is_complete,
        n.sub_activity_code AS written_code,
        n.sub_activity_code,
        n.sub_activity_name,
        CASE n.government_code WHEN 'PROV' THEN 'province' ELSE 'city' END AS government_code,
        n.affair_name,
        n.program_name,
        n.activity_name,
        NULL AS list_number,
        regexp_replace(n.list_name, '(__.*)?\.[A-Za-z]+$', '') AS list_regulation_code,
        true AS is_active,
        regexp_replace(n.predecessor_code, '\.([0-9]{2})$', '.00\1') AS predecessor_code,
        n.predecessor_name,
        n.indicator_name,
        n.unit_name
    FROM current.reference__sub_activity_nomenclature AS n
),
budgeted AS (
    SELECT
        'sipd.sub_activities' AS list_name,
        false AS is_official,
        false AS is_complete,
        s.sub_activity_code AS written_code,
        regexp_replace(s.sub_activity_code, '\.([0-9]{2})$', '.00\1') AS sub_activity_code,
        s.sub_activity_name,
        'city' AS government_code,
        s.affair_name,
        s.program_name,
        s.activity_name,
        NULL AS list_number,
        NULL AS list_regulation_code,
        true AS is_active,
        NULL AS predecessor_code,
        NULL AS predecessor_name,
        NULL AS indicator_name,
        NULL AS unit_name
    FROM current.sipd__sub_activities AS s
),
listed AS (
    SELECT * FROM exported
    UNION ALL
    SELECT * FROM nomenclature
    UNION ALL
    SELECT * FROM budgeted
)
SELECT
    l.list_name,
    l.is_official,
    l.is_complete,
    l.written_code,
    l.sub_activity_code,
    l.sub_activity_name,
    -- Names are compared without marks, and without the 'rn' that exports leave of a line break.
    regexp_replace(regexp_replace(lower(l.sub_activity_name), '[^[:alnum:]]+', '', 'g'), 'rn$', '')
        AS compared_name,
    l.government_code,
    array_to_string((string_to_array(l.sub_activity_code, '.'))[1:5], '.') AS activity_code,
    l.activity_name,
    array_to_string((string_to_array(l.sub_activity_code, '.'))[1:3], '.') AS program_code,
    l.program_name,
    array_to_string((string_to_array(l.sub_activity_code, '.'))[1:2], '.') AS affair_code,
    l.affair_name,
    split_part(l.sub_activity_code, '.', 1) AS affair_group_code,
    r.regulation_code,
    r.regulation_name,
    r.regulation_number,
    r.valid_from,
    coalesce(l.list_regulation_code, l.list_number) AS stated_regulation,
    l.is_active,
    l.predecessor_code,
    l.predecessor_name,
    l.indicator_name,
    l.unit_name
FROM listed AS l
LEFT JOIN integrated.budget_code_regulation AS r
    ON r.regulation_code = l.list_regulation_code OR r.list_number = l.list_number
