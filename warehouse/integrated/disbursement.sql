-- Money paid out against the budget: one row per SP2D. UP advances are left out, for they belong to no
-- sub-activity until GU replaces them; counting both would count the same money twice.
SELECT
    d.sp2d_number,
    d.sp2d_date,
    date_part('year', d.sp2d_date)::bigint AS budget_year,
    date_part('month', d.sp2d_date)::bigint AS month_number,
    d.skpd_code,
    coalesce(d.sub_activity_code, 'unstated') AS sub_activity_code,
    coalesce(d.account_code, 'unstated') AS account_code,
    d.sp2d_amount
FROM current.simda__sp2d AS d
WHERE d.sp2d_kind_code <> 'UP'
