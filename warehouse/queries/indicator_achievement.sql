-- id: Capaian IKU terakhir, yang belum tercapai lebih dulu
-- en: Latest achievement of indicators, those not reached first
SELECT plan_year, period_code, skpd_name, indicator_name, target_text, realisation_text, achievement_pct, is_achieved
FROM published.indicator_achievement
WHERE is_latest AND state_code = 'reported'
ORDER BY is_achieved, plan_year DESC, achievement_pct;

-- id: Nilai SAKIP per SKPD dari tahun ke tahun
-- en: SAKIP grades by agency from year to year
SELECT skpd_code, skpd_name, plan_year, target_text, realisation_text, is_achieved
FROM published.indicator_achievement
WHERE kind_code = 'PREDIKAT' AND is_latest AND skpd_code IS NOT NULL
ORDER BY skpd_code, plan_year;
