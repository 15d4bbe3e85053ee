-- Permits of all kinds in one shape. Holders who are persons are not named; of a business its id and name.
SELECT
    l.permit_key,
    l.system_code,
    l.permit_number,
    l.building_number,
    l.permit_kind_code,
    l.permit_kind_name,
    l.holder_kind_code,
    l.business_id::text AS business_id,
    CASE WHEN l.holder_kind_code = 'business' THEN coalesce(b.business_name, l.business_name) END
        AS business_name,
    l.kbli_code,
    l.kecamatan_code,
    l.kecamatan_name,
    l.kelurahan_code,
    l.kelurahan_name,
    l.applied_date,
    l.issued_date,
    l.valid_until_date,
    l.permit_status_code,
    l.retribution_amount
FROM integrated.licence AS l
LEFT JOIN integrated.business AS b ON b.business_id = l.business_id
