"""People's decisions that two persons are one, and that they are not after all."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import sql
from psycopg.types.json import Jsonb

from lumbung.errors import DecisionRefused
from lumbung.relations import existing
from lumbung.warehouse import Session

MERGE, SPLIT = "merge", "split"

_MERGES = """
FROM identity.decision d WHERE d.kind = 'merge'
AND NOT EXISTS (SELECT FROM identity.decision u WHERE u.undoes = d.decision_id)
"""
#: The merges in force, as SELECT (follower, leader): ids of the person taken in and of the one kept.
MERGES = sql.SQL("SELECT (d.subject ->> 'merged')::uuid, (d.subject ->> 'kept')::uuid" + _MERGES)
#: Pairs that were split again, so that nobody is asked a second time.
SPLITS = sql.SQL(
    "SELECT (d.subject ->> 'kept')::uuid AS one, (d.subject ->> 'merged')::uuid AS other "
    "FROM identity.decision d WHERE d.kind = 'split'"
)


@dataclass(frozen=True)
class Decision:
    """What somebody decided about two persons."""

    decision_id: int
    kind: str
    kept: UUID
    merged: UUID
    decided_by: str
    reason: str
    decided_at: datetime
    undoes: int | None


@dataclass(frozen=True)
class Candidate:
    """Two persons who are possibly one."""

    person_id: UUID
    other_person_id: UUID
    reason: str


@dataclass(frozen=True)
class Because:
    """Who decides, and why: both stay on record."""

    by: str
    reason: str


def merge(session: Session, kept: UUID, merged: UUID, because: Because) -> int:
    """Note that both are one person, known as `kept` from the next run on; returns the decision's number.

    Raises `DecisionRefused` when either is no person's id today, or they are one already.
    """
    if kept == merged:
        raise DecisionRefused(f"{kept} is one person already; name two")
    for person in (kept, merged):
        _refuse_unknown(session, person)
    if _merge_of(session, kept, merged) is not None:
        raise DecisionRefused(f"{kept} and {merged} were merged already; the next run shows it")
    return _note(session, MERGE, {"kept": str(kept), "merged": str(merged)}, because, None)


def split(session: Session, one: UUID, other: UUID, because: Because) -> int:
    """Take the decision back that both are one: from the next run on, each is who it was before.

    Returns the decision's number. Raises `DecisionRefused` when no decision merged the two.
    """
    found = _merge_of(session, one, other)
    if found is None:
        raise DecisionRefused(
            f"no decision merged {one} and {other}; see `lumbung person decisions`. What an event of the "
            "register joined is split by withdrawing the event there"
        )
    number, subject = found
    return _note(session, SPLIT, subject, because, number)


def decisions(session: Session) -> list[Decision]:
    """Every decision about persons, newest first."""
    rows = session.execute(
        "SELECT decision_id, kind, (subject ->> 'kept')::uuid, (subject ->> 'merged')::uuid, decided_by, "
        "reason, decided_at, undoes FROM identity.decision WHERE kind = ANY(%s) ORDER BY decision_id DESC",
        [[MERGE, SPLIT]],
    ).fetchall()
    return [Decision(*row) for row in rows]


def candidates(session: Session) -> list[Candidate]:
    """Persons who are possibly one, by the last run; empty before the first."""
    if not existing(session, "identity", ["person_candidate"]):
        return []
    rows = session.execute(
        "SELECT person_id, other_person_id, reason FROM identity.person_candidate WHERE to_run_id IS NULL "
        "ORDER BY person_id, other_person_id"
    ).fetchall()
    return [Candidate(*row) for row in rows]


def _refuse_unknown(session: Session, person: UUID) -> None:
    known = (
        existing(session, "identity", ["person_key"])
        and session.execute(
            "SELECT 1 FROM identity.person_key WHERE person_id = %s AND to_run_id IS NULL LIMIT 1", [person]
        ).fetchone()
    )
    if not known:
        raise DecisionRefused(
            f"{person} is no person's id, or was merged into another; see `lumbung person decisions`"
        )


def _merge_of(session: Session, one: UUID, other: UUID) -> tuple[int, dict[str, str]] | None:
    row = session.execute(
        sql.SQL(
            "SELECT d.decision_id, d.subject {} AND (d.subject IN (%(one)s, %(other)s)) "
            "ORDER BY d.decision_id DESC LIMIT 1"
        ).format(sql.SQL(_MERGES)),
        {
            "one": Jsonb({"kept": str(one), "merged": str(other)}),
            "other": Jsonb({"kept": str(other), "merged": str(one)}),
        },
    ).fetchone()
    return (row[0], row[1]) if row else None


def _note(session: Session, kind: str, subject: dict[str, str], because: Because, undoes: int | None) -> int:
    row = session.execute(
        "INSERT INTO identity.decision (kind, subject, decided_by, reason, undoes) "
        "VALUES (%s, %s, %s, %s, %s) RETURNING decision_id",
        [kind, Jsonb(subject), because.by, because.reason, undoes],
    ).fetchone()
    assert row is not None
    return int(row[0])
