-- Objects of the land and building tax: one row per NOP, its 18 digits. `person_id` is the taxpayer where that
-- is somebody registered. `taxpayer_key` is the same for all objects of one taxpayer and tells nothing of who
-- that is: the person, else the first object of the same number at SISMIOP, whose 0 is nobody's number.
WITH object AS (
    SELECT
        concat(o.province_code, o.regency_code, o.district_code, o.village_code,
            o.block_number, o.object_number, o.object_kind_code) AS nop,
        o.*
    FROM current.sismiop__objects AS o
),
used (building_use_code, sector_code) AS (
    VALUES
        ('01', 'housing'), ('13', 'housing'), ('02', 'office'), ('04', 'trade'), ('06', 'hospitality'),
        ('07', 'hospitality'), ('03', 'industry'), ('08', 'industry'), ('14', 'industry'), ('15', 'industry'),
        ('05', 'public_service'), ('09', 'public_service'), ('11', 'public_service'),
        ('12', 'public_service'), ('16', 'public_service')
)
SELECT
    o.nop,
    l.region_code,
    o.building_use_code,
    coalesce(u.sector_code, 'land') AS sector_code,
    o.land_area,
    o.building_area,
    (o.land_njop_amount + o.building_njop_amount)::numeric(18, 2) AS njop_amount,
    s.person_id,
    coalesce(
        s.person_id::text,
        CASE WHEN o.subject_id <> '0' THEN min(o.nop) OVER (PARTITION BY o.subject_id) END,
        o.nop
    ) AS taxpayer_key
FROM object AS o
LEFT JOIN used AS u ON u.building_use_code = o.building_use_code
LEFT JOIN identity.sismiop__objects__location AS l
    ON l.province_code = o.province_code
    AND l.regency_code = o.regency_code
    AND l.district_code = o.district_code
    AND l.village_code = o.village_code
    AND l.block_number = o.block_number
    AND l.object_number = o.object_number
    AND l.object_kind_code = o.object_kind_code
LEFT JOIN identity.sismiop__objects__subject AS s
    ON s.outcome = 'match'
    AND s.province_code = o.province_code
    AND s.regency_code = o.regency_code
    AND s.district_code = o.district_code
    AND s.village_code = o.village_code
    AND s.block_number = o.block_number
    AND s.object_number = o.object_number
    AND s.object_kind_code = o.object_kind_code
