"""How records and people are linked, for people to read: counts, and the list of what to look at.

No value of a record or a person is here but in `values_of`, which is for the screen of whoever decides.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql

from lumbung.resolution import books, links_people
from lumbung.resolution.links_scope import Linked, fields_of
from lumbung.resolution.tables import PERSON_KEY, role_table
from lumbung.resolution.versions import as_of, listed
from lumbung.warehouse import Session
from schemas.catalogue import Catalogue

#: Between the parts of a key of several columns, as in the quarantine.
KEY_MARK = "|"
_TO_REVIEW = ("possible", "conflict")


@dataclass(frozen=True)
class Standing:
    """How many records of a role came to what, and how."""

    dataset: str
    role: str
    outcome: str
    method: str | None
    count: int


@dataclass(frozen=True)
class Doubt:
    """A record for somebody to look at. The key may be personal; the repr doesn't show it.

    `candidates` are people it may mean, best first: person_id, method, score, weight, fields.
    """

    dataset: str
    role: str
    key: tuple[str, ...] = field(repr=False)
    outcome: str
    candidates: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class LinkDecision:
    """What somebody decided about a link; `undone_by` is the number of the row that took it back."""

    decision_id: int
    kind: str
    dataset: str
    role: str
    key: Mapping[str, str] = field(repr=False)
    person_id: UUID
    decided_by: str
    reason: str
    decided_at: datetime
    undone_by: int | None


def roles_of(session: Session, catalogue: Catalogue, dataset: str | None = None) -> list[Linked]:
    """The roles of people that a run has made a table for."""
    found = []
    for contract in catalogue.sources.values():
        for role in contract.entities.persons if dataset in (None, contract.id) else ():
            table = role_table(contract, "persons", role.role)
            row = session.execute("SELECT to_regclass(%s)", [f"identity.{table.name}"]).fetchone()
            if row and row[0] is not None:
                found.append(Linked(contract, role, table))
    return found


def standing(session: Session, catalogue: Catalogue) -> list[Standing]:
    """Counts by dataset, role, outcome and method."""
    return [
        Standing(linked.contract.id, linked.role.role, *row)
        for linked in roles_of(session, catalogue)
        for row in session.execute(
            sql.SQL(
                "SELECT outcome, method, count(*) FROM {} WHERE to_run_id IS NULL GROUP BY 1, 2 "
                "ORDER BY array_position(ARRAY['match', 'possible', 'conflict', 'none'], outcome), 2"
            ).format(linked.links)
        ).fetchall()
    ]


def looked_at(session: Session) -> dict[str, int]:
    """By table, how many records the last run looked at; one that had no reason to is not in it."""
    row = session.execute("SELECT looked_at FROM identity.run ORDER BY run_id DESC LIMIT 1").fetchone()
    return dict(row[0]) if row else {}


def doubts(session: Session, linked: Linked, limit: int) -> list[Doubt]:
    """Records that are possibly somebody's, or whose NIK is somebody else's; the likeliest first."""
    key = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in linked.table.key)
    rows = session.execute(
        sql.SQL(
            "SELECT ARRAY[{}], outcome, coalesce(evidence -> 'candidates', '[]') FROM {} "
            "WHERE to_run_id IS NULL AND outcome = ANY (%s) ORDER BY outcome DESC, score DESC, 1 LIMIT %s"
        ).format(key, linked.links),
        [list(_TO_REVIEW), limit],
    ).fetchall()
    return [
        Doubt(linked.contract.id, linked.role.role, tuple(k), outcome, found) for k, outcome, found in rows
    ]


def count_doubts(session: Session, linked: Linked) -> int:
    """How many records of a role there are to look at."""
    select = sql.SQL("SELECT count(*) FROM {} WHERE to_run_id IS NULL AND outcome = ANY (%s)")
    row = session.execute(select.format(linked.links), [list(_TO_REVIEW)]).fetchone()
    return row[0] if row else 0


def decisions(session: Session) -> list[LinkDecision]:
    """Every decision about a link, newest first."""
    rows = session.execute(
        "SELECT d.decision_id, d.kind, d.subject ->> 'dataset', d.subject ->> 'role', d.subject -> 'key', "
        "(d.subject ->> 'person_id')::uuid, d.decided_by, d.reason, d.decided_at, u.decision_id "
        "FROM identity.decision AS d LEFT JOIN identity.decision AS u ON u.undoes = d.decision_id "
        "WHERE d.kind IN ('match', 'not_match') ORDER BY d.decision_id DESC"
    ).fetchall()
    return [LinkDecision(*row) for row in rows]


def values_of(
    session: Session, catalogue: Catalogue, linked: Linked, doubt: Doubt
) -> Iterator[tuple[str, dict[str, str]]]:
    """What the record says, and what the register says of each candidate: personal, for the screen alone.

    Gives "record" and then ids of people, each with the fields; a person of several entries comes as often.
    """
    row = session.execute("SELECT max(run_id) FROM identity.run").fetchone()
    assert row is not None and row[0] is not None, "there are no doubts before the first run"
    run_id = row[0]
    pins = books.pins_of(session, run_id)
    fields = links_people.FIELDS
    key = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(name)) for name in linked.table.key)
    said = session.execute(
        sql.SQL("SELECT {} FROM {} AS r WHERE ARRAY[{}] = %s").format(
            fields_of(linked.role), sql.Identifier("current", linked.contract.table), key
        ),
        [list(doubt.key)],
    ).fetchall()
    yield from (("record", dict(zip(fields, row, strict=True))) for row in said)
    people = links_people.people(catalogue, pins, as_of(PERSON_KEY, run_id))
    found = session.execute(
        sql.SQL("SELECT person_id::text, {} FROM ({}) AS p WHERE person_id = ANY (%s)").format(
            listed(fields), people
        ),
        [[UUID(one["person_id"]) for one in doubt.candidates]],
    ).fetchall()
    order = [one["person_id"] for one in doubt.candidates]
    for person_id, *values in sorted(found, key=lambda row: order.index(row[0])):
        yield person_id, dict(zip(fields, values, strict=True))
