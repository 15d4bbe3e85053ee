-- Account codes in every version that a list has of them: a row per code, regulation and status, withdrawn
-- ones included. `valid_to` is exclusive: the next version's first day, or the successor's. It is empty for
-- what is still in force, and for a withdrawn row of which no list says when that was. `is_latest` marks
-- the one version per code that a line of any year can be joined to, after `account_mapping`.
WITH listed AS (
    SELECT DISTINCT ON (a.account_code, a.list_number, a.status_code)
        a.account_code,
        string_to_array(a.account_code, '.') AS parts,
        a.account_name,
        a.list_name,
        a.list_number,
        a.status_code = '0' AS is_active
    FROM current.reference__account_code AS a
    ORDER BY a.account_code, a.list_number, a.status_code, a.list_name
),
version AS (
    SELECT l.*, r.regulation_code, r.regulation_name, r.regulation_number, r.valid_from
    FROM listed AS l
    LEFT JOIN integrated.budget_code_regulation AS r ON r.list_number = l.list_number
),
ordered AS (
    SELECT
        v.*,
        min(v.valid_from) OVER (
            PARTITION BY v.account_code ORDER BY v.valid_from
            RANGE BETWEEN INTERVAL '1 day' FOLLOWING AND UNBOUNDED FOLLOWING
        ) AS next_from,
        row_number() OVER (
            PARTITION BY v.account_code
            ORDER BY v.is_active DESC, v.regulation_number DESC NULLS LAST, v.list_name
        ) AS place
    FROM version AS v
)
SELECT
    o.account_code,
    o.account_name,
    cardinality(o.parts)::bigint AS level_number,
    (ARRAY['akun', 'kelompok', 'jenis', 'objek', 'rincian_objek', 'sub_rincian_objek'])[cardinality(o.parts)]
        AS level_code,
    nullif(array_to_string(o.parts[1:cardinality(o.parts) - 1], '.'), '') AS parent_code,
    o.parts[1] AS akun_code,
    CASE WHEN cardinality(o.parts) >= 2 THEN array_to_string(o.parts[1:2], '.') END AS kelompok_code,
    CASE WHEN cardinality(o.parts) >= 3 THEN array_to_string(o.parts[1:3], '.') END AS jenis_code,
    CASE WHEN cardinality(o.parts) >= 4 THEN array_to_string(o.parts[1:4], '.') END AS objek_code,
    CASE WHEN cardinality(o.parts) >= 5 THEN array_to_string(o.parts[1:5], '.') END AS rincian_objek_code,
    o.regulation_code,
    o.regulation_name,
    o.valid_from,
    least(o.next_from, m.valid_from) AS valid_to,
    o.is_active,
    o.place = 1 AS is_latest,
    m.to_code AS successor_code,
    o.list_name
FROM ordered AS o
LEFT JOIN integrated.account_mapping AS m ON m.from_code = o.account_code
