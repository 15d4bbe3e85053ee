-- id: Apakah izin ini asli
-- en: Is this permit genuine
SELECT v.permit_number, v.permit_kind_name, v.holder_shown, v.kelurahan_name, v.permit_status_code, v.valid_until_date
FROM published.permit_verification AS v
WHERE v.permit_number LIKE '503/%'
ORDER BY v.permit_number
LIMIT 10;
