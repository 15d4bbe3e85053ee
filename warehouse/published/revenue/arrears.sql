-- Local taxes billed, paid and open. A group of fewer than five taxpayers is taken together with the next
-- smallest ones until there are five: sectors of its kelurahan ('several'), else kelurahan of the city ('61.71'),
-- else taxes ('4.1.01'). So the sums of a kelurahan, of a tax and of a year are whole, and whoever knows them
-- finds no small group by subtraction. For that a taxpayer counts once in each sum, in the first of its groups.
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
        CASE
            WHEN b.due_date >= :as_of_date THEN 'not_due'
            WHEN b.due_date > :as_of_date - INTERVAL '1 year' THEN 'under_1'
            WHEN b.due_date > :as_of_date - INTERVAL '2 years' THEN '1_to_2'
            WHEN b.due_date > :as_of_date - INTERVAL '5 years' THEN '2_to_5'
            ELSE 'over_5'
        END AS age
    FROM integrated.tax_bill AS b
    LEFT JOIN integrated.region AS r ON r.region_code = b.region_code
),
holder AS (
    SELECT
        b.tax_year,
        b.account_code,
        b.kelurahan_code,
        b.sector_code,
        b.taxpayer_key,
        count(DISTINCT b.object_key) AS object_count,
        sum(b.billed_amount) AS billed_amount,
        sum(b.paid_amount) AS paid_amount,
        sum(b.overpaid_amount) AS overpaid_amount,
        sum(b.open_amount) AS open_amount,
        coalesce(sum(b.open_amount) FILTER (WHERE b.age = 'not_due'), 0) AS not_due_amount,
        coalesce(sum(b.open_amount) FILTER (WHERE b.age = 'under_1'), 0) AS under_1_amount,
        coalesce(sum(b.open_amount) FILTER (WHERE b.age = '1_to_2'), 0) AS from_1_amount,
        coalesce(sum(b.open_amount) FILTER (WHERE b.age = '2_to_5'), 0) AS from_2_amount,
        coalesce(sum(b.open_amount) FILTER (WHERE b.age = 'over_5'), 0) AS over_5_amount
    FROM bill AS b
    GROUP BY b.tax_year, b.account_code, b.kelurahan_code, b.sector_code, b.taxpayer_key
),
counted AS (
    SELECT
        h.*,
        (row_number() OVER (
            PARTITION BY h.tax_year, h.account_code, h.kelurahan_code, h.taxpayer_key ORDER BY h.sector_code
        ) = 1)::integer AS once_in_kelurahan,
        (row_number() OVER (
            PARTITION BY h.tax_year, h.account_code, h.taxpayer_key ORDER BY h.kelurahan_code, h.sector_code
        ) = 1)::integer AS once_in_account,
        (row_number() OVER (
            PARTITION BY h.tax_year, h.taxpayer_key
            ORDER BY h.account_code, h.kelurahan_code, h.sector_code
        ) = 1)::integer AS once_in_year
    FROM holder AS h
),
sized AS (
    SELECT
        c.*,
        sum(c.once_in_kelurahan) OVER (
            PARTITION BY c.tax_year, c.account_code, c.kelurahan_code, c.sector_code
        ) AS sector_size,
        sum(c.once_in_kelurahan) OVER of_kelurahan AS kelurahan_size,
        sum(c.once_in_account) OVER of_kelurahan AS kelurahan_part,
        sum(c.once_in_account) OVER of_account AS account_size,
        sum(c.once_in_year) OVER of_account AS account_part
    FROM counted AS c
    WINDOW
        of_kelurahan AS (PARTITION BY c.tax_year, c.account_code, c.kelurahan_code),
        of_account AS (PARTITION BY c.tax_year, c.account_code)
),
-- How many are in the smaller groups beside each, and how small the smallest is.
ordered AS (
    SELECT
        s.*,
        coalesce(sum(s.once_in_kelurahan) OVER (
            PARTITION BY s.tax_year, s.account_code, s.kelurahan_code
            ORDER BY s.sector_size, s.sector_code
            GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS in_smaller_sectors,
        min(s.sector_size) OVER (PARTITION BY s.tax_year, s.account_code, s.kelurahan_code) AS least_sector,
        coalesce(sum(s.once_in_account) OVER (
            PARTITION BY s.tax_year, s.account_code
            ORDER BY s.kelurahan_size >= 5, s.kelurahan_part, s.kelurahan_code
            GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS in_smaller_kelurahan,
        min(s.kelurahan_size) OVER (PARTITION BY s.tax_year, s.account_code) AS least_kelurahan,
        coalesce(sum(s.once_in_year) OVER (
            PARTITION BY s.tax_year
            ORDER BY s.account_size >= 5, s.account_part, s.account_code
            GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS in_smaller_accounts,
        min(s.account_size) OVER (PARTITION BY s.tax_year) AS least_account
    FROM sized AS s
),
joined AS (
    SELECT
        o.*,
        o.sector_size < 5 OR (o.least_sector < 5 AND o.in_smaller_sectors < 5) AS joins_sectors,
        o.kelurahan_size < 5 OR (o.least_kelurahan < 5 AND o.in_smaller_kelurahan < 5) AS joins_kelurahan,
        o.account_size < 5 OR (o.least_account < 5 AND o.in_smaller_accounts < 5) AS joins_accounts
    FROM ordered AS o
),
shown AS (
    SELECT
        j.*,
        CASE WHEN j.joins_accounts THEN '4.1.01' ELSE j.account_code END AS shown_account_code,
        CASE WHEN j.joins_accounts OR j.joins_kelurahan THEN '61.71' ELSE j.kelurahan_code END
            AS shown_kelurahan_code,
        CASE WHEN j.joins_accounts OR j.joins_kelurahan OR j.joins_sectors THEN 'several' ELSE j.sector_code END
            AS shown_sector_code
    FROM joined AS j
),
summed AS (
    SELECT
        s.tax_year,
        s.shown_account_code AS account_code,
        s.shown_kelurahan_code AS kelurahan_code,
        s.shown_sector_code AS sector_code,
        count(DISTINCT s.taxpayer_key) AS taxpayer_count,
        sum(s.object_count)::bigint AS object_count,
        sum(s.billed_amount) AS billed_amount,
        sum(s.paid_amount) AS paid_amount,
        sum(s.overpaid_amount) AS overpaid_amount,
        sum(s.open_amount) AS outstanding_amount,
        sum(s.not_due_amount) AS not_due_amount,
        sum(s.open_amount - s.not_due_amount) AS overdue_amount,
        sum(s.under_1_amount) AS overdue_under_1_year_amount,
        sum(s.from_1_amount) AS overdue_1_to_2_years_amount,
        sum(s.from_2_amount) AS overdue_2_to_5_years_amount,
        sum(s.over_5_amount) AS overdue_over_5_years_amount,
        count(DISTINCT s.taxpayer_key) FILTER (WHERE s.open_amount > s.not_due_amount)
            AS overdue_taxpayer_count
    FROM shown AS s
    GROUP BY s.tax_year, s.shown_account_code, s.shown_kelurahan_code, s.shown_sector_code
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
