-- How long each complaint took in office days, and whether the terms were kept: 3 days to forward it, from then
-- 5 to the first answer, from then 10 to the end. What hasn't happened is late once its term is over, and nothing
-- is said before. Of complaints whose steps don't follow each other nothing is said of days.
WITH day AS (
    SELECT o.calendar_date, o.office_day_number FROM integrated.office_day AS o
),
step AS (
    SELECT
        c.*,
        c.submitted_at::date AS submitted_date,
        c.forwarded_at::date AS forwarded_date,
        c.answered_at::date AS answered_date,
        c.closed_at::date AS closed_date,
        CASE
            WHEN c.closed_at IS NOT NULL AND c.answered_at IS NULL THEN 'closed_without_answer'
            WHEN c.answered_at IS NOT NULL AND (c.forwarded_at IS NULL OR c.answered_at < c.forwarded_at)
                THEN 'answered_before_forwarded'
            WHEN c.forwarded_at < c.submitted_at OR c.closed_at < c.answered_at THEN 'not_in_order'
            ELSE 'fits'
        END AS sequence_code
    FROM current.lapor__complaints AS c
),
-- Office days of each step, or so far.
counted AS (
    SELECT
        s.tracking_id,
        coalesce(f.office_day_number, t.office_day_number) - d.office_day_number AS forward_days,
        coalesce(a.office_day_number, t.office_day_number) - f.office_day_number AS answer_days,
        coalesce(e.office_day_number, t.office_day_number) - a.office_day_number AS close_days
    FROM step AS s
    LEFT JOIN day AS d ON d.calendar_date = s.submitted_date
    LEFT JOIN day AS f ON f.calendar_date = s.forwarded_date
    LEFT JOIN day AS a ON a.calendar_date = s.answered_date
    LEFT JOIN day AS e ON e.calendar_date = s.closed_date
    LEFT JOIN day AS t ON t.calendar_date = :as_of_date
    WHERE s.sequence_code = 'fits'
)
SELECT
    s.tracking_id,
    s.report_year,
    date_part('month', s.submitted_date)::bigint AS month_number,
    s.topic_id,
    s.topic_name,
    s.parent_topic_name,
    s.complaint_class_code,
    s.channel_code,
    p.skpd_code,
    coalesce(p.skpd_name, s.skpd_name) AS skpd_name,
    p.kecamatan_code,
    p.kecamatan_name,
    p.kelurahan_code,
    p.kelurahan_name,
    s.submitted_date,
    s.forwarded_date,
    s.answered_date,
    s.closed_date,
    s.complaint_status_code,
    CASE WHEN s.forwarded_date IS NOT NULL THEN c.forward_days END AS forward_days,
    CASE WHEN s.answered_date IS NOT NULL THEN c.answer_days END AS answer_days,
    CASE WHEN s.closed_date IS NOT NULL THEN c.close_days END AS close_days,
    CASE WHEN c.forward_days > 3 THEN FALSE WHEN s.forwarded_date IS NOT NULL THEN c.forward_days <= 3 END
        AS is_forwarded_on_time,
    CASE WHEN c.answer_days > 5 THEN FALSE WHEN s.answered_date IS NOT NULL THEN c.answer_days <= 5 END
        AS is_answered_on_time,
    CASE WHEN c.close_days > 10 THEN FALSE WHEN s.closed_date IS NOT NULL THEN c.close_days <= 10 END
        AS is_closed_on_time,
    s.sequence_code
FROM step AS s
LEFT JOIN counted AS c ON c.tracking_id = s.tracking_id
LEFT JOIN integrated.complaint_about AS p ON p.tracking_id = s.tracking_id
