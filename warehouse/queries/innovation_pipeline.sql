-- id: Inovasi per perangkat daerah dan tahap
-- en: Innovations by agency and stage
SELECT p.skpd_name, p.stage_code, count(*) AS innovation_count, sum(p.partner_count) AS partner_count,
    sum(p.patent_count) AS patent_count
FROM published.innovation_pipeline AS p
GROUP BY p.skpd_name, p.stage_code
ORDER BY p.skpd_name, p.stage_code;
