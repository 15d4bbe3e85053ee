-- Every permit of any system in one shape: applications and permits of the licensing system, the business
-- numbers of OSS, old trade licences, and building approvals that no application is known of. Numbers are
-- written as they are known to people; a number as long as a NIK is masked, whatever it was meant for.
WITH
application AS (
    SELECT
        'perizinan:' || p.permit_id AS permit_key,
        'perizinan' AS system_code,
        p.permit_number,
        p.pbg_number AS building_number,
        p.service_code AS permit_kind_code,
        s.service_name AS permit_kind_name,
        p.business_name,
        p.applicant_name AS holder_name,
        NULL AS kbli_code,
        h.business_id,
        a.person_id AS holder_person_id,
        l.region_code,
        p.applied_date,
        p.issued_date,
        NULL::date AS valid_until_date,
        CASE p.permit_status_code
            WHEN 'TERBIT' THEN 'in_force'
            WHEN 'DITOLAK' THEN 'rejected'
            WHEN 'DICABUT' THEN 'revoked'
            ELSE 'pending'
        END AS permit_status_code,
        p.retribution_amount
    FROM current.perizinan__permits AS p
    LEFT JOIN current.perizinan__services AS s ON s.service_code = p.service_code
    LEFT JOIN identity.perizinan__permits__holder AS h ON h.permit_id = p.permit_id
    LEFT JOIN identity.perizinan__permits__applicant AS a ON a.permit_id = p.permit_id
    LEFT JOIN identity.perizinan__permits__location AS l ON l.permit_id = p.permit_id
),
-- A business has one NIB and any number of projects: its first one tells where and when.
business_number AS (
    SELECT DISTINCT ON (p.nib)
        'oss:' || p.nib AS permit_key,
        'oss' AS system_code,
        p.nib AS permit_number,
        NULL AS building_number,
        'NIB' AS permit_kind_code,
        'Nomor Induk Berusaha' AS permit_kind_name,
        p.business_name,
        NULL AS holder_name,
        p.kbli_code,
        p.business_id,
        p.responsible_person_id AS holder_person_id,
        p.region_code,
        p.applied_date,
        p.issued_date,
        NULL::date AS valid_until_date,
        'in_force' AS permit_status_code,
        NULL::numeric AS retribution_amount
    FROM integrated.business_project AS p
    ORDER BY p.nib, p.issued_date, p.project_id
),
trade_licence AS (
    SELECT
        'siup:' || t.licence_number AS permit_key,
        'siup' AS system_code,
        t.licence_number AS permit_number,
        NULL AS building_number,
        'SIUP' AS permit_kind_code,
        'Surat Izin Usaha Perdagangan' AS permit_kind_name,
        t.business_name,
        t.owner_name AS holder_name,
        NULL AS kbli_code,
        b.business_id,
        o.person_id AS holder_person_id,
        l.region_code,
        NULL::date AS applied_date,
        t.issued_date,
        t.valid_until_date,
        CASE WHEN t.valid_until_date < :as_of_date THEN 'expired' ELSE 'in_force' END AS permit_status_code,
        NULL::numeric AS retribution_amount
    FROM current.siup__licences AS t
    LEFT JOIN identity.siup__licences__holder AS b ON b.licence_number = t.licence_number
    LEFT JOIN identity.siup__licences__owner AS o ON o.licence_number = t.licence_number
    LEFT JOIN identity.siup__licences__location AS l ON l.licence_number = t.licence_number
),
building AS (
    SELECT
        'simbg:' || b.building_id AS permit_key,
        'simbg' AS system_code,
        b.approval_number AS permit_number,
        b.approval_number AS building_number,
        b.approval_kind_code AS permit_kind_code,
        CASE b.approval_kind_code
            WHEN 'IMB' THEN 'Izin Mendirikan Bangunan'
            ELSE 'Persetujuan Bangunan Gedung'
        END AS permit_kind_name,
        NULL AS business_name,
        b.owner_name AS holder_name,
        NULL AS kbli_code,
        NULL::uuid AS business_id,
        o.person_id AS holder_person_id,
        l.region_code,
        NULL::date AS applied_date,
        b.issued_date,
        NULL::date AS valid_until_date,
        CASE b.building_status_code
            WHEN 'AKTIF' THEN 'in_force'
            WHEN 'DICABUT' THEN 'revoked'
            ELSE 'ended'
        END AS permit_status_code,
        NULL::numeric AS retribution_amount
    FROM current.simbg__buildings AS b
    LEFT JOIN identity.simbg__buildings__owner AS o ON o.building_id = b.building_id
    LEFT JOIN identity.simbg__buildings__location AS l ON l.building_id = b.building_id
    LEFT JOIN current.perizinan__permits AS p ON p.pbg_number = b.approval_number
    WHERE p.permit_id IS NULL
),
listed AS (
    SELECT * FROM application
    UNION ALL
    SELECT * FROM business_number
    UNION ALL
    SELECT * FROM trade_licence
    UNION ALL
    SELECT * FROM building
)
SELECT
    regexp_replace(l.permit_key, '[0-9]{16,}', '(16 digits)', 'g') AS permit_key,
    l.system_code,
    regexp_replace(l.permit_number, '[0-9]{16,}', '(16 digits)', 'g') AS permit_number,
    l.building_number,
    l.permit_kind_code,
    l.permit_kind_name,
    CASE WHEN l.business_name IS NULL AND l.business_id IS NULL THEN 'person' ELSE 'business' END
        AS holder_kind_code,
    l.kbli_code,
    l.business_id,
    l.holder_person_id,
    regexp_replace(l.business_name, '[0-9]{16,}', '(16 digits)', 'g') AS business_name,
    -- "UD. SALIM" may name a person: whoever is no company is told by initials alone.
    CASE
        WHEN l.business_name ~* '^(PT|CV|KOPERASI|YAYASAN|PERUM)\M'
            THEN regexp_replace(l.business_name, '[0-9]{16,}', '(16 digits)', 'g')
        ELSE regexp_replace(
            coalesce(l.business_name, l.holder_name), '([[:alnum:]])[[:alnum:]'']*[.,]?', '\1.', 'g'
        )
    END AS holder_shown,
    r.kelurahan_code,
    r.kelurahan_name,
    r.kecamatan_code,
    r.kecamatan_name,
    l.applied_date,
    l.issued_date,
    l.valid_until_date,
    l.permit_status_code,
    l.retribution_amount::numeric(18, 2) AS retribution_amount
FROM listed AS l
LEFT JOIN integrated.region AS r ON r.region_code = l.region_code
