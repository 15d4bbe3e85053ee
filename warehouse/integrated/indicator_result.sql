-- Target and realisation of each indicator, as written and as figures or places on a scale. Figures are read
-- with a decimal comma, points between thousands and a per cent sign or none; a text that is neither figure nor
-- known grade stays a text and is `unreadable`. Achievement is realisation of target; where less is better,
-- (2 x target - realisation) of target, so that what stays below its target is over 100. `is_latest` marks the
-- furthest reported period of each year, or the whole year where none is.
WITH said AS (
    SELECT
        c.indicator_code,
        c.plan_year,
        c.period_code,
        c.target_text,
        c.realisation_text,
        regexp_replace(c.target_text, '\s*%$', '') AS target_figure,
        regexp_replace(c.realisation_text, '\s*%$', '') AS realisation_figure
    FROM current.esakip__achievements AS c
),
figure AS (
    SELECT
        s.*,
        CASE WHEN s.target_figure ~ '^-?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+)(,[0-9]+)?$'
            THEN replace(replace(s.target_figure, '.', ''), ',', '.')::numeric
        END AS target_value,
        CASE WHEN s.realisation_figure ~ '^-?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+)(,[0-9]+)?$'
            THEN replace(replace(s.realisation_figure, '.', ''), ',', '.')::numeric
        END AS realisation_value
    FROM said AS s
),
judged AS (
    SELECT
        f.*,
        i.indicator_name,
        i.outcome_code,
        i.outcome_name,
        i.goal_code,
        i.goal_name,
        i.unit_name,
        i.direction_code,
        i.kind_code,
        coalesce(a.skpd_code, i.skpd_code) AS skpd_code,
        coalesce(a.skpd_name, i.skpd_name) AS skpd_name,
        t.grade_rank AS target_rank,
        g.grade_rank AS realisation_rank,
        CASE
            WHEN f.realisation_text IS NULL THEN 'not_reported'
            WHEN i.kind_code = 'PREDIKAT' AND g.grade_rank IS NOT NULL AND t.grade_rank IS NOT NULL THEN 'reported'
            WHEN i.kind_code <> 'PREDIKAT' AND f.realisation_value IS NOT NULL AND f.target_value IS NOT NULL
                THEN 'reported'
            ELSE 'unreadable'
        END AS state_code
    FROM figure AS f
    JOIN current.esakip__indicators AS i ON i.indicator_code = f.indicator_code
    LEFT JOIN identity.esakip__indicators__agency AS o ON o.indicator_code = f.indicator_code
    LEFT JOIN integrated.agency AS a ON a.organisation_id = o.organisation_id
    LEFT JOIN integrated.grade AS t
        ON i.kind_code = 'PREDIKAT' AND t.grade_code = upper(trim(f.target_text))
    LEFT JOIN integrated.grade AS g
        ON i.kind_code = 'PREDIKAT'
        AND g.grade_code = upper(trim(f.realisation_text))
        AND g.scale_code = t.scale_code
)
SELECT
    j.plan_year,
    j.period_code,
    j.indicator_code,
    j.indicator_name,
    j.skpd_code,
    j.skpd_name,
    j.goal_code,
    j.goal_name,
    j.outcome_code,
    j.outcome_name,
    j.unit_name,
    j.direction_code,
    j.kind_code,
    j.target_text,
    j.realisation_text,
    CASE WHEN j.kind_code <> 'PREDIKAT' THEN j.target_value END AS target_value,
    CASE WHEN j.kind_code <> 'PREDIKAT' THEN j.realisation_value END AS realisation_value,
    j.target_rank,
    j.realisation_rank,
    CASE WHEN j.state_code = 'reported' AND j.kind_code <> 'PREDIKAT'
        THEN round(
            CASE j.direction_code
                WHEN 'TURUN' THEN 2 * j.target_value - j.realisation_value ELSE j.realisation_value
            END * 100 / nullif(j.target_value, 0), 2)
    END AS achievement_pct,
    CASE
        WHEN j.state_code <> 'reported' THEN NULL
        WHEN j.kind_code = 'PREDIKAT' THEN j.realisation_rank >= j.target_rank
        WHEN j.direction_code = 'TURUN' THEN j.realisation_value <= j.target_value
        ELSE j.realisation_value >= j.target_value
    END AS is_achieved,
    j.state_code,
    row_number() OVER (
        PARTITION BY j.plan_year, j.indicator_code
        ORDER BY j.state_code = 'reported' DESC, j.period_code = 'TAHUN' DESC, j.period_code DESC
    ) = 1 AS is_latest
FROM judged AS j
