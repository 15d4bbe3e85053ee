-- id: Perubahan anggaran terbesar
-- en: The largest changes of the budget
SELECT budget_year, skpd_name, sub_activity_name, account_name, initial_pagu_amount, pagu_amount, change_code
FROM published.budget_change
WHERE change_code <> 'unchanged'
ORDER BY abs(budget_change_amount) DESC
LIMIT 50;

-- id: Perubahan anggaran per SKPD
-- en: Changes of the budget by agency
SELECT
    budget_year, skpd_code, skpd_name, sum(initial_pagu_amount) AS initial_pagu_amount,
    sum(pagu_amount) AS pagu_amount, sum(budget_change_amount) AS budget_change_amount
FROM published.budget_change
GROUP BY budget_year, skpd_code, skpd_name
ORDER BY budget_year, skpd_code;
