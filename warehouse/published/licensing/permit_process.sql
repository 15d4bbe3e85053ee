-- Each step of each application: who did it, side by side with whom, in how many office days, and whether that
-- is within the standard.
SELECT
    'perizinan:' || s.permit_id AS permit_key,
    s.step_number,
    p.service_code AS permit_kind_code,
    v.service_name AS permit_kind_name,
    s.step_code,
    d.step_name,
    s.skpd_code,
    s.skpd_name,
    s.is_parallel,
    s.started_at,
    s.finished_at,
    s.decision_code,
    s.office_days,
    d.standard_days,
    s.office_days > d.standard_days AS is_late,
    p.applied_date,
    p.issued_date,
    greatest(e.office_day_number - b.office_day_number, 0) AS application_days,
    t.standard_days AS application_standard_days,
    greatest(e.office_day_number - b.office_day_number, 0) > t.standard_days AS is_application_late
FROM integrated.permit_step AS s
JOIN current.perizinan__permits AS p ON p.permit_id = s.permit_id
LEFT JOIN current.perizinan__services AS v ON v.service_code = p.service_code
LEFT JOIN current.reference__service_standard AS d ON d.step_code = s.step_code
LEFT JOIN current.reference__service_standard AS t ON t.step_code = 'TOTAL'
LEFT JOIN integrated.office_day AS b ON b.calendar_date = p.applied_date
LEFT JOIN integrated.office_day AS e ON e.calendar_date = p.issued_date
