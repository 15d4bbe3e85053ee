-- What lists and budgets say of codes that can't be conformed, or that somebody should look at: nothing of it
-- is guessed. One row per code, kind of government and finding; `found_in` is the list or dataset.
WITH official AS (
    SELECT l.* FROM integrated.sub_activity_listing AS l WHERE l.is_official
),
account_name AS (
    SELECT
        a.account_code,
        regexp_replace(lower(a.account_name), '[^[:alnum:]]+', '', 'g') AS compared_name,
        a.account_name,
        a.list_name,
        a.list_number,
        a.status_code
    FROM current.reference__account_code AS a
),
spent AS (
    SELECT 'sipd.budget_lines' AS found_in, b.sub_activity_code, b.account_code FROM integrated.budget AS b
    UNION
    SELECT 'simda.sp2d' AS found_in, d.sub_activity_code, d.account_code FROM integrated.disbursement AS d
),
finding AS (
    SELECT
        'account' AS dimension_code,
        CASE a.list_number WHEN '0' THEN 'regulation_not_stated' ELSE 'regulation_unknown' END AS finding_code,
        a.account_code AS code,
        NULL AS government_code,
        a.list_name AS found_in,
        'regulation ' || a.list_number AS detail
    FROM current.reference__account_code AS a
    WHERE NOT EXISTS (
        SELECT FROM integrated.budget_code_regulation AS r WHERE r.list_number = a.list_number
    )
    UNION ALL
    SELECT
        'account', 'level_differs', a.account_code, NULL, a.list_name,
        'stated level ' || a.level_number
    FROM current.reference__account_code AS a
    WHERE a.level_number <> cardinality(string_to_array(a.account_code, '.'))
    UNION ALL
    SELECT 'account', 'parent_missing', c.account_code, NULL, c.list_name, c.parent_code
    FROM integrated.account AS c
    WHERE c.parent_code IS NOT NULL
        AND NOT EXISTS (SELECT FROM integrated.account AS p WHERE p.account_code = c.parent_code)
    UNION ALL
    SELECT
        'account', 'name_differs', a.account_code, NULL, min(a.list_name),
        string_agg(DISTINCT a.account_name, ' | ' ORDER BY a.account_name)
    FROM account_name AS a
    GROUP BY a.account_code
    HAVING count(DISTINCT a.compared_name) > 1
    UNION ALL
    SELECT
        'account', 'listed_twice', a.account_code, NULL, min(a.list_name),
        string_agg(a.list_name, ' | ' ORDER BY a.list_name)
    FROM account_name AS a
    GROUP BY a.account_code, a.list_number, a.status_code
    HAVING count(*) > 1
    UNION ALL
    SELECT 'account', 'successor_unknown', m.from_code, NULL, 'reference.account_mapping', m.stated_code
    FROM integrated.account_mapping AS m
    WHERE m.to_code IS NULL
    UNION ALL
    SELECT 'account', 'successor_not_listed', m.from_code, NULL, 'reference.account_mapping', m.to_code
    FROM integrated.account_mapping AS m
    WHERE m.to_code IS NOT NULL
        AND NOT EXISTS (SELECT FROM integrated.account AS a WHERE a.account_code = m.to_code)
    UNION ALL
    SELECT DISTINCT 'account', 'not_listed', s.account_code, NULL, s.found_in, NULL
    FROM spent AS s
    LEFT JOIN integrated.account_mapping AS m ON m.from_code = s.account_code
    WHERE s.account_code <> 'unstated'
        AND NOT EXISTS (
            SELECT FROM integrated.account AS a WHERE a.account_code = coalesce(m.to_code, s.account_code)
        )
    UNION ALL
    SELECT DISTINCT
        'sub_activity',
        CASE l.stated_regulation WHEN '0' THEN 'regulation_not_stated' ELSE 'regulation_unknown' END,
        l.sub_activity_code, l.government_code, l.list_name, 'regulation ' || l.stated_regulation
    FROM official AS l
    WHERE l.regulation_code IS NULL
    UNION ALL
    SELECT DISTINCT
        'sub_activity', 'government_differs', l.sub_activity_code, l.government_code, l.list_name,
        l.activity_code
    FROM official AS l
    WHERE (split_part(l.sub_activity_code, '.', 4) = '1' AND l.government_code <> 'province')
        OR (split_part(l.sub_activity_code, '.', 4) = '2' AND l.government_code <> 'city')
    UNION ALL
    SELECT
        'sub_activity', 'name_differs', l.sub_activity_code, l.government_code, min(l.list_name),
        string_agg(DISTINCT l.sub_activity_name, ' | ' ORDER BY l.sub_activity_name)
    FROM official AS l
    GROUP BY l.sub_activity_code, l.government_code
    HAVING count(DISTINCT l.compared_name) > 1
    UNION ALL
    SELECT
        'sub_activity', 'listed_twice', l.sub_activity_code, l.government_code, min(l.list_name),
        string_agg(l.list_name || ' ' || l.written_code, ' | ' ORDER BY l.list_name, l.written_code)
    FROM official AS l
    GROUP BY l.sub_activity_code, l.government_code, l.stated_regulation, l.is_active
    HAVING count(*) > 1
    UNION ALL
    SELECT
        'sub_activity',
        CASE
            WHEN m.to_code IS NOT NULL THEN 'predecessor_not_listed'
            WHEN EXISTS (
                SELECT FROM official AS s
                WHERE s.sub_activity_code = l.predecessor_code
                    AND s.government_code = l.government_code
                    AND s.regulation_number >= l.regulation_number
            ) THEN 'predecessor_still_listed'
            ELSE 'predecessor_ambiguous'
        END,
        l.sub_activity_code, l.government_code, l.list_name, l.predecessor_code
    FROM official AS l
    LEFT JOIN integrated.sub_activity_mapping AS m
        ON m.from_code = l.predecessor_code
        AND m.government_code = l.government_code
        AND m.mapping_kind_code LIKE 'predecessor%'
    WHERE l.predecessor_code IS NOT NULL
        AND (
            m.to_code IS NULL
            OR NOT EXISTS (
                SELECT FROM official AS s
                WHERE s.sub_activity_code = l.predecessor_code AND s.government_code = l.government_code
            )
        )
    UNION ALL
    SELECT 'sub_activity', 'no_successor', s.sub_activity_code, s.government_code, s.list_name, NULL
    FROM integrated.sub_activity AS s
    WHERE s.is_latest AND s.is_official AND s.is_active AND s.valid_to IS NOT NULL AND s.successor_code IS NULL
    UNION ALL
    SELECT 'sub_activity', 'not_listed', s.sub_activity_code, s.government_code, s.list_name, NULL
    FROM integrated.sub_activity AS s
    WHERE NOT s.is_official
    UNION ALL
    SELECT DISTINCT 'sub_activity', 'not_listed', p.sub_activity_code, 'city', p.found_in, NULL
    FROM spent AS p
    LEFT JOIN integrated.sub_activity_mapping AS m
        ON m.from_code = p.sub_activity_code AND m.government_code = 'city'
    WHERE p.sub_activity_code <> 'unstated'
        AND NOT EXISTS (
            SELECT FROM integrated.sub_activity AS s
            WHERE s.sub_activity_code = coalesce(m.to_code, p.sub_activity_code)
                AND s.government_code = 'city'
                AND s.is_official
        )
)
SELECT f.dimension_code, f.finding_code, f.code, f.government_code, f.found_in, f.detail
FROM finding AS f
