-- How far each innovation is. Stages are in order when each up to the one reached has a day, none after it has,
-- and no day lies before that of the stage before.
WITH dated AS (
    SELECT
        i.*,
        array_position(ARRAY['DRUM_UP', 'DIAGNOSE', 'DESIGN', 'DELIVER', 'DISPLAY'], i.stage_code) AS stage_number,
        ARRAY[i.drum_up_date, i.diagnose_date, i.design_date, i.deliver_date, i.display_date] AS dates
    FROM integrated.innovation AS i
),
awarded AS (
    SELECT w.innovation_id, count(*) AS award_count
    FROM integrated.award AS w
    WHERE w.innovation_id IS NOT NULL
    GROUP BY w.innovation_id
)
SELECT
    d.innovation_id,
    d.innovation_name,
    d.skpd_code,
    d.skpd_name,
    d.innovation_kind_code,
    d.innovation_form_code,
    d.stage_code,
    d.drum_up_date,
    d.diagnose_date,
    d.design_date,
    d.deliver_date,
    d.display_date,
    d.trial_date,
    d.adoption_date,
    (:as_of_date - d.dates[d.stage_number])::bigint AS stage_days,
    d.benefit,
    d.result,
    d.partner_count,
    d.agreement_count,
    d.research_candidate_count,
    d.patent_count,
    coalesce(w.award_count, 0) AS award_count,
    num_nonnulls(d.drum_up_date, d.diagnose_date, d.design_date, d.deliver_date, d.display_date) = d.stage_number
        AND d.dates[d.stage_number] IS NOT NULL
        AND coalesce(d.drum_up_date <= d.diagnose_date, d.stage_number < 2)
        AND coalesce(d.diagnose_date <= d.design_date, d.stage_number < 3)
        AND coalesce(d.design_date <= d.deliver_date, d.stage_number < 4)
        AND coalesce(d.deliver_date <= d.display_date, d.stage_number < 5) AS is_in_order
FROM dated AS d
LEFT JOIN awarded AS w ON w.innovation_id = d.innovation_id
