-- What taxpayers owe, of every local tax with a register of bills: a land and building tax bill (SPPT) per NOP
-- and year, a transfer of land (BPHTB), a month's declaration; with what was paid on each. `account_code` is the
-- object of the account in force today, so that hotels of 2023 and of 2024 are one tax (PBJT).
-- BPHTB is due on the day of the deed (UU 1/2022 art. 49).
WITH bill AS (
    SELECT
        'pbb' AS register_code,
        b.nop || '|' || b.tax_year AS bill_code,
        '4.1.01.15' AS written_account_code,
        b.tax_year,
        b.due_date,
        b.billed_amount,
        b.nop,
        NULL::text AS npwpd,
        -- The place of the number, as not every bill has its object.
        left(b.nop, 10) AS bps_code
    FROM (
        SELECT
            concat(s.province_code, s.regency_code, s.district_code, s.village_code,
                s.block_number, s.object_number, s.object_kind_code) AS nop,
            s.*
        FROM current.sismiop__bills AS s
    ) AS b
    UNION ALL
    SELECT
        'bphtb', t.sspd_number, '4.1.01.16', date_part('year', t.transaction_date)::bigint, t.transaction_date,
        t.billed_amount, t.nop, NULL, left(t.nop, 10)
    FROM current.bphtb__transactions AS t
    UNION ALL
    SELECT
        'declared', a.npwpd || '|' || a.tax_year || '|' || a.month_number, a.account_code, a.tax_year,
        a.due_date, a.billed_amount, NULL, a.npwpd, NULL
    FROM current.pajak__assessments AS a
),
paid AS (
    SELECT
        p.register_code,
        p.bill_code,
        count(*) AS payment_count,
        max(p.paid_date) AS last_paid_date,
        max(p.principal_amount) AS largest_amount,
        sum(p.principal_amount) AS paid_amount,
        sum(p.penalty_amount) AS penalty_amount
    FROM integrated.tax_payment AS p
    GROUP BY p.register_code, p.bill_code
),
taxpayer AS (
    SELECT
        t.npwpd,
        l.region_code,
        b.business_id,
        CASE t.tax_kind_code
            WHEN 'RESTORAN' THEN 'food'
            WHEN 'HOTEL' THEN 'hotel'
            WHEN 'HIBURAN' THEN 'entertainment'
            WHEN 'PARKIR' THEN 'parking'
            WHEN 'LISTRIK' THEN 'electricity'
            WHEN 'REKLAME' THEN 'advertising'
            ELSE 'groundwater'
        END AS sector_code,
        coalesce(o.person_id::text, b.business_id::text, t.npwpd) AS taxpayer_key
    FROM current.pajak__taxpayers AS t
    LEFT JOIN identity.pajak__taxpayers__location AS l ON l.npwpd = t.npwpd
    LEFT JOIN identity.pajak__taxpayers__taxpayer AS b ON b.npwpd = t.npwpd
    LEFT JOIN identity.pajak__taxpayers__owner AS o ON o.npwpd = t.npwpd AND o.outcome = 'match'
),
buyer AS (
    SELECT i.sspd_number, i.person_id
    FROM identity.bphtb__transactions__buyer AS i
    WHERE i.outcome = 'match'
)
SELECT
    b.register_code,
    b.bill_code,
    -- Object level: kinds of one tax are sectors of it.
    array_to_string((string_to_array(coalesce(a.account_code, b.written_account_code), '.'))[1:4], '.')
        AS account_code,
    b.written_account_code,
    b.tax_year,
    b.due_date,
    coalesce(t.region_code, c.region_code) AS region_code,
    coalesce(t.sector_code, o.sector_code, 'unknown') AS sector_code,
    b.nop,
    o.nop IS NOT NULL AS is_object_known,
    t.business_id,
    -- Of a transfer the buyer pays, of the rest whoever holds the object or the business.
    CASE
        WHEN b.register_code = 'bphtb' THEN coalesce(y.person_id::text, b.bill_code)
        ELSE coalesce(t.taxpayer_key, o.taxpayer_key, b.nop, b.npwpd)
    END AS taxpayer_key,
    b.billed_amount,
    coalesce(p.paid_amount, 0)::numeric(18, 2) AS paid_amount,
    coalesce(p.penalty_amount, 0)::numeric(18, 2) AS penalty_amount,
    coalesce(p.payment_count, 0) AS payment_count,
    p.largest_amount,
    p.last_paid_date
FROM bill AS b
LEFT JOIN integrated.account_written AS a ON a.written_code = b.written_account_code
LEFT JOIN paid AS p ON p.register_code = b.register_code AND p.bill_code = b.bill_code
LEFT JOIN taxpayer AS t ON t.npwpd = b.npwpd
LEFT JOIN integrated.tax_object AS o ON o.nop = b.nop
LEFT JOIN buyer AS y ON b.register_code = 'bphtb' AND y.sspd_number = b.bill_code
LEFT JOIN integrated.region_code AS c
    ON c.code_system = 'bps'
    AND c.code_value = b.bps_code
    AND :as_of_date >= c.valid_from
    AND :as_of_date < c.valid_to
