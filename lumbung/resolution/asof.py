"""The register as of a day, as known at a moment.

Rows of `integrated.person`, `.household` and `.household_member` hold two intervals, their ends exclusive:
`valid_from`, `valid_to` (days in the city) and `recorded_from`, `recorded_to` (moments of the hub). The
register as of a day, as known at a moment, is the rows whose intervals contain both.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from psycopg import sql

from lumbung.errors import ReleaseUnready
from lumbung.relations import existing
from lumbung.warehouse import Session

#: What holds of a row in the register of a day, known at a moment; for any of the three tables.
CONTAINS = sql.SQL(
    "valid_from <= %(on)s AND valid_to > %(on)s AND recorded_from <= %(known)s AND recorded_to > %(known)s"
)


@dataclass(frozen=True)
class AsOf:
    """A day in the city, and the moment whose knowledge is asked for: None for the present one."""

    on: date
    known: datetime | None = None

    @property
    def values(self) -> dict[str, object]:
        """Parameters for `CONTAINS`. What is known now is what was ever recorded last."""
        return {"on": self.on, "known": self.known or datetime.max}


@dataclass(frozen=True)
class State:
    """Where a person was: `status_code` is resident, deceased, moved_out or unlisted.

    `since` is when that began, None when nobody says (then it is known no better than since birth).
    """

    person_id: UUID
    status_code: str
    household_id: UUID | None
    since: date | None


@dataclass(frozen=True)
class Member:
    """A person in a household; `relation_code` as SIAK's STAT_HBKEL, 1 is the head."""

    person_id: UUID
    relation_code: str | None


def state_of(session: Session, person_id: UUID, when: AsOf) -> State | None:
    """Where the person was; None when nothing was known of that day. Raises `ReleaseUnready`."""
    _refuse_unpublished(session)
    row = session.execute(
        sql.SQL(
            "SELECT person_id, status_code, household_id, CASE WHEN is_start_known THEN valid_from END "
            "FROM integrated.person WHERE person_id = %(person)s AND {}"
        ).format(CONTAINS),
        when.values | {"person": person_id},
    ).fetchone()
    return State(*row) if row else None


def members_of(session: Session, household_id: UUID, when: AsOf) -> list[Member]:
    """Who was in the household, the head first. Raises `ReleaseUnready`."""
    _refuse_unpublished(session)
    rows = session.execute(
        sql.SQL(
            "SELECT person_id, relation_code FROM integrated.household_member "
            "WHERE household_id = %(household)s AND {} ORDER BY relation_code::int NULLS LAST, person_id"
        ).format(CONTAINS),
        when.values | {"household": household_id},
    ).fetchall()
    return [Member(*row) for row in rows]


def _refuse_unpublished(session: Session) -> None:
    if existing(session, "integrated", ["person", "household_member"]) != {"person", "household_member"}:
        raise ReleaseUnready("the register was not published yet; run `lumbung publish`")
