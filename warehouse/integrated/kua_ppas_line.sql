-- Ceilings agreed with the council: one row per year, agency of today and sub-activity.
SELECT
    k.plan_year,
    coalesce(a.skpd_code, k.skpd_code) AS skpd_code,
    w.sub_activity_code,
    sum(k.ceiling_amount) AS ceiling_amount
FROM current.planning__kua_ppas_lines AS k
JOIN integrated.sub_activity_written AS w ON w.written_code = k.sub_activity_code
LEFT JOIN identity.planning__kua_ppas_lines__agency AS i
    ON i.plan_year = k.plan_year AND i.skpd_code = k.skpd_code AND i.sub_activity_code = k.sub_activity_code
LEFT JOIN integrated.agency AS a ON a.organisation_id = i.organisation_id
GROUP BY k.plan_year, coalesce(a.skpd_code, k.skpd_code), w.sub_activity_code
