-- id: Anggaran per sumber dana dan versi
-- en: Budget by source of funds and version
SELECT budget_year, version_code, fund_name, sum(budget_amount) AS budget_amount
FROM published.budget_line
GROUP BY budget_year, version_code, fund_name
ORDER BY budget_year, version_code, fund_name;

-- id: Anggaran yang dibelanjakan di satu kelurahan
-- en: Budget that is spent in a kelurahan
SELECT budget_year, kelurahan_code, kelurahan_name, sum(budget_amount) AS budget_amount
FROM published.budget_line
WHERE version_code = 'perubahan' AND kelurahan_code IS NOT NULL
GROUP BY budget_year, kelurahan_code, kelurahan_name
ORDER BY budget_year, kelurahan_code;
