-- Agencies and their units as SIPD lists them, softly deleted ones included: old documents name them. The
-- organisation is that of the table of agencies; empty where it can't be told.
SELECT
    s.skpd_code,
    s.skpd_name,
    s.skpd_id,
    coalesce(s.is_active, true) AS is_active,
    right(s.skpd_code, 4) <> '0000' AS is_unit,
    a.organisation_id
FROM current.sipd__skpd AS s
LEFT JOIN identity.sipd__skpd__agency AS a ON a.skpd_id = s.skpd_id
