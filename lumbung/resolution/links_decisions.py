"""What people decided about single links: this record is that person, or is not.

A decision is a row of `identity.decision`, never changed or deleted; a later one about the same record and
person takes its place, and an `undo` takes it back. Decisions win over every score. They hold through merges
and splits of people: what was decided of somebody who was merged holds for the one that person became.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from lumbung.errors import DecisionRefused
from lumbung.resolution.merging import Because
from lumbung.resolution.run import Run
from lumbung.resolution.tables import PERSON_KEY, PERSON_ORIGIN, role_table
from lumbung.warehouse import Session
from schemas.contract import Contract
from schemas.entities import PersonRole

Kind = Literal["match", "not_match"]
#: One row per record of the role with a decision: key (texts, in key order), person_id and decision_id of the
#: match if there is one, excluded (people it is not), is_new (decided or undone since the run before).
DECIDED = sql.Identifier("pg_temp", "link_decided")

_ORIGIN = sql.Identifier("identity", PERSON_ORIGIN.name)
_PERSON_KEY = sql.Identifier("identity", PERSON_KEY.name)
_DECIDED = sql.SQL("""
CREATE TEMP TABLE link_decided ON COMMIT DROP AS
WITH made AS (
    SELECT d.decision_id, d.kind, (d.subject ->> 'person_id')::uuid AS person_id, ARRAY[{key}] AS key,
        u.decision_id IS NOT NULL AS is_undone, greatest(d.decision_id, u.decision_id) AS last_id
    FROM identity.decision AS d LEFT JOIN identity.decision AS u ON u.undoes = d.decision_id
    WHERE d.kind IN ('match', 'not_match') AND d.subject ->> 'dataset' = {dataset}
        AND d.subject ->> 'role' = {role}
), latest AS (
    -- A person's id is the own id of one of the keys; merged since, that key leads to whoever was kept.
    SELECT DISTINCT ON (m.key, k.person_id) m.key, decision_id, kind, k.person_id
    FROM made AS m JOIN {origin} AS o ON o.own_id = m.person_id AND o.to_run_id IS NULL
    JOIN {person_key} AS k ON (k.source, k.key) = (o.source, o.key) AND k.to_run_id IS NULL
    WHERE NOT is_undone ORDER BY m.key, k.person_id, decision_id DESC
), standing AS (
    SELECT key,
        (array_agg(person_id ORDER BY decision_id DESC) FILTER (WHERE kind = 'match'))[1] AS person_id,
        max(decision_id) FILTER (WHERE kind = 'match') AS decision_id,
        array_agg(person_id ORDER BY person_id) FILTER (WHERE kind = 'not_match') AS excluded
    FROM latest GROUP BY key
)
SELECT key, person_id, decision_id, coalesce(excluded, '{{}}'::uuid[]) AS excluded, is_new
FROM (SELECT key, bool_or(last_id > {since}) AS is_new FROM made GROUP BY key) AS touched
LEFT JOIN standing USING (key)
""")


@dataclass(frozen=True)
class Record:
    """One record of a dataset in one role; `key` has its key columns as texts. The key may be personal."""

    contract: Contract
    role: PersonRole
    key: Mapping[str, str]

    @property
    def subject(self) -> dict[str, object]:
        """How a decision names the record."""
        return {"dataset": self.contract.id, "role": self.role.role, "key": dict(self.key)}


def decide(session: Session, record: Record, person_id: UUID, kind: Kind, because: Because) -> int:
    """Note that the record is, or is not, that person; returns the decision's number.

    It holds from the next run on. Raises `DecisionRefused` when there is no such record or person, or
    nobody's name or no reason is given.
    """
    _refuse_anonymous(because)
    _refuse_unknown(session, record, person_id)
    subject = Jsonb({**record.subject, "person_id": str(person_id)})
    return _note(session, kind, subject, because)


def undo(session: Session, decision_id: int, because: Because) -> int:
    """Take a decision about a link back; returns the number of the row that does.

    Raises `DecisionRefused` when it is no decision about a link, or was undone before.
    """
    _refuse_anonymous(because)
    row = session.execute(
        "SELECT subject FROM identity.decision WHERE decision_id = %s AND kind IN ('match', 'not_match')",
        [decision_id],
    ).fetchone()
    if row is None:
        raise DecisionRefused(f"Decision {decision_id}: there is no such decision about a link")
    try:
        with session.transaction():
            return _note(session, "undo", Jsonb(row[0]), because, undoes=decision_id)
    except psycopg.errors.UniqueViolation:
        pass
    raise DecisionRefused(f"Decision {decision_id}: it was undone before; decide anew instead")


def make_decided(run: Run, contract: Contract, role: PersonRole) -> None:
    """Make `DECIDED` of the role."""
    key = sql.SQL(", ").join(
        sql.SQL("d.subject -> 'key' ->> {}").format(sql.Literal(name)) for name in contract.key
    )
    run.session.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(DECIDED))
    run.session.execute(
        _DECIDED.format(
            key=key,
            dataset=sql.Literal(contract.id),
            role=sql.Literal(role.role),
            origin=_ORIGIN,
            person_key=_PERSON_KEY,
            since=sql.Literal((run.before and run.before.last_decision_id) or 0),
        )
    )


def _note(session: Session, kind: str, subject: Jsonb, because: Because, *, undoes: int | None = None) -> int:
    row = session.execute(
        "INSERT INTO identity.decision (kind, subject, decided_by, reason, undoes) "
        "VALUES (%s, %s, %s, %s, %s) RETURNING decision_id",
        [kind, subject, because.by.strip(), because.reason.strip(), undoes],
    ).fetchone()
    assert row is not None, "an insert gives its row"
    return int(row[0])


def _refuse_anonymous(because: Because) -> None:
    if not because.by.strip() or not because.reason.strip():
        raise DecisionRefused("A decision needs the name of who decides, and a reason that stays on record")


def _refuse_unknown(session: Session, record: Record, person_id: UUID) -> None:
    contract = record.contract
    where = f"{contract.id}, role {record.role.role}"
    if set(record.key) != set(contract.key):
        raise DecisionRefused(
            f"{where}: expected the key columns {', '.join(contract.key)}, each with a value"
        )
    table = role_table(contract, "persons", record.role.role)
    is_it = sql.SQL(" AND ").join(
        sql.SQL("{}::text = {}").format(sql.Identifier(name), sql.Literal(record.key[name]))
        for name in contract.key
    )
    # A table that no run has made yet has no records.
    found = session.execute("SELECT to_regclass(%s)", [f"identity.{table.name}"]).fetchone()
    known = found is not None and found[0] is not None
    select = sql.SQL("SELECT FROM {} WHERE to_run_id IS NULL AND {}").format(
        sql.Identifier("identity", table.name), is_it
    )
    if not known or session.execute(select).fetchone() is None:
        raise DecisionRefused(f"{where}: there is no record with this key; `lumbung links review` lists them")
    person = session.execute(
        sql.SQL("SELECT FROM {} WHERE to_run_id IS NULL AND person_id = %s").format(_PERSON_KEY), [person_id]
    ).fetchone()
    if person is None:
        raise DecisionRefused(
            f"{where}: the register has no person {person_id}; take an id from the review list"
        )
