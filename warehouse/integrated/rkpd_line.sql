-- The yearly plan: one row per year, agency of today and sub-activity. Where two agencies that have merged since
-- planned the same, their ceilings are added, and outcome, indicator and target are those of the larger line.
WITH line AS (
    SELECT
        r.plan_year,
        coalesce(a.skpd_code, r.skpd_code) AS skpd_code,
        w.sub_activity_code,
        r.sub_activity_name,
        r.skpd_code AS written_skpd_code,
        r.outcome_node_id,
        r.indicator_name,
        r.target_text,
        r.unit_name,
        r.indicative_pagu_amount,
        row_number() OVER (
            PARTITION BY r.plan_year, coalesce(a.skpd_code, r.skpd_code), w.sub_activity_code
            ORDER BY r.indicative_pagu_amount DESC, r.skpd_code, r.sub_activity_code
        ) AS place
    FROM current.planning__rkpd_lines AS r
    JOIN integrated.sub_activity_written AS w ON w.written_code = r.sub_activity_code
    LEFT JOIN identity.planning__rkpd_lines__agency AS i
        ON i.plan_year = r.plan_year
        AND i.skpd_code = r.skpd_code
        AND i.sub_activity_code = r.sub_activity_code
    LEFT JOIN integrated.agency AS a ON a.organisation_id = i.organisation_id
)
SELECT
    l.plan_year,
    l.skpd_code,
    l.sub_activity_code,
    min(l.sub_activity_name) FILTER (WHERE l.place = 1) AS sub_activity_name,
    min(l.outcome_node_id) FILTER (WHERE l.place = 1) AS outcome_node_id,
    min(l.indicator_name) FILTER (WHERE l.place = 1) AS indicator_name,
    min(l.target_text) FILTER (WHERE l.place = 1) AS target_text,
    min(l.unit_name) FILTER (WHERE l.place = 1) AS unit_name,
    sum(l.indicative_pagu_amount) AS indicative_pagu_amount,
    count(*) AS line_count
FROM line AS l
GROUP BY l.plan_year, l.skpd_code, l.sub_activity_code
