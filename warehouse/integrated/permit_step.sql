-- What each agency did for an application: when, whether others worked at the same time, and how many office
-- days it took. A step that isn't done counts to the day of the release. Of years without a calendar there are
-- no office days.
WITH numbered AS (
    SELECT
        s.*,
        row_number() OVER (PARTITION BY s.permit_id ORDER BY s.started_at, s.step_id) AS step_number
    FROM current.perizinan__steps AS s
),
overlapping AS (
    SELECT s.step_id
    FROM current.perizinan__steps AS s
    JOIN current.perizinan__steps AS o ON o.permit_id = s.permit_id AND o.step_id <> s.step_id
    WHERE s.started_at < coalesce(o.finished_at, 'infinity')
        AND o.started_at < coalesce(s.finished_at, 'infinity')
    GROUP BY s.step_id
)
SELECT
    n.step_id,
    n.permit_id,
    n.step_number,
    n.step_code,
    coalesce(a.skpd_code, n.skpd_code) AS skpd_code,
    coalesce(a.skpd_name, n.skpd_name) AS skpd_name,
    o.step_id IS NOT NULL AS is_parallel,
    n.started_at,
    n.finished_at,
    n.decision_code,
    greatest(e.office_day_number - b.office_day_number, 0) AS office_days
FROM numbered AS n
LEFT JOIN overlapping AS o ON o.step_id = n.step_id
LEFT JOIN identity.perizinan__steps__agency AS i ON i.step_id = n.step_id
LEFT JOIN integrated.agency AS a ON a.organisation_id = i.organisation_id
LEFT JOIN integrated.office_day AS b ON b.calendar_date = n.started_at::date
LEFT JOIN integrated.office_day AS e ON e.calendar_date = coalesce(n.finished_at::date, :as_of_date)
