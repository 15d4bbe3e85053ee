-- What registers say of the same facts: one row per application, fact and register. A register that is added
-- is a further branch. `base_amount` is what a fine on it is a percentage of, where the register knows it.
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
),
bill AS (
    SELECT
        concat(b.province_code, b.regency_code, b.district_code, b.village_code,
            b.block_number, b.object_number, b.object_kind_code) AS nop,
        b.tax_year,
        b.due_date,
        b.billed_amount
    FROM current.sismiop__bills AS b
),
payment AS (
    SELECT
        concat(p.province_code, p.regency_code, p.district_code, p.village_code,
            p.block_number, p.object_number, p.object_kind_code) AS nop,
        p.tax_year,
        sum(p.paid_amount - coalesce(p.penalty_amount, 0)) AS paid_amount
    FROM current.sismiop__payments AS p
    GROUP BY 1, 2
),
-- Up to which year the property tax is paid: the one before the first bill that is due and open.
taxed AS (
    SELECT
        b.nop,
        coalesce(min(b.tax_year) FILTER (WHERE o.is_open) - 1, max(b.tax_year)) AS paid_year,
        sum(b.billed_amount - coalesce(p.paid_amount, 0)) FILTER (WHERE o.is_open) AS open_amount
    FROM bill AS b
    LEFT JOIN payment AS p ON p.nop = b.nop AND p.tax_year = b.tax_year
    CROSS JOIN LATERAL (
        SELECT b.due_date < :as_of_date AND coalesce(p.paid_amount, 0) < b.billed_amount AS is_open
    ) AS o
    GROUP BY b.nop
)
SELECT
    d.permit_id,
    d.fact_code,
    'simbg' AS register_code,
    b.floor_area AS registered_number,
    NULL AS registered_text,
    NULL::numeric AS base_amount
FROM integrated.declared_fact AS d
JOIN building AS b ON b.approval_number = d.building_number
WHERE d.fact_code = 'floor_area'
UNION ALL
SELECT d.permit_id, d.fact_code, 'simbg', NULL, b.function_code, NULL
FROM integrated.declared_fact AS d
JOIN building AS b ON b.approval_number = d.building_number
WHERE d.fact_code = 'building_function'
UNION ALL
SELECT d.permit_id, d.fact_code, 'oss', b.worker_count, NULL, NULL
FROM integrated.declared_fact AS d
JOIN business AS b ON b.nib = d.nib_number
WHERE d.fact_code = 'workforce'
UNION ALL
SELECT d.permit_id, d.fact_code, 'oss', b.investment_amount, NULL, NULL
FROM integrated.declared_fact AS d
JOIN business AS b ON b.nib = d.nib_number
WHERE d.fact_code = 'investment'
UNION ALL
SELECT d.permit_id, d.fact_code, 'siak', NULL, h.region_code, NULL
FROM integrated.declared_fact AS d
JOIN home AS h ON h.permit_id = d.permit_id
WHERE d.fact_code = 'domicile'
UNION ALL
SELECT d.permit_id, d.fact_code, 'pbb', t.paid_year, NULL, t.open_amount
FROM integrated.declared_fact AS d
JOIN taxed AS t ON t.nop = d.nop
WHERE d.fact_code = 'property_tax'
