-- What applicants declared, a row for each fact: a number or a text. Places are conformed.
SELECT
    d.permit_id,
    f.fact_code,
    f.declared_number,
    f.declared_text,
    d.building_number,
    d.nop,
    p.nib_number,
    d.declared_date
FROM current.perizinan__declarations AS d
JOIN current.perizinan__permits AS p ON p.permit_id = d.permit_id
LEFT JOIN identity.perizinan__declarations__domicile AS i ON i.declaration_id = d.declaration_id
CROSS JOIN LATERAL (
    VALUES
        ('floor_area', d.floor_area, NULL::text),
        ('building_function', NULL, d.function_code),
        ('workforce', d.worker_count::numeric, NULL),
        ('investment', d.investment_amount, NULL),
        ('domicile', NULL, i.region_code),
        ('property_tax', d.tax_paid_year::numeric, NULL)
) AS f (fact_code, declared_number, declared_text)
WHERE f.declared_number IS NOT NULL OR f.declared_text IS NOT NULL
