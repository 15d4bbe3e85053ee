-- Agencies and their units as SIPD lists them, softly deleted ones included: old documents name them.
SELECT
    s.skpd_code,
    s.skpd_name,
    s.skpd_id,
    coalesce(s.is_active, true) AS is_active,
    right(s.skpd_code, 4) <> '0000' AS is_unit
FROM current.sipd__skpd AS s
