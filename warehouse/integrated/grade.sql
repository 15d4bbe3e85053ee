-- Grades that a scale puts in order, higher is better: evaluation of performance (Permenpan RB 88/2021) and the
-- opinions of the audit board on accounts.
SELECT g.scale_code, g.grade_code, g.grade_rank
FROM (
    VALUES
    ('sakip', 'D', 1), ('sakip', 'C', 2), ('sakip', 'CC', 3), ('sakip', 'B', 4), ('sakip', 'BB', 5),
    ('sakip', 'A', 6), ('sakip', 'AA', 7),
    ('opinion', 'TMP', 1), ('opinion', 'TW', 2), ('opinion', 'WDP', 3), ('opinion', 'WTP', 4)
) AS g (scale_code, grade_code, grade_rank)
