-- The sub-activities that any system speaks of, by their present codes: one row per code.
SELECT DISTINCT
    w.sub_activity_code,
    w.sub_activity_name,
    w.activity_code,
    w.activity_name,
    w.program_code,
    w.program_name,
    w.is_listed
FROM integrated.sub_activity_written AS w
