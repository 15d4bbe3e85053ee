"""Which load last changed a dataset's rows."""

from collections.abc import Mapping

from psycopg.types.json import Jsonb

from lumbung.warehouse import Session

# A load may also change what history holds when only the contract changed: new columns are filled in place.
_LAST_CHANGED = """
SELECT dataset, max(load_id) FROM (
    SELECT l.dataset, l.load_id, l.added_count + l.changed_count + l.removed_count AS changes,
        lag(l.contract_fingerprint) OVER (PARTITION BY l.dataset ORDER BY l.load_id) AS before,
        l.contract_fingerprint AS fingerprint
    FROM ops.load l JOIN jsonb_each_text(%s) AS pin ON pin.key = l.dataset AND l.load_id <= pin.value::bigint
    WHERE l.state = 'applied'
) AS applied
WHERE changes > 0 OR before IS DISTINCT FROM fingerprint
GROUP BY dataset
"""


def last_changed(session: Session, loads: Mapping[str, int]) -> dict[str, int]:
    """By dataset, the last applied load up to the one in `loads` that changed rows; none, no entry."""
    return dict(session.execute(_LAST_CHANGED, [Jsonb(dict(loads))]).fetchall())
