-- Declared facts of applications beside what registers say, and what follows by the rules of declarations. A
-- fact of which no register speaks yet is left out. Of where an applicant lives only the outcome is told.
WITH compared AS (
    SELECT
        d.permit_id,
        d.fact_code,
        r.register_code,
        d.declared_number,
        r.registered_number,
        d.declared_text,
        r.registered_text,
        r.base_amount,
        CASE
            -- Taxes are said to be paid up to a later year than they are.
            WHEN d.fact_code = 'property_tax'
                THEN CASE WHEN d.declared_number > r.registered_number THEN 100 ELSE 0 END
            WHEN d.declared_number < r.registered_number
                THEN round((r.registered_number - d.declared_number) * 100 / r.registered_number, 2)
            WHEN d.declared_text <> r.registered_text THEN 100
            ELSE 0
        END AS difference_pct
    FROM integrated.declared_fact AS d
    JOIN integrated.registered_fact AS r ON r.permit_id = d.permit_id AND r.fact_code = d.fact_code
),
judged AS (
    SELECT DISTINCT ON (c.permit_id, c.fact_code, c.register_code)
        c.*,
        u.severity_code,
        u.sanction_name,
        u.fine_pct,
        u.fine_base_code,
        u.legal_basis_code,
        u.is_verified
    FROM compared AS c
    LEFT JOIN current.reference__declaration_rule AS u
        ON u.fact_code = c.fact_code AND c.difference_pct > 0 AND u.from_difference_pct <= c.difference_pct
    ORDER BY c.permit_id, c.fact_code, c.register_code, u.from_difference_pct DESC NULLS LAST
),
fact AS (
    SELECT f.fact_code, min(f.fact_name) AS fact_name
    FROM current.reference__declaration_rule AS f
    GROUP BY f.fact_code
)
SELECT
    l.permit_key,
    j.fact_code,
    j.register_code,
    l.permit_number,
    l.permit_kind_code,
    l.business_id::text AS business_id,
    l.kelurahan_code,
    coalesce(f.fact_name, j.fact_code) AS fact_name,
    CASE WHEN j.fact_code <> 'domicile' THEN coalesce(j.declared_number::text, j.declared_text) END
        AS declared_text,
    CASE WHEN j.fact_code <> 'domicile' THEN coalesce(j.registered_number::text, j.registered_text) END
        AS registered_text,
    j.difference_pct::numeric(9, 2) AS difference_pct,
    CASE
        WHEN j.difference_pct = 0 THEN 'agrees'
        WHEN j.severity_code IS NULL THEN 'tolerated'
        ELSE 'differs'
    END AS outcome_code,
    j.severity_code,
    j.sanction_name,
    j.fine_pct::numeric(9, 2) AS fine_pct,
    (CASE j.fine_base_code WHEN 'retribution' THEN l.retribution_amount WHEN 'tax' THEN j.base_amount END)
        ::numeric(18, 2) AS fine_base_amount,
    round(
        CASE j.fine_base_code WHEN 'retribution' THEN l.retribution_amount WHEN 'tax' THEN j.base_amount END
        * j.fine_pct / 100, 2
    )::numeric(18, 2) AS fine_amount,
    b.kind_name || coalesce(' Nomor ' || b.regulation_number, '') || coalesce(' Tahun ' || b.regulation_year, '')
        || ' tentang ' || b.title AS legal_basis_name,
    j.is_verified AS is_rule_verified
FROM judged AS j
JOIN integrated.licence AS l ON l.permit_key = 'perizinan:' || j.permit_id
LEFT JOIN fact AS f ON f.fact_code = j.fact_code
LEFT JOIN current.reference__legal_basis AS b ON b.legal_basis_code = j.legal_basis_code
