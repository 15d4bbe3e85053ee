"""Links by NIK: it is registered, and what else the record says agrees with whom it is registered for.

A NIK says by itself when its holder was born, so a birth date that agrees proves little beside it: only a
name does. A NIK of somebody else is a finding (`conflict`), never a link.
"""

from collections.abc import Iterator

from psycopg import sql

from lumbung.identity.likeness import likeness
from lumbung.identity.names import Name, name_of
from lumbung.resolution.links_people import PEOPLE
from lumbung.resolution.links_scope import MENTIONS
from lumbung.resolution.links_settings import LinkSettings
from lumbung.warehouse import Session

#: One row per mention whose NIK is registered: mention_id, person_id, outcome, score 0..1, fields (jsonb).
BY_NIK = sql.Identifier("pg_temp", "link_by_nik")

_BATCH = 20_000
_PAIRS = sql.SQL("""
CREATE TEMP TABLE link_nik_pair ON COMMIT DROP AS
SELECT DISTINCT ON (m.mention_id) m.mention_id, p.person_id, m.name AS said, p.name AS registered,
    CASE WHEN m.birth_date <> '' AND p.birth_date <> '' THEN m.birth_date = p.birth_date END AS same_birth
FROM {mentions} AS m JOIN {people} AS p ON p.nik = m.nik
WHERE m.nik <> '' AND p.person_id <> ALL (m.excluded)
ORDER BY m.mention_id, p.entry
""").format(mentions=MENTIONS, people=PEOPLE)
_VERDICTS = sql.SQL("""
CREATE TEMP TABLE link_by_nik ON COMMIT DROP AS
SELECT mention_id, person_id, outcome, coalesce(alike / 100.0, 1)::double precision AS score,
    jsonb_strip_nulls(jsonb_build_object('nik', 'same', 'name', CASE
        WHEN alike = 100 THEN 'same' WHEN alike >= {agrees} THEN 'agrees'
        WHEN alike >= {close} THEN 'close' WHEN alike IS NOT NULL THEN 'differs' END,
        'birth_date', CASE WHEN same_birth THEN 'same' WHEN NOT same_birth THEN 'differs' END)) AS fields
FROM (SELECT mention_id, person_id, same_birth, alike, CASE
        WHEN alike >= {agrees} THEN 'match'
        WHEN alike IS NULL THEN CASE WHEN same_birth IS FALSE THEN 'possible' ELSE 'match' END
        WHEN same_birth AND alike >= {close} THEN 'match'
        WHEN same_birth OR alike >= {close} THEN 'possible'
        ELSE 'conflict' END AS outcome
    FROM link_nik_pair LEFT JOIN link_name_pair USING (said, registered)) AS judged
""")


def judge_by_nik(session: Session, settings: LinkSettings) -> None:
    """Make `BY_NIK` of the mentions."""
    session.execute("DROP TABLE IF EXISTS pg_temp.link_nik_pair, pg_temp.link_name_pair, pg_temp.link_by_nik")
    session.execute(_PAIRS)
    _compare_names(session)
    session.execute(
        _VERDICTS.format(agrees=sql.Literal(settings.name_agrees), close=sql.Literal(settings.name_close))
    )
    session.execute("ANALYZE link_by_nik")


def _compare_names(session: Session) -> None:
    """How alike the two names of each pair are, 0 to 100; each pair of texts once."""
    session.execute(
        "CREATE TEMP TABLE link_name_pair ON COMMIT DROP AS "
        "SELECT DISTINCT said, registered, CASE WHEN upper(said) = upper(registered) THEN 100 END AS alike "
        "FROM link_nik_pair WHERE said <> '' AND registered <> ''"
    )
    session.execute("CREATE TEMP TABLE link_alike (said text, registered text, alike integer) ON COMMIT DROP")
    with session.cursor(name="link_names") as pairs:
        pairs.execute("SELECT said, registered FROM link_name_pair WHERE alike IS NULL")
        while batch := pairs.fetchmany(_BATCH):
            with session.cursor() as cursor, cursor.copy("COPY link_alike FROM STDIN") as copy:
                for row in _scored(batch):
                    copy.write_row(row)
    session.execute(
        "UPDATE link_name_pair AS p SET alike = a.alike FROM link_alike AS a "
        "WHERE (p.said, p.registered) = (a.said, a.registered)"
    )
    session.execute("DROP TABLE link_alike")
    session.execute("ANALYZE link_name_pair")


def _scored(pairs: list[tuple[str, str]]) -> Iterator[tuple[str, str, int | None]]:
    for said, registered in pairs:
        names = name_of(said), name_of(registered)
        # A text without letters is no name that could differ.
        alike = likeness(*names).score if all(map(_has_parts, names)) else None
        yield said, registered, alike


def _has_parts(name: Name) -> bool:
    return bool(name.parts)
