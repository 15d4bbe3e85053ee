-- Every SP2D with the documents that it answers: payment order (SPM), request (SPP), release of funds (SPD).
-- What is named but not held leaves its columns empty, save its number. By the agency of today and the present
-- codes of sub-activity and account, as `agency_budget_line` is.
SELECT
    d.sp2d_number,
    d.sp2d_date,
    date_part('year', d.sp2d_date)::bigint AS budget_year,
    date_part('month', d.sp2d_date)::bigint AS month_number,
    d.sp2d_kind_code,
    coalesce(a.skpd_code, d.skpd_code) AS skpd_code,
    coalesce(w.sub_activity_code, d.sub_activity_code, 'unstated') AS sub_activity_code,
    coalesce(c.to_code, d.account_code, 'unstated') AS account_code,
    d.sp2d_amount,
    d.spm_number,
    m.spm_date,
    m.spm_amount,
    m.spp_number,
    p.spp_date,
    p.spp_amount,
    p.spd_number,
    s.spd_date,
    CASE
        WHEN m.spm_number IS NULL THEN 'spm_missing'
        WHEN p.spp_number IS NULL THEN 'spp_missing'
        WHEN s.spd_number IS NULL THEN 'spd_missing'
        ELSE 'complete'
    END AS chain_code
FROM (
    SELECT s.*, make_date(date_part('year', s.sp2d_date)::integer, 1, 1) AS year_from
    FROM current.simda__sp2d AS s
) AS d
LEFT JOIN current.simda__spm AS m ON m.spm_number = d.spm_number
LEFT JOIN current.simda__spp AS p ON p.spp_number = m.spp_number
LEFT JOIN current.simda__spd AS s ON s.spd_number = p.spd_number
LEFT JOIN identity.simda__sp2d__agency AS i ON i.sp2d_number = d.sp2d_number
LEFT JOIN integrated.agency AS a ON a.organisation_id = i.organisation_id
LEFT JOIN integrated.sub_activity_written AS w ON w.written_code = d.sub_activity_code
LEFT JOIN integrated.account_mapping AS c ON c.from_code = d.account_code AND c.valid_from <= d.year_from
