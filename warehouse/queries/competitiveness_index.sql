-- id: Posisi kota dibandingkan pembanding
-- en: The city's place among its peers
SELECT c.index_name, c.index_year, c.index_score, c.previous_score, c.rank, c.peer_rank, c.peer_difference_score
FROM published.competitiveness_index AS c
WHERE c.is_own
ORDER BY c.index_name, c.index_year;
