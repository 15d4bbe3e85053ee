-- Innovations with the agency that answers for them today, or as written where no agency is meant.
SELECT
    i.innovation_id,
    i.innovation_name,
    a.agency_id,
    a.skpd_code,
    coalesce(a.skpd_name, i.skpd_name) AS skpd_name,
    i.innovation_kind_code,
    i.innovation_form_code,
    i.stage_code,
    i.drum_up_date,
    i.diagnose_date,
    i.design_date,
    i.deliver_date,
    i.display_date,
    i.trial_date,
    i.adoption_date,
    i.benefit,
    i.result,
    i.partner_count,
    i.agreement_count,
    i.research_candidate_count,
    i.patent_count
FROM current.inovasi__innovations AS i
LEFT JOIN identity.inovasi__innovations__agency AS o ON o.innovation_id = i.innovation_id
LEFT JOIN integrated.agency AS a ON a.organisation_id = o.organisation_id
