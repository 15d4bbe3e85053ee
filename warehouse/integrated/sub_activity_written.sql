-- Sub-activity codes as any system writes them, and the code that each stands for today: the short form with
-- two digits at the end, an agency's own field of affairs in the supporting programme, and codes that were
-- replaced. `is_listed` is false for a code that no official list has: it is kept as it is, and is a finding.
WITH written AS (
    SELECT b.sub_activity_code AS written_code FROM current.sipd__budget_lines AS b
    UNION
    SELECT p.sub_activity_code FROM current.simda__sp2d AS p WHERE p.sub_activity_code IS NOT NULL
    UNION
    SELECT e.sub_activity_code FROM current.emonev__progress AS e
    UNION
    SELECT r.sub_activity_code FROM current.planning__rkpd_lines AS r
    UNION
    SELECT k.sub_activity_code FROM current.planning__kua_ppas_lines AS k
),
conformed AS (
    SELECT
        w.written_code,
        coalesce(m.to_code, l.to_code, regexp_replace(w.written_code, '\.([0-9]{2})$', '.00\1'))
            AS sub_activity_code
    FROM written AS w
    LEFT JOIN integrated.sub_activity_mapping AS m
        ON m.from_code = w.written_code AND m.government_code = 'city'
    LEFT JOIN integrated.sub_activity_mapping AS l
        ON l.from_code = regexp_replace(w.written_code, '\.([0-9]{2})$', '.00\1')
        AND l.government_code = 'city'
)
SELECT
    c.written_code,
    c.sub_activity_code,
    s.sub_activity_name,
    s.activity_code,
    s.activity_name,
    s.program_code,
    s.program_name,
    coalesce(s.is_official, false) AS is_listed
FROM conformed AS c
LEFT JOIN integrated.sub_activity AS s
    ON s.sub_activity_code = c.sub_activity_code AND s.government_code = 'city' AND s.is_latest
