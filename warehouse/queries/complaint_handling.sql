-- id: Pengaduan per perangkat daerah dan tahun: jumlah, dan berapa persen dijawab tepat waktu
-- en: Complaints by agency and year: how many, and how many per cent were answered on time
SELECT c.report_year, c.skpd_name, count(*) AS complaint_count,
    round(100.0 * count(*) FILTER (WHERE c.is_answered_on_time)
        / nullif(count(c.is_answered_on_time), 0), 1) AS answered_on_time_pct
FROM published.complaint_handling AS c
WHERE c.skpd_code IS NOT NULL
GROUP BY c.report_year, c.skpd_name
ORDER BY c.report_year, complaint_count DESC;

-- id: Topik yang paling lama dijawab
-- en: Topics that take longest to be answered
SELECT c.parent_topic_name, c.topic_name, round(avg(c.answer_days), 1) AS mean_answer_days
FROM published.complaint_handling AS c
WHERE c.answer_days IS NOT NULL
GROUP BY c.parent_topic_name, c.topic_name
ORDER BY mean_answer_days DESC;
