-- What registers say of the same facts: one row per application, fact and register. A register that is added
-- is a further branch: of the property tax, the year up to which the tax object `d.nop` is paid (fact
-- property_tax), and the building area that it is taxed by (fact floor_area).
WITH building AS (
    SELECT DISTINCT ON (b.approval_number) b.approval_number, b.floor_area, b.function_code
    FROM current.simbg__buildings AS b
    ORDER BY b.approval_number, b.issued_date DESC, b.building_id DESC
),
business AS (
    SELECT o.nib, sum(o.worker_count) AS worker_count, sum(o.investment_amount) AS investment_amount
    FROM integrated.business_project AS o
    GROUP BY o.nib
),
-- Where the register has the applicant living.
home AS (
    SELECT DISTINCT ON (a.permit_id) a.permit_id, r.region_code
    FROM identity.perizinan__permits__applicant AS a
    JOIN identity.person_key AS k ON k.person_id = a.person_id AND k.source = 'nik'
    JOIN identity.siak__residents__residence AS r ON r.nik = k.key
    WHERE a.outcome = 'match' AND r.region_code IS NOT NULL
    ORDER BY a.permit_id, k.key
)
SELECT d.permit_id, d.fact_code, 'simbg' AS register_code, b.floor_area AS registered_number, NULL AS registered_text
FROM integrated.declared_fact AS d
JOIN building AS b ON b.approval_number = d.building_number
WHERE d.fact_code = 'floor_area'
UNION ALL
SELECT d.permit_id, d.fact_code, 'simbg', NULL, b.function_code
FROM integrated.declared_fact AS d
JOIN building AS b ON b.approval_number = d.building_number
WHERE d.fact_code = 'building_function'
UNION ALL
SELECT d.permit_id, d.fact_code, 'oss', b.worker_count, NULL
FROM integrated.declared_fact AS d
JOIN business AS b ON b.nib = d.nib_number
WHERE d.fact_code = 'workforce'
UNION ALL
SELECT d.permit_id, d.fact_code, 'oss', b.investment_amount, NULL
FROM integrated.declared_fact AS d
JOIN business AS b ON b.nib = d.nib_number
WHERE d.fact_code = 'investment'
UNION ALL
SELECT d.permit_id, d.fact_code, 'siak', NULL, h.region_code
FROM integrated.declared_fact AS d
JOIN home AS h ON h.permit_id = d.permit_id
WHERE d.fact_code = 'domicile'
