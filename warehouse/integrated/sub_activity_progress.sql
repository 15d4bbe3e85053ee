-- The last reported progress of each year, by agency of today and sub-activity. Where two lines mean the same,
-- the one that is further in the year stands, then the slower.
SELECT DISTINCT ON (e.budget_year, coalesce(a.skpd_code, e.skpd_code), w.sub_activity_code)
    e.budget_year,
    coalesce(a.skpd_code, e.skpd_code) AS skpd_code,
    w.sub_activity_code,
    e.month_number,
    e.physical_pct,
    e.financial_pct
FROM current.emonev__progress AS e
JOIN integrated.sub_activity_written AS w ON w.written_code = e.sub_activity_code
LEFT JOIN identity.emonev__progress__agency AS i
    ON i.budget_year = e.budget_year
    AND i.month_number = e.month_number
    AND i.skpd_code = e.skpd_code
    AND i.sub_activity_code = e.sub_activity_code
LEFT JOIN integrated.agency AS a ON a.organisation_id = i.organisation_id
ORDER BY
    e.budget_year, coalesce(a.skpd_code, e.skpd_code), w.sub_activity_code, e.month_number DESC,
    e.physical_pct, e.skpd_code, e.sub_activity_code
