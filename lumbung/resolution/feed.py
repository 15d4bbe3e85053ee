"""Which of the people I follow changed since I last asked? Kinds of change, never values.

Changes are numbered, and a reader keeps the number up to which it has read, its cursor. Only runs of entity
resolution write changes, each under the stage's lock until it commits; so numbers become visible in order,
none ever appears below one that was seen, and reading from the same cursor again gives the same changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from lumbung.warehouse import Session

#: Changes in one answer, unless asked otherwise.
LIMIT = 1000


@dataclass(frozen=True)
class PersonChange:
    """What one run found changed about one person.

    `merged_into` is the person that this one turned out to be: records name that one from now on, and who
    followed this one follows that one too.
    """

    change_id: int
    person_id: UUID
    kinds: list[str]
    merged_into: UUID | None
    changed_at: datetime


def follow(session: Session, principal: str, person_id: UUID, until: datetime | None = None) -> None:
    """Tell the principal of the person's changes from now on, until a moment or until it unfollows.

    Who follows the person already goes on, until the new moment. What changed before this is committed is not
    told: read the person's state after it, not before.
    """
    said: Mapping[str, object] = {"principal": principal, "person": person_id, "until": until}
    renewed = session.execute(
        "UPDATE identity.follow SET until = coalesce(%(until)s, 'infinity'::timestamptz) "
        "WHERE principal = %(principal)s AND person_id = %(person)s AND until > now()",
        said,
    )
    if not renewed.rowcount:
        session.execute(
            "INSERT INTO identity.follow (principal, person_id, after_change_id, until) "
            "SELECT %(principal)s, %(person)s, coalesce(max(change_id), 0), "
            "coalesce(%(until)s, 'infinity'::timestamptz) FROM identity.person_change",
            said,
        )


def unfollow(session: Session, principal: str, person_id: UUID) -> bool:
    """Tell the principal of nothing that changes from now on; False when it did not follow the person."""
    ended = session.execute(
        "UPDATE identity.follow SET until = now() WHERE principal = %s AND person_id = %s AND until > now()",
        [principal, person_id],
    )
    return ended.rowcount > 0


def changes_since(
    session: Session, principal: str, cursor: int = 0, limit: int = LIMIT
) -> tuple[list[PersonChange], int]:
    """The next changes, at most `limit`, of people whom the principal followed then, and the next cursor.

    A cursor of 0 is the beginning. Fewer than `limit` changes are all there are so far.
    """
    last = session.execute("SELECT coalesce(max(change_id), 0) FROM identity.person_change").fetchone()
    assert last is not None, "an aggregate gives a row"
    # Changes that come while this runs have higher numbers than `last`: they are for the next reading.
    with session.cursor(row_factory=class_row(PersonChange)) as rows:
        found = rows.execute(
            "SELECT change_id, person_id, kinds, merged_into, changed_at FROM identity.person_change c "
            "WHERE change_id > %s AND change_id <= %s AND EXISTS (SELECT FROM identity.follow f "
            "WHERE f.principal = %s AND f.person_id = c.person_id "
            "AND f.after_change_id < c.change_id AND f.until > c.changed_at) ORDER BY change_id LIMIT %s",
            [cursor, last[0], principal, limit],
        ).fetchall()
    return found, found[-1].change_id if found and len(found) == limit else max(cursor, last[0])


def record(session: Session, run_id: int, changes: sql.Composable) -> int:
    """Number what a run found: a SELECT of person_id, kinds, merged_into, one row a person. Returns how many.

    The caller holds the stage's lock until it commits. Who follows a person that was merged follows the
    other one too, from this run on and for as long.
    """
    session.execute(
        sql.SQL(
            "INSERT INTO identity.follow (principal, person_id, after_change_id, until) "
            "SELECT f.principal, c.merged_into, coalesce(max(last.change_id), 0), max(f.until) "
            "FROM ({}) AS c JOIN identity.follow f USING (person_id) "
            "LEFT JOIN (SELECT max(change_id) AS change_id FROM identity.person_change) AS last ON true "
            "WHERE c.merged_into IS NOT NULL AND f.until > now() AND NOT EXISTS ("
            "SELECT FROM identity.follow o WHERE o.principal = f.principal "
            "AND o.person_id = c.merged_into AND o.until >= f.until) GROUP BY f.principal, c.merged_into"
        ).format(changes)
    )
    return session.execute(
        sql.SQL(
            "INSERT INTO identity.person_change (run_id, person_id, kinds, merged_into) "
            "SELECT {}, person_id, kinds, merged_into FROM ({}) AS c ORDER BY person_id"
        ).format(run_id, changes)
    ).rowcount
