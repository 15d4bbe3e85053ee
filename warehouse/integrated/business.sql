-- Businesses that any agency knows, by NIB, by NPWP, or by name with address or owner; one row each.
-- What agencies say differently is NULL, listed in abstained_fields, and a finding. A resident's NPWP is the
-- NIK: the person is the owner, the number stays in identity.
SELECT
    b.business_id,
    b.nib,
    CASE WHEN b.npwp LIKE '0%' THEN b.npwp END AS npwp,
    -- A NIK may stand in a text that is meant for something else.
    regexp_replace(b.name, '[0-9]{16,}', '(16 digits)', 'g') AS business_name,
    regexp_replace(b.address, '[0-9]{16,}', '(16 digits)', 'g') AS address,
    b.region_code,
    b.owner_person_id,
    b.datasets,
    b.abstained AS abstained_fields
FROM identity.business AS b
