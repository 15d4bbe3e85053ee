-- The cash plan (RAK): what an agency means to spend on a sub-activity in a month. By the agency of today and the
-- sub-activity's present code.
SELECT
    c.budget_year,
    c.month_number,
    coalesce(a.skpd_code, c.skpd_code) AS skpd_code,
    coalesce(w.sub_activity_code, c.sub_activity_code) AS sub_activity_code,
    sum(coalesce(c.planned_amount, 0)) AS planned_amount
FROM current.sipd__cash_plan AS c
LEFT JOIN identity.sipd__cash_plan__agency AS i
    ON i.budget_year = c.budget_year
    AND i.month_number = c.month_number
    AND i.skpd_code = c.skpd_code
    AND i.sub_activity_code = c.sub_activity_code
LEFT JOIN integrated.agency AS a ON a.organisation_id = i.organisation_id
LEFT JOIN integrated.sub_activity_written AS w ON w.written_code = c.sub_activity_code
GROUP BY
    c.budget_year, c.month_number, coalesce(a.skpd_code, c.skpd_code),
    coalesce(w.sub_activity_code, c.sub_activity_code)
