-- Letters that were signed digitally: anybody may compare a document's hash with the one signed.
SELECT
    l.letter_number,
    l.letter_kind_code,
    l.subject,
    l.signer_position,
    l.skpd_code,
    l.skpd_name,
    l.signed_at,
    l.document_hash,
    l.letter_status_code,
    p.permit_key
FROM integrated.letter AS l
LEFT JOIN integrated.licence AS p ON p.system_code = 'perizinan' AND p.permit_number = l.permit_number
