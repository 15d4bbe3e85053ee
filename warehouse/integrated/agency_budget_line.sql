-- Budget lines in force, conformed: the agency of today, sub-activity and account by their present codes, the
-- kelurahan where there is one. One row per line of SIPD; softly deleted lines are none.
SELECT
    b.budget_year,
    b.sbl_code,
    b.account_code AS written_account_code,
    coalesce(a.skpd_code, b.skpd_code) AS skpd_code,
    w.sub_activity_code,
    coalesce(m.to_code, b.account_code) AS account_code,
    coalesce(c.account_name, b.account_name) AS account_name,
    c.account_code IS NOT NULL AS is_account_listed,
    b.fund_name,
    r.kelurahan_code,
    r.kelurahan_name,
    b.kelurahan_name AS written_kelurahan_name,
    coalesce(b.initial_pagu_amount, 0) AS initial_pagu_amount,
    b.pagu_amount
FROM current.sipd__budget_lines AS b
JOIN integrated.sub_activity_written AS w ON w.written_code = b.sub_activity_code
LEFT JOIN integrated.account_mapping AS m
    ON m.from_code = b.account_code AND m.valid_from <= make_date(b.budget_year::integer, 1, 1)
LEFT JOIN integrated.account AS c ON c.account_code = coalesce(m.to_code, b.account_code) AND c.is_latest
LEFT JOIN identity.sipd__budget_lines__agency AS i
    ON i.budget_year = b.budget_year AND i.sbl_code = b.sbl_code AND i.account_code = b.account_code
LEFT JOIN integrated.agency AS a ON a.organisation_id = i.organisation_id
LEFT JOIN identity.sipd__budget_lines__location AS l
    ON l.budget_year = b.budget_year AND l.sbl_code = b.sbl_code AND l.account_code = b.account_code
LEFT JOIN integrated.region AS r ON r.region_code = l.region_code
WHERE b.is_active IS NOT FALSE
