"""What stays of past releases: relations are dropped when no kept release and no running one names them."""

from psycopg import errors, sql

from lumbung.releases import Connects, current_release_id, lock_releases
from lumbung.warehouse import Session

# A release that is still being built keeps its tables, unless a newer one is visible: it can't win then.
_ABANDON = """
UPDATE ops.release SET state = 'failed', reason = 'superseded: release ' || %(current)s || ' is visible'
WHERE state = 'building' AND release_id < %(current)s
"""
_UNNEEDED = """
WITH kept AS (
    SELECT release_id FROM ops.release WHERE state = 'building'
    UNION (SELECT release_id FROM ops.release WHERE state = 'released' ORDER BY release_id DESC LIMIT %s)
)
SELECT relation FROM ops.release_table WHERE to_regclass(format('release.%%I', relation)) IS NOT NULL
GROUP BY relation HAVING NOT bool_or(release_id IN (SELECT release_id FROM kept)) ORDER BY relation
"""


def retain(warehouse: Connects, keep: int) -> list[str]:
    """Drop the relations that neither the last `keep` releases nor a running one need; returns their names.

    The visible release is always among those kept. A relation that somebody is reading, or on which
    somebody built a view of their own, stays until a later call. The books of all releases stay.
    """
    with warehouse.connect() as session:
        lock_releases(session)
        session.execute(_ABANDON, {"current": current_release_id(session)})
        unneeded = session.execute(_UNNEEDED, [max(1, keep)]).fetchall()
        session.execute("SET LOCAL lock_timeout = '200ms'")
        return [relation for (relation,) in unneeded if _drop(session, relation)]


def _drop(session: Session, relation: str) -> bool:
    try:
        with session.transaction():
            session.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier("release", relation)))
    except (errors.LockNotAvailable, errors.DependentObjectsStillExist):
        return False
    return True
