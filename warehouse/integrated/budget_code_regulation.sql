-- The regulations that give budget codes their names: from which budget year on each applies, until when
-- it is the newest, and its place among them. Two of one year apply side by side, the later decree first.
SELECT
    r.regulation_code,
    r.regulation_name,
    r.list_number,
    r.first_budget_year,
    make_date(r.first_budget_year::integer, 1, 1) AS valid_from,
    make_date(min(n.first_budget_year)::integer, 1, 1) AS valid_to,
    row_number() OVER (ORDER BY r.first_budget_year, r.decree_date, r.regulation_code) AS regulation_number,
    r.is_verified
FROM current.reference__regulation AS r
LEFT JOIN current.reference__regulation AS n ON n.first_budget_year > r.first_budget_year
GROUP BY
    r.regulation_code, r.regulation_name, r.list_number, r.first_budget_year, r.decree_date, r.is_verified
