-- id: Surat bertanda tangan elektronik menurut bulan
-- en: Letters signed digitally by month
SELECT date_trunc('month', l.signed_at)::date AS month, l.letter_kind_code, count(*) AS letter_count
FROM published.official_letter AS l
GROUP BY 1, l.letter_kind_code
ORDER BY 1, l.letter_kind_code;
