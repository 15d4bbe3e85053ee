-- id: Rekening yang realisasinya berbeda antara perbendaharaan, akuntansi, dan dokumen
-- en: Accounts whose realisation differs between treasury, accounting and documents
SELECT
    r.budget_year, r.month_number, r.skpd_name, r.account_name, r.treasury_amount, r.accounting_amount,
    r.document_amount, r.difference_code
FROM published.realisation_reconciliation AS r
WHERE r.difference_code <> 'none'
ORDER BY r.budget_year, r.month_number, r.skpd_name;

-- id: Realisasi belanja per OPD menurut ketiga pembukuan, bulan terakhir setiap tahun
-- en: Expenditure by agency in all three books, last month of each year
SELECT
    r.budget_year, r.skpd_name, sum(r.treasury_amount) AS treasury_amount, sum(r.accounting_amount) AS accounting_amount,
    sum(r.document_amount) AS document_amount
FROM published.realisation_reconciliation AS r
WHERE r.account_kind_code = 'expenditure'
    AND (r.budget_year, r.month_number) IN (
        SELECT m.budget_year, max(m.month_number)
        FROM published.realisation_reconciliation AS m
        GROUP BY m.budget_year
    )
GROUP BY r.budget_year, r.skpd_name
ORDER BY r.budget_year, r.skpd_name;
