-- What lies in the archive of the licensing office, how long it is kept, and what becomes of it then.
SELECT
    d.document_id,
    d.classification_code,
    d.document_kind_code,
    regexp_replace(d.title, '[0-9]{16,}', '(16 digits)', 'g') AS title,
    regexp_replace(d.reference_number, '[0-9]{16,}', '(16 digits)', 'g') AS reference_number,
    d.document_date,
    d.medium_code,
    d.location_name,
    d.page_count,
    (d.document_date + make_interval(years => d.retention_years::int))::date AS retention_until_date,
    d.disposal_code,
    d.document_hash,
    l.letter_number IS NOT NULL AS is_signed
FROM current.arsip__documents AS d
LEFT JOIN integrated.letter AS l ON l.document_hash = d.document_hash
