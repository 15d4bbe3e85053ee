-- What doesn't fit between bills and payments: one row per finding and what it is about.
WITH lost AS (
    SELECT p.bill_code, sum(p.principal_amount) AS paid_amount
    FROM integrated.tax_payment AS p
    WHERE p.register_code = 'pbb'
        AND NOT EXISTS (
            SELECT FROM integrated.tax_bill AS b
            WHERE b.register_code = p.register_code AND b.bill_code = p.bill_code
        )
    GROUP BY p.bill_code
),
whole AS (
    SELECT p.register_code, p.bill_code
    FROM integrated.tax_payment AS p
    JOIN integrated.tax_bill AS b
        ON b.register_code = p.register_code
        AND b.bill_code = p.bill_code
        AND b.billed_amount = p.principal_amount
    WHERE p.principal_amount > 0
    GROUP BY p.register_code, p.bill_code
    HAVING count(*) > 1
)
SELECT
    'payment_without_bill' AS finding_code,
    l.bill_code AS object_code,
    '4.1.01.15' AS account_code,
    split_part(l.bill_code, '|', 2)::bigint AS tax_year,
    0::numeric(18, 2) AS billed_amount,
    l.paid_amount::numeric(18, 2) AS paid_amount,
    l.paid_amount::numeric(18, 2) AS difference_amount
FROM lost AS l
UNION ALL
SELECT
    CASE WHEN w.bill_code IS NOT NULL THEN 'paid_twice' ELSE 'overpaid' END,
    b.bill_code,
    b.account_code,
    b.tax_year,
    b.billed_amount,
    b.paid_amount,
    (b.paid_amount - b.billed_amount)::numeric(18, 2)
FROM integrated.tax_bill AS b
LEFT JOIN whole AS w ON w.register_code = b.register_code AND w.bill_code = b.bill_code
WHERE b.paid_amount > b.billed_amount
UNION ALL
SELECT
    CASE b.register_code WHEN 'pbb' THEN 'bill_without_object' ELSE 'transfer_without_object' END,
    b.bill_code,
    b.account_code,
    b.tax_year,
    b.billed_amount,
    b.paid_amount,
    (b.paid_amount - b.billed_amount)::numeric(18, 2)
FROM integrated.tax_bill AS b
WHERE b.nop IS NOT NULL AND NOT b.is_object_known
