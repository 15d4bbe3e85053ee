-- Projects of businesses at OSS: the class of business (KBLI) with its five digits, of which spreadsheets drop
-- the leading zero, the kelurahan that the names mean, the business and who entered the project.
SELECT
    p.nib,
    p.project_id,
    lpad(p.kbli_code, 5, '0') AS kbli_code,
    p.kbli_name,
    p.business_name,
    b.business_id,
    r.person_id AS responsible_person_id,
    l.region_code,
    p.applied_date,
    p.issued_date,
    p.scale_name,
    p.risk_name,
    p.worker_count,
    p.investment_amount
FROM current.oss__projects AS p
LEFT JOIN identity.oss__projects__business AS b ON b.nib = p.nib AND b.project_id = p.project_id
LEFT JOIN identity.oss__projects__responsible AS r ON r.nib = p.nib AND r.project_id = p.project_id
LEFT JOIN identity.oss__projects__location AS l ON l.nib = p.nib AND l.project_id = p.project_id
