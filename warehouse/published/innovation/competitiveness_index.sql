-- Indices by which cities are compared: each city beside the others that are listed for the index and year.
WITH compared AS (
    SELECT
        c.*,
        rank() OVER (PARTITION BY c.index_code, c.index_year ORDER BY c.index_score DESC) AS peer_rank,
        count(*) OVER listed AS peer_count,
        (sum(c.index_score) OVER listed - c.index_score) / nullif(count(*) OVER listed - 1, 0) AS peer_mean_score
    FROM current.inovasi__competitiveness AS c
    WINDOW listed AS (PARTITION BY c.index_code, c.index_year)
)
SELECT
    c.index_code,
    c.index_year,
    c.government_code,
    c.index_name,
    c.government_name,
    c.government_code = '61.71' AS is_own,
    c.index_score::numeric(8, 2) AS index_score,
    b.index_score::numeric(8, 2) AS previous_score,
    c.rank,
    c.ranked_count,
    c.peer_rank,
    c.peer_count,
    c.peer_mean_score::numeric(8, 2) AS peer_mean_score,
    (c.index_score - c.peer_mean_score)::numeric(8, 2) AS peer_difference_score
FROM compared AS c
LEFT JOIN current.inovasi__competitiveness AS b
    ON b.index_code = c.index_code
    AND b.government_code = c.government_code
    AND b.index_year = c.index_year - 1
