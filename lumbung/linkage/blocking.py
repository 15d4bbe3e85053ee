"""Candidate pairs: records that share a block's keys.

Splink's own blocking joins by text ids, compares each rule's pairs with all rules before it, and knows no
bound for a common key; these joins are by hashes of keys and by integers, and pairs found twice are merged.
"""

import duckdb

from lumbung.linkage.model import Block, Model
from lumbung.linkage.preparing import PREPARED
from lumbung.linkage.results import Skipped
from lumbung.linkage.workspace import one_row, quoted, step

#: Pairs as Splink takes them: match_key (number of the first block), join_key_l, join_key_r.
BLOCKED = "blocked"
#: Numbers of the records to find pairs for, in a dedupe of some new ones.
NEW = "new_ids"


def block(
    database: duckdb.DuckDBPyConnection, model: Model, *, linking: bool, only_new: bool
) -> list[Skipped]:
    """Make `BLOCKED` from `PREPARED`; what common keys left out is returned, a row for each such block."""
    with step(model, "blocking"):
        database.execute("CREATE TABLE found (number UTINYINT, join_key_l INTEGER, join_key_r INTEGER)")
    skipped = []
    for number, one in enumerate(model.blocks):
        with step(model, f"block {one.name}"):
            skipped += _find(database, one, number, linking, only_new)
    with step(model, "blocking"):
        database.execute(
            f"CREATE TABLE {BLOCKED} AS SELECT min(number) AS match_key, join_key_l, join_key_r"
            " FROM found GROUP BY join_key_l, join_key_r"
        )
        database.execute("DROP TABLE found")
    return skipped


def _find(
    database: duckdb.DuckDBPyConnection, one: Block, number: int, linking: bool, only_new: bool
) -> list[Skipped]:
    seeking = "NOT is_reference" if linking else f"unique_id IN (FROM {NEW})" if only_new else "true"
    _keyed(database, "sought", one, one.keys, seeking)
    _keyed(database, "offered", one, one.other or one.keys, "is_reference")
    database.execute("CREATE TABLE sizes AS SELECT key, count(*) AS size FROM offered GROUP BY key")
    keys, records = one_row(database, "SELECT count(*), sum(size) FROM sizes WHERE size > ?", one.at_most)
    # In a dedupe every pair is met from both ends; one is enough, unless the ends have different keys.
    once = (
        "l.unique_id < r.unique_id"
        if not (linking or only_new or one.other)
        else "l.unique_id <> r.unique_id"
    )
    sides = "l.unique_id, r.unique_id"
    if not linking:
        sides = "least(l.unique_id, r.unique_id), greatest(l.unique_id, r.unique_id)"
    database.execute(
        f"INSERT INTO found SELECT {number}, {sides} FROM sought AS l JOIN offered AS r ON l.key = r.key"
        f" SEMI JOIN (SELECT key FROM sizes WHERE size <= {one.at_most}) AS s ON r.key = s.key WHERE {once}"
    )
    for table in ("sought", "offered", "sizes"):
        database.execute(f"DROP TABLE {table}")
    return [Skipped(one.name, keys, int(records))] if keys else []


def _keyed(
    database: duckdb.DuckDBPyConnection, table: str, one: Block, keys: tuple[str, ...], which: str
) -> None:
    parts = [f"({key})" for key in keys]
    if one.each:
        parts.append(f"unnest(list_distinct({quoted(one.each)}))")
    named = [f"key_{at}" for at in range(len(parts))]
    made = ", ".join(f"{part} AS {name}" for part, name in zip(parts, named, strict=True))
    present = " AND ".join(f"{name} IS NOT NULL" for name in named)
    database.execute(
        f"CREATE TABLE {table} AS SELECT unique_id, hash({', '.join(named)}) AS key"
        f" FROM (SELECT unique_id, {made} FROM {PREPARED} WHERE {which}) WHERE {present}"
    )
