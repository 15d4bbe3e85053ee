-- Awards with the agency that answers today for who got them, or as written where no agency is meant.
SELECT
    w.award_id,
    w.award_name,
    w.giver_name,
    w.award_level_code,
    w.place_text,
    w.awarded_date,
    a.agency_id,
    a.skpd_code,
    coalesce(a.skpd_name, w.skpd_name) AS skpd_name,
    w.innovation_id
FROM current.inovasi__awards AS w
LEFT JOIN identity.inovasi__awards__recipient AS o ON o.award_id = w.award_id
LEFT JOIN integrated.agency AS a ON a.organisation_id = o.organisation_id
