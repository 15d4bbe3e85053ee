-- id: Anggaran per penduduk menurut kelurahan
-- en: Budget per resident by kelurahan
SELECT k.kelurahan_name, k.resident_count, k.budget_amount,
    round(k.budget_amount / nullif(k.resident_count, 0)) AS budget_per_resident_amount
FROM published.kelurahan_profile AS k
ORDER BY budget_per_resident_amount DESC NULLS LAST;
