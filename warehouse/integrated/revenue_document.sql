-- Receipts (TBP) and deposits (STS) with the agency of today and the account as it is called today: one row per
-- document.
SELECT
    r.receipt_number,
    r.receipt_kind_code,
    r.receipt_date,
    date_part('year', r.receipt_date)::bigint AS budget_year,
    date_part('month', r.receipt_date)::bigint AS month_number,
    r.sts_number,
    coalesce(k.skpd_code, r.skpd_code) AS skpd_code,
    r.account_code AS written_account_code,
    m.account_code,
    r.receipt_amount
FROM current.simda__receipts AS r
LEFT JOIN identity.simda__receipts__agency AS a ON a.receipt_number = r.receipt_number
LEFT JOIN integrated.agency AS k ON k.organisation_id = a.organisation_id
JOIN integrated.account_written AS m ON m.written_code = r.account_code
