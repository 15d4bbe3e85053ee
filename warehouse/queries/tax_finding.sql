-- id: Pembayaran dan tagihan yang tidak cocok
-- en: Payments and bills that don't fit
SELECT finding_code, object_code, tax_year, billed_amount, paid_amount, difference_amount
FROM published.tax_finding
ORDER BY finding_code, object_code;
