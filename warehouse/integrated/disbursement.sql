-- Money paid out against the budget: one row per SP2D. UP advances are left out, for they belong to no
-- sub-activity until GU replaces them; counting both would count the same money twice. Sub-activities have four
-- digits at the end, as in the budget of the same year: the treasury wrote two in 2023.
SELECT
    d.sp2d_number,
    d.sp2d_date,
    date_part('year', d.sp2d_date)::bigint AS budget_year,
    date_part('month', d.sp2d_date)::bigint AS month_number,
    d.skpd_code,
    coalesce(f.to_code, regexp_replace(d.sub_activity_code, '\.([0-9]{2})$', '.00\1'), 'unstated')
        AS sub_activity_code,
    coalesce(d.account_code, 'unstated') AS account_code,
    d.sp2d_amount
FROM current.simda__sp2d AS d
LEFT JOIN integrated.sub_activity_mapping AS f
    ON f.from_code = d.sub_activity_code
    AND f.government_code = 'city'
    AND f.mapping_kind_code = 'suffix'
WHERE d.sp2d_kind_code <> 'UP'
