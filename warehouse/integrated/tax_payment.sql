-- Payments of local taxes: one row each, with the bill that it names, whether there is such a bill or not.
-- `principal_amount` is without the penalty for late payment.
SELECT
    'pbb' AS register_code,
    b.bill_code,
    b.payment_number,
    b.paid_date,
    (b.paid_amount - b.penalty_amount)::numeric(18, 2) AS principal_amount,
    b.penalty_amount
FROM (
    SELECT
        concat(p.province_code, p.regency_code, p.district_code, p.village_code,
            p.block_number, p.object_number, p.object_kind_code) || '|' || p.tax_year AS bill_code,
        p.*
    FROM current.sismiop__payments AS p
) AS b
UNION ALL
SELECT 'bphtb', t.sspd_number, 1, t.paid_date, t.paid_amount, 0::numeric(18, 2)
FROM current.bphtb__transactions AS t
WHERE t.paid_amount IS NOT NULL
UNION ALL
SELECT
    'declared', a.npwpd || '|' || a.tax_year || '|' || a.month_number, 1, a.paid_date, a.paid_amount,
    0::numeric(18, 2)
FROM current.pajak__assessments AS a
WHERE a.paid_amount IS NOT NULL
