"""What each mention comes to: by NIK first, else by score; one person, somebody to look at, or nobody."""

from datetime import date

from psycopg import sql

from lumbung.identity import nik
from lumbung.identity.distance import edits
from lumbung.linkage.model import Thresholds
from lumbung.resolution.links_nik import BY_NIK
from lumbung.resolution.links_people import PEOPLE
from lumbung.resolution.links_scope import MENTIONS, PAIRS
from lumbung.warehouse import Session

#: One row per mention: mention_id, person_id (of a match), outcome, method, score 0..1, evidence (jsonb).
VERDICTS = sql.Identifier("pg_temp", "link_verdict")

#: Two NIKs so near are one and a slip of the finger.
_SLIPS = 2
_RANKED = sql.SQL("""
CREATE TEMP TABLE link_ranked ON COMMIT DROP AS
SELECT mention_id, person_id, weight, probability, fields,
    row_number() OVER best AS place, lead(weight) OVER best AS next_weight
FROM {pairs} WINDOW best AS (PARTITION BY mention_id ORDER BY weight DESC, person_id)
""").format(pairs=PAIRS)
# A NIK that nobody in the register has speaks against whoever has another one, unless a digit slipped.
_NIKS = sql.SQL("""
SELECT DISTINCT m.mention_id, m.nik, p.nik FROM {mentions} AS m
JOIN link_ranked AS r ON r.mention_id = m.mention_id AND r.place = 1
JOIN {people} AS p ON p.person_id = r.person_id AND p.nik <> '' WHERE m.nik <> ''
""").format(mentions=MENTIONS, people=PEOPLE)
_VERDICTS = sql.SQL("""
CREATE TEMP TABLE link_verdict ON COMMIT DROP AS
WITH candidate AS (
    SELECT mention_id, jsonb_agg(said ORDER BY place) AS candidates,
        jsonb_agg(said ORDER BY place) FILTER (WHERE place > 1) AS others
    FROM (SELECT mention_id, place, jsonb_strip_nulls(jsonb_build_object('person_id', person_id,
        'method', method, 'score', score, 'weight', weight, 'fields', fields)) AS said FROM (
        SELECT mention_id, person_id, 'nik' AS method, score, NULL::float8 AS weight, fields, 0 AS place
        FROM {by_nik} WHERE outcome <> 'match'
        UNION ALL SELECT mention_id, person_id, 'probabilistic', probability, weight, fields, place
        FROM link_ranked AS r WHERE place <= {most} AND NOT EXISTS (
            SELECT FROM {by_nik} AS n WHERE (n.mention_id, n.person_id) = (r.mention_id, r.person_id))
    ) AS meant) AS told GROUP BY mention_id
), judged AS (
    SELECT m.mention_id, n.outcome AS by_nik, n.score AS nik_score, n.fields AS nik_fields,
        n.person_id AS nik_person, r.person_id, r.weight, r.probability, r.next_weight, a.level AS nik_level,
        r.fields, c.candidates, c.others, m.name <> '' AS has_name
    FROM {mentions} AS m LEFT JOIN {by_nik} AS n USING (mention_id)
    LEFT JOIN link_ranked AS r ON r.mention_id = m.mention_id AND r.place = 1
    LEFT JOIN link_nik_level AS a ON a.mention_id = m.mention_id
    LEFT JOIN candidate AS c ON c.mention_id = m.mention_id
), decided AS (
    SELECT *, CASE
        WHEN by_nik IS NOT NULL THEN by_nik
        WHEN person_id IS NULL THEN 'none'
        WHEN weight >= {match} AND nik_level IS DISTINCT FROM 'differs'
            AND (next_weight IS NULL OR weight - next_weight >= {margin}) THEN 'match'
        ELSE 'possible' END AS outcome
    FROM judged
)
SELECT mention_id,
    CASE WHEN outcome = 'match' THEN coalesce(nik_person, person_id) END AS person_id, outcome,
    CASE WHEN by_nik IS NOT NULL THEN 'nik' WHEN has_name THEN 'probabilistic' END AS method,
    CASE WHEN by_nik IS NOT NULL THEN nik_score ELSE coalesce(probability, 0) END AS score,
    jsonb_strip_nulls(jsonb_build_object(
        'fields', CASE WHEN by_nik IS NOT NULL THEN nik_fields ELSE
            coalesce(fields, '{{}}') || jsonb_strip_nulls(jsonb_build_object('nik', nik_level)) END,
        'weight', CASE WHEN by_nik IS NULL THEN weight END,
        'next_weight', CASE WHEN by_nik IS NULL THEN next_weight END,
        'candidates', CASE WHEN outcome <> 'match' THEN candidates WHEN by_nik IS NULL THEN others END
    )) AS evidence
FROM decided
""")


def judge(session: Session, thresholds: Thresholds, candidates: int, on: date) -> None:
    """Make `VERDICTS` of the mentions, of `BY_NIK` and `PAIRS`; at most so many candidates of each are kept.

    `on` is the day by which people were born.
    """
    session.execute("DROP TABLE IF EXISTS pg_temp.link_ranked, pg_temp.link_nik_level, pg_temp.link_verdict")
    session.execute(_RANKED)
    _compare_niks(session, on)
    session.execute(
        _VERDICTS.format(
            by_nik=BY_NIK,
            mentions=MENTIONS,
            match=sql.Literal(thresholds.match),
            margin=sql.Literal(thresholds.margin),
            most=sql.Literal(candidates),
        )
    )
    session.execute("ANALYZE link_verdict")


def _compare_niks(session: Session, on: date) -> None:
    """How the NIK that a mention gives and that of its best candidate compare, in one word each."""
    session.execute("CREATE TEMP TABLE link_nik_level (mention_id bigint, level text) ON COMMIT DROP")
    found: dict[int, str] = {}
    for mention_id, said, registered in session.execute(_NIKS):
        level = nik_level(said, registered, on)
        # Of several entries of one person, the NIK that is nearest.
        found[mention_id] = min(found.get(mention_id, level), level, key=_LEVELS.index)
    with session.cursor() as cursor, cursor.copy("COPY link_nik_level FROM STDIN") as copy:
        for row in sorted(found.items()):
            copy.write_row(row)


_LEVELS = ("same", "a digit or two differ", "no NIK", "differs")


def nik_level(said: str, registered: str, on: date) -> str:
    """`same`, `a digit or two differ`, `no NIK` (a placeholder, or what can't be one), `differs`."""
    if said == registered:
        return "same"
    if edits(said, registered) <= _SLIPS:
        return "a digit or two differ"
    return "no NIK" if nik.faults(said, on) else "differs"
