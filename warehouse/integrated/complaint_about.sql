-- The agency that answers for each complaint today, and the kelurahan it speaks of; empty where nobody can tell.
SELECT
    c.tracking_id,
    a.agency_id,
    a.skpd_code,
    a.skpd_name,
    r.kelurahan_code,
    r.kelurahan_name,
    r.kecamatan_code,
    r.kecamatan_name
FROM current.lapor__complaints AS c
LEFT JOIN identity.lapor__complaints__agency AS o ON o.tracking_id = c.tracking_id
LEFT JOIN integrated.agency AS a ON a.organisation_id = o.organisation_id
LEFT JOIN identity.lapor__complaints__location AS l ON l.tracking_id = c.tracking_id
LEFT JOIN integrated.region AS r ON r.region_code = l.region_code
