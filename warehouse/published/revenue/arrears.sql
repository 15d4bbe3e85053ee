-- Local taxes billed, paid and open. Groups of fewer than five taxpayers are taken together: with the other
-- small sectors of the kelurahan, else of the city ('61.71'), else of all taxes ('4.1.01'), and if even these
-- are too few, with the year's next smallest group. No sum of a level above is published, so that nothing can
-- be found by subtraction.
WITH bill AS (
    SELECT
        b.tax_year,
        b.account_code,
        coalesce(r.kelurahan_code, '61.71') AS kelurahan_code,
        b.sector_code,
        b.taxpayer_key,
        coalesce(b.nop, b.taxpayer_key) AS object_key,
        b.billed_amount,
        b.paid_amount,
        greatest(b.paid_amount - b.billed_amount, 0) AS overpaid_amount,
        greatest(b.billed_amount - b.paid_amount, 0) AS open_amount,
        b.due_date
    FROM integrated.tax_bill AS b
    LEFT JOIN integrated.region AS r ON r.region_code = b.region_code
),
-- Taxpayers are counted by the first row of each.
sectors AS (
    SELECT
        b.*,
        row_number() OVER (
            PARTITION BY b.tax_year, b.account_code, b.kelurahan_code, b.sector_code, b.taxpayer_key
        ) = 1 AS is_first
    FROM bill AS b
),
by_sector AS (
    SELECT
        s.*,
        CASE
            WHEN count(*) FILTER (WHERE s.is_first) OVER (
                PARTITION BY s.tax_year, s.account_code, s.kelurahan_code, s.sector_code
            ) >= 5 THEN s.sector_code
            ELSE 'several'
        END AS shown_sector_code
    FROM sectors AS s
),
kelurahans AS (
    SELECT
        b.*,
        row_number() OVER (
            PARTITION BY b.tax_year, b.account_code, b.kelurahan_code, b.shown_sector_code, b.taxpayer_key
        ) = 1 AS is_first_in_kelurahan
    FROM by_sector AS b
),
by_kelurahan AS (
    SELECT
        k.*,
        CASE
            WHEN count(*) FILTER (WHERE k.is_first_in_kelurahan) OVER (
                PARTITION BY k.tax_year, k.account_code, k.kelurahan_code, k.shown_sector_code
            ) >= 5 THEN k.kelurahan_code
            ELSE '61.71'
        END AS shown_kelurahan_code
    FROM kelurahans AS k
),
accounts AS (
    SELECT
        b.*,
        row_number() OVER (
            PARTITION BY
                b.tax_year, b.account_code, b.shown_kelurahan_code, b.shown_sector_code, b.taxpayer_key
        ) = 1 AS is_first_in_account
    FROM by_kelurahan AS b
),
by_account AS (
    SELECT
        a.*,
        CASE
            WHEN count(*) FILTER (WHERE a.is_first_in_account) OVER (
                PARTITION BY a.tax_year, a.account_code, a.shown_kelurahan_code, a.shown_sector_code
            ) >= 5 THEN a.account_code
            ELSE '4.1.01'
        END AS shown_account_code
    FROM accounts AS a
),
ranked AS (
    SELECT
        z.*,
        row_number() OVER (
            PARTITION BY z.tax_year
            ORDER BY z.n, z.shown_account_code, z.shown_kelurahan_code, z.shown_sector_code
        ) AS place,
        min(z.n) OVER (PARTITION BY z.tax_year) AS fewest
    FROM (
        SELECT
            b.tax_year,
            b.shown_account_code,
            b.shown_kelurahan_code,
            b.shown_sector_code,
            count(DISTINCT b.taxpayer_key) AS n
        FROM by_account AS b
        GROUP BY b.tax_year, b.shown_account_code, b.shown_kelurahan_code, b.shown_sector_code
    ) AS z
),
-- The few that are still too few: a row or two a year, or none.
joined AS (
    SELECT r.tax_year, r.shown_account_code, r.shown_kelurahan_code, r.shown_sector_code
    FROM ranked AS r
    WHERE r.fewest < 5 AND r.place <= 2
),
shown AS (
    SELECT
        b.*,
        CASE WHEN j.tax_year IS NULL THEN b.shown_account_code ELSE '4.1.01' END AS final_account_code,
        CASE WHEN j.tax_year IS NULL THEN b.shown_kelurahan_code ELSE '61.71' END AS final_kelurahan_code,
        CASE WHEN j.tax_year IS NULL THEN b.shown_sector_code ELSE 'several' END AS final_sector_code
    FROM by_account AS b
    LEFT JOIN joined AS j
        ON j.tax_year = b.tax_year
        AND j.shown_account_code = b.shown_account_code
        AND j.shown_kelurahan_code = b.shown_kelurahan_code
        AND j.shown_sector_code = b.shown_sector_code
),
summed AS (
    SELECT
        s.tax_year,
        s.final_account_code AS account_code,
        s.final_kelurahan_code AS kelurahan_code,
        s.final_sector_code AS sector_code,
        count(DISTINCT s.taxpayer_key) AS taxpayer_count,
        count(DISTINCT s.object_key) AS object_count,
        sum(s.billed_amount) AS billed_amount,
        sum(s.paid_amount) AS paid_amount,
        sum(s.overpaid_amount) AS overpaid_amount,
        sum(s.open_amount) AS outstanding_amount,
        coalesce(sum(s.open_amount) FILTER (WHERE s.due_date >= :as_of_date), 0) AS not_due_amount,
        coalesce(sum(s.open_amount) FILTER (WHERE s.due_date < :as_of_date), 0) AS overdue_amount,
        coalesce(sum(s.open_amount) FILTER (
            WHERE s.due_date < :as_of_date AND s.due_date > :as_of_date - INTERVAL '1 year'
        ), 0) AS overdue_under_1_year_amount,
        coalesce(sum(s.open_amount) FILTER (
            WHERE s.due_date <= :as_of_date - INTERVAL '1 year'
                AND s.due_date > :as_of_date - INTERVAL '2 years'
        ), 0) AS overdue_1_to_2_years_amount,
        coalesce(sum(s.open_amount) FILTER (
            WHERE s.due_date <= :as_of_date - INTERVAL '2 years'
                AND s.due_date > :as_of_date - INTERVAL '5 years'
        ), 0) AS overdue_2_to_5_years_amount,
        coalesce(sum(s.open_amount) FILTER (WHERE s.due_date <= :as_of_date - INTERVAL '5 years'), 0)
            AS overdue_over_5_years_amount,
        count(DISTINCT s.taxpayer_key) FILTER (WHERE s.open_amount > 0 AND s.due_date < :as_of_date)
            AS overdue_taxpayer_count
    FROM shown AS s
    GROUP BY s.tax_year, s.final_account_code, s.final_kelurahan_code, s.final_sector_code
)
SELECT
    s.tax_year,
    s.account_code,
    coalesce(a.account_name, s.account_code) AS account_name,
    r.kecamatan_code,
    r.kecamatan_name,
    s.kelurahan_code,
    coalesce(r.kelurahan_name, 'Gabungan atau tidak dikenali') AS kelurahan_name,
    s.sector_code,
    s.taxpayer_count,
    s.object_count,
    s.billed_amount::numeric(18, 2) AS billed_amount,
    s.paid_amount::numeric(18, 2) AS paid_amount,
    s.overpaid_amount::numeric(18, 2) AS overpaid_amount,
    s.outstanding_amount::numeric(18, 2) AS outstanding_amount,
    s.not_due_amount::numeric(18, 2) AS not_due_amount,
    s.overdue_amount::numeric(18, 2) AS overdue_amount,
    s.overdue_under_1_year_amount::numeric(18, 2) AS overdue_under_1_year_amount,
    s.overdue_1_to_2_years_amount::numeric(18, 2) AS overdue_1_to_2_years_amount,
    s.overdue_2_to_5_years_amount::numeric(18, 2) AS overdue_2_to_5_years_amount,
    s.overdue_over_5_years_amount::numeric(18, 2) AS overdue_over_5_years_amount,
    CASE WHEN s.overdue_taxpayer_count NOT BETWEEN 1 AND 4 THEN s.overdue_taxpayer_count END
        AS overdue_taxpayer_count,
    round((s.paid_amount - s.overpaid_amount) * 100 / nullif(s.billed_amount, 0), 2)::numeric(9, 2) AS paid_pct
FROM summed AS s
LEFT JOIN integrated.account AS a ON a.account_code = s.account_code AND a.is_latest
LEFT JOIN integrated.region AS r
    ON r.region_code = s.kelurahan_code AND r.region_level_code = 'kelurahan'
