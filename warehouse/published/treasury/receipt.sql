-- Deposits of revenue (STS), each with the receipts (TBP) that it brought in, and receipts of which no deposit is
-- held, under their own number. Money has to be deposited by the next working day; with a week-end and a holiday
-- between that is four days.
WITH deposit AS (
    SELECT d.* FROM integrated.revenue_document AS d WHERE d.receipt_kind_code = 'STS'
),
received AS (
    SELECT
        coalesce(s.receipt_number, t.receipt_number) AS receipt_number,
        count(*) AS tbp_count,
        sum(t.receipt_amount) AS tbp_amount,
        min(t.receipt_date) AS first_tbp_date
    FROM integrated.revenue_document AS t
    LEFT JOIN deposit AS s ON s.receipt_number = t.sts_number
    WHERE t.receipt_kind_code = 'TBP'
    GROUP BY coalesce(s.receipt_number, t.receipt_number)
)
SELECT
    d.receipt_number,
    d.receipt_date,
    d.budget_year,
    d.month_number,
    d.skpd_code,
    a.skpd_name,
    d.account_code,
    c.account_name,
    d.written_account_code,
    d.receipt_kind_code = 'STS' AS is_deposited,
    CASE d.receipt_kind_code WHEN 'STS' THEN d.receipt_amount ELSE 0 END::numeric(18, 2) AS sts_amount,
    coalesce(r.tbp_count, 0) AS tbp_count,
    coalesce(r.tbp_amount, 0)::numeric(18, 2) AS tbp_amount,
    (CASE d.receipt_kind_code WHEN 'STS' THEN d.receipt_amount ELSE 0 END - coalesce(r.tbp_amount, 0))
        ::numeric(18, 2) AS difference_amount,
    r.first_tbp_date,
    CASE d.receipt_kind_code WHEN 'STS' THEN (d.receipt_date - r.first_tbp_date)::bigint END AS deposit_days,
    coalesce(d.receipt_kind_code = 'STS' AND d.receipt_date - r.first_tbp_date > 4, false) AS is_late
FROM integrated.revenue_document AS d
LEFT JOIN received AS r ON r.receipt_number = d.receipt_number
LEFT JOIN integrated.agency_code AS a ON a.skpd_code = d.skpd_code
LEFT JOIN integrated.account AS c ON c.account_code = d.account_code AND c.is_latest
WHERE d.receipt_kind_code = 'STS' OR r.receipt_number IS NOT NULL
