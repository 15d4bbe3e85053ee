-- Sub-activities with the activity, programme and field of affairs they belong to.
SELECT
    s.sub_activity_code,
    s.sub_activity_name,
    s.activity_code,
    s.activity_name,
    s.program_code,
    s.program_name,
    s.affair_code,
    s.affair_name
FROM current.sipd__sub_activities AS s
