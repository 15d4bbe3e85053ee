-- What the treasury paid (SP2D without UP advances), by year, agency of today and sub-activity.
SELECT
    d.budget_year,
    coalesce(a.skpd_code, d.skpd_code) AS skpd_code,
    coalesce(w.sub_activity_code, d.sub_activity_code) AS sub_activity_code,
    sum(d.sp2d_amount) AS disbursed_amount,
    count(*) AS sp2d_count
FROM integrated.disbursement AS d
LEFT JOIN integrated.sub_activity_written AS w ON w.written_code = d.sub_activity_code
LEFT JOIN identity.simda__sp2d__agency AS i ON i.sp2d_number = d.sp2d_number
LEFT JOIN integrated.agency AS a ON a.organisation_id = i.organisation_id
GROUP BY
    d.budget_year, coalesce(a.skpd_code, d.skpd_code), coalesce(w.sub_activity_code, d.sub_activity_code)
