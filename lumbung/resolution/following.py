"""Keys that follow each other, and the one that all of them are known by."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from lumbung.resolution.tables import IdentityTable
from lumbung.warehouse import Session

# Of keys that the register joins, the one that the hub has known longest gives the id, so that nobody's id
# moves because an older key is heard of late; of those known equally long, one that follows none.
_KNOWN_LONGEST = "o.from_run_id, EXISTS (SELECT FROM register_edge e WHERE e.follower = r.other), r.other"
# Of persons that people merged, the one they kept.
_KEPT = "EXISTS (SELECT FROM register_edge e WHERE e.follower = r.other), o.from_run_id, r.other"
_LEADERS = """
CREATE TEMP TABLE {name} ON COMMIT DROP AS
WITH RECURSIVE joined (own_id, other) AS (
    SELECT follower, leader FROM register_edge UNION SELECT leader, follower FROM register_edge
), reached (own_id, other) AS (
    SELECT own_id, own_id FROM joined
    UNION SELECT r.own_id, j.other FROM reached r JOIN joined j ON j.own_id = r.other
)
SELECT DISTINCT ON (r.own_id) r.own_id, r.other AS leader
FROM reached r JOIN {origin} o ON o.own_id = r.other AND o.to_run_id IS NULL
ORDER BY r.own_id, {order}
"""
_MAPPED = """
SELECT coalesce(a.leader, p.follower), coalesce(b.leader, p.leader) FROM ({pairs}) AS p (follower, leader)
LEFT JOIN {leaders} a ON a.own_id = p.follower LEFT JOIN {leaders} b ON b.own_id = p.leader
"""


@dataclass(frozen=True)
class Following:
    """SELECTs of two own ids from `origin`: the first is that of a key that follows the second.

    `told` are by the register's events; `decided` by people, of persons as `told` leaves them.
    """

    origin: IdentityTable
    told: Sequence[sql.Composable] = ()
    decided: Sequence[sql.Composable] = ()


def leaders(session: Session, following: Following) -> sql.Composed:
    """A SELECT of (own_id, leader): each key that follows or is followed, and the own id it is known by."""
    told, kept = sql.Identifier("register_told"), sql.Identifier("register_kept")
    _resolve(session, following, following.told, told, _KNOWN_LONGEST)
    mapped = [sql.SQL(_MAPPED).format(pairs=pairs, leaders=told) for pairs in following.decided]
    _resolve(session, following, mapped, kept, _KEPT)
    return sql.SQL(
        "SELECT coalesce(t.own_id, k.own_id) AS own_id, coalesce(k.leader, t.leader) AS leader "
        "FROM {told} t FULL JOIN {kept} k ON k.own_id = t.leader"
    ).format(told=told, kept=kept)


def _resolve(
    session: Session,
    following: Following,
    pairs: Sequence[sql.Composable],
    name: sql.Identifier,
    order: str,
) -> None:
    session.execute(sql.SQL("DROP TABLE IF EXISTS register_edge, {}").format(name))
    session.execute("CREATE TEMP TABLE register_edge (follower uuid, leader uuid) ON COMMIT DROP")
    for pair in pairs:
        session.execute(
            sql.SQL(
                "INSERT INTO register_edge SELECT * FROM ({}) AS p (follower, leader) "
                "WHERE follower <> leader"
            ).format(pair)
        )
    session.execute("ANALYZE register_edge")
    session.execute(
        sql.SQL(_LEADERS).format(
            name=name,
            origin=sql.Identifier("identity", following.origin.name),
            order=sql.SQL(order),
        )
    )
