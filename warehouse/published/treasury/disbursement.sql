-- The chain of each payment, release of funds (SPD) to SP2D, with the days between and what doesn't fit. A line of
-- the budget is overspent from the SP2D on that brings its sum, by date, above its ceiling.
WITH budget AS (
    SELECT b.budget_year, b.skpd_code, b.sub_activity_code, b.account_code, sum(b.pagu_amount) AS pagu_amount
    FROM integrated.agency_budget_line AS b
    GROUP BY b.budget_year, b.skpd_code, b.sub_activity_code, b.account_code
),
paid AS (
    SELECT
        p.*,
        p.sp2d_kind_code <> 'UP' AS is_spent,
        sum(p.sp2d_amount) OVER (
            PARTITION BY
                p.budget_year, p.skpd_code, p.sub_activity_code, p.account_code, p.sp2d_kind_code <> 'UP'
            ORDER BY p.sp2d_date, p.sp2d_number
        ) AS line_paid_amount
    FROM integrated.payment AS p
),
judged AS (
    SELECT
        p.*,
        b.pagu_amount,
        coalesce(p.spm_amount > p.spp_amount, false) AS is_spm_over_spp,
        coalesce(p.sp2d_amount > p.spm_amount, false) AS is_sp2d_over_spm,
        coalesce(p.spd_date > p.spp_date, false)
        OR coalesce(p.spp_date > p.spm_date, false)
        OR coalesce(p.spm_date > p.sp2d_date, false) AS is_out_of_order,
        p.is_spent AND p.line_paid_amount > coalesce(b.pagu_amount, 0) AS is_over_budget
    FROM paid AS p
    LEFT JOIN budget AS b
        ON p.is_spent
        AND b.budget_year = p.budget_year
        AND b.skpd_code = p.skpd_code
        AND b.sub_activity_code = p.sub_activity_code
        AND b.account_code = p.account_code
)
SELECT
    j.sp2d_number,
    j.sp2d_date,
    j.budget_year,
    j.month_number,
    j.sp2d_kind_code,
    j.skpd_code,
    a.skpd_name,
    j.sub_activity_code,
    s.sub_activity_name,
    j.account_code,
    c.account_name,
    j.spd_number,
    j.spd_date,
    j.spp_number,
    j.spp_date,
    j.spp_amount::numeric(18, 2) AS spp_amount,
    j.spm_number,
    j.spm_date,
    j.spm_amount::numeric(18, 2) AS spm_amount,
    j.sp2d_amount::numeric(18, 2) AS sp2d_amount,
    (j.spm_date - j.spp_date)::bigint AS spp_to_spm_days,
    (j.sp2d_date - j.spm_date)::bigint AS spm_to_sp2d_days,
    (j.sp2d_date - j.spp_date)::bigint AS spp_to_sp2d_days,
    j.chain_code,
    j.pagu_amount::numeric(18, 2) AS pagu_amount,
    CASE WHEN j.is_spent THEN j.line_paid_amount END::numeric(18, 2) AS line_paid_amount,
    j.is_spm_over_spp,
    j.is_sp2d_over_spm,
    j.is_out_of_order,
    j.is_over_budget,
    j.chain_code <> 'complete' OR j.is_spm_over_spp OR j.is_sp2d_over_spm OR j.is_out_of_order OR j.is_over_budget
        AS has_finding
FROM judged AS j
LEFT JOIN integrated.agency_code AS a ON a.skpd_code = j.skpd_code
LEFT JOIN integrated.sub_activity AS s
    ON s.sub_activity_code = j.sub_activity_code AND s.government_code = 'city' AND s.is_latest
LEFT JOIN integrated.account AS c ON c.account_code = j.account_code AND c.is_latest
