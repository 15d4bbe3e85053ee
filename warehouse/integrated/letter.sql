-- Letters that were signed digitally, with the agency that answers for them today.
SELECT
    l.letter_id,
    regexp_replace(l.letter_number, '[0-9]{16,}', '(16 digits)', 'g') AS letter_number,
    l.letter_kind_code,
    regexp_replace(l.subject, '[0-9]{16,}', '(16 digits)', 'g') AS subject,
    l.signer_position,
    coalesce(a.skpd_code, l.skpd_code) AS skpd_code,
    a.skpd_name,
    l.signed_at,
    l.document_hash,
    l.letter_status_code,
    l.permit_number
FROM current.tte__letters AS l
LEFT JOIN identity.tte__letters__agency AS i ON i.letter_id = l.letter_id
LEFT JOIN integrated.agency AS a ON a.organisation_id = i.organisation_id
