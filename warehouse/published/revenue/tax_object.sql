-- Objects of the land and building tax with their last bill and what is open. The taxpayer stays inside.
WITH bill AS (
    SELECT
        b.nop,
        b.tax_year,
        b.billed_amount,
        b.paid_amount,
        greatest(b.billed_amount - b.paid_amount, 0) AS open_amount,
        b.due_date < :as_of_date AS is_due,
        row_number() OVER (PARTITION BY b.nop ORDER BY b.tax_year DESC) AS place
    FROM integrated.tax_bill AS b
    WHERE b.register_code = 'pbb'
),
summed AS (
    SELECT
        b.nop,
        max(b.tax_year) AS last_tax_year,
        max(b.billed_amount) FILTER (WHERE b.place = 1) AS billed_amount,
        max(b.paid_amount) FILTER (WHERE b.place = 1) AS paid_amount,
        count(*) FILTER (WHERE b.open_amount > 0) AS open_year_count,
        sum(b.open_amount) AS outstanding_amount,
        sum(b.open_amount) FILTER (WHERE b.is_due) AS overdue_amount
    FROM bill AS b
    GROUP BY b.nop
)
SELECT
    o.nop,
    r.kecamatan_code,
    r.kecamatan_name,
    coalesce(r.kelurahan_code, '61.71') AS kelurahan_code,
    coalesce(r.kelurahan_name, 'Tidak dikenali') AS kelurahan_name,
    o.sector_code,
    o.building_use_code,
    o.land_area::numeric(12, 2) AS land_area,
    o.building_area::numeric(12, 2) AS building_area,
    o.njop_amount,
    o.person_id IS NOT NULL AS has_known_taxpayer,
    s.last_tax_year,
    s.billed_amount::numeric(18, 2) AS billed_amount,
    s.paid_amount::numeric(18, 2) AS paid_amount,
    CASE
        WHEN s.nop IS NULL THEN 'not_billed'
        WHEN s.paid_amount >= s.billed_amount THEN 'paid'
        WHEN s.paid_amount > 0 THEN 'partly_paid'
        ELSE 'unpaid'
    END AS payment_state_code,
    coalesce(s.open_year_count, 0) AS open_year_count,
    coalesce(s.outstanding_amount, 0)::numeric(18, 2) AS outstanding_amount,
    coalesce(s.overdue_amount, 0)::numeric(18, 2) AS overdue_amount
FROM integrated.tax_object AS o
LEFT JOIN integrated.region AS r ON r.region_code = o.region_code
LEFT JOIN summed AS s ON s.nop = o.nop
