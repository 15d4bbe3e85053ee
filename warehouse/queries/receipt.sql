-- id: Setoran per rekening dan tahun, pajak lama di bawah PBJT
-- en: Deposits by account and year, old taxes under PBJT
SELECT r.account_code, r.account_name, r.budget_year, sum(r.sts_amount) AS sts_amount
FROM published.receipt AS r
GROUP BY r.account_code, r.account_name, r.budget_year
ORDER BY r.account_code, r.budget_year;

-- id: Penerimaan yang belum disetor, terlambat disetor, atau berbeda dari setorannya
-- en: Receipts not deposited, deposited late, or different from their deposit
SELECT r.receipt_number, r.receipt_date, r.skpd_name, r.account_name, r.is_deposited, r.is_late, r.difference_amount
FROM published.receipt AS r
WHERE NOT r.is_deposited OR r.is_late OR r.difference_amount <> 0
ORDER BY r.receipt_date;
