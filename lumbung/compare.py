"""How the tables of two releases differ: rows added, removed and changed, by the key of each table."""

from dataclasses import dataclass

from psycopg import sql

from lumbung.models import Models
from lumbung.relations import columns_of
from lumbung.releases import Connects, ReleaseTable, find_release, tables_of
from lumbung.warehouse import Session


@dataclass(frozen=True)
class TableDifference:
    """One table in two releases, rows counted.

    `before` and `after` are None where the release has no such table. `added`, `removed` and `changed`
    are None when they can't be counted, and `note` says why. Without a key a changed row counts as
    one removed and one added. Rows are compared over the columns that both releases have.
    """

    table: str
    before: int | None
    after: int | None
    added: int | None = None
    removed: int | None = None
    changed: int | None = None
    note: str = ""


def diff(warehouse: Connects, models: Models, before: int, after: int) -> list[TableDifference]:
    """Every table of either release, in name order; raises `ReleaseRefused` for an unknown release."""
    with warehouse.connect() as session:
        for release_id in (before, after):
            find_release(session, release_id)
        old = {t.name: t for t in tables_of(session, before)}
        new = {t.name: t for t in tables_of(session, after)}
        return [
            _difference(session, models, name, old.get(name), new.get(name)) for name in sorted(old | new)
        ]


def _difference(
    session: Session, models: Models, name: str, old: ReleaseTable | None, new: ReleaseTable | None
) -> TableDifference:
    before, after = (old.row_count if old else None), (new.row_count if new else None)
    if old is None or new is None:
        return TableDifference(name, before, after, note="only in one of the two releases")
    if old.relation == new.relation:
        return TableDifference(name, before, after, 0, 0, 0)
    a, b = (columns_of(session, "release", table.relation) for table in (old, new))
    if not a or not b:
        return TableDifference(name, before, after, note="its rows were dropped since")
    apart = sorted({c.name for c in a} ^ {c.name for c in b})
    both = [c.name for c in b if c in a]
    key = _key(models, name)
    counted = _by_key(session, old, new, key, both) if key and set(key) <= set(both) else None
    added, removed, changed = counted or _by_row(session, old, new, both)
    note = f"columns in one of the two only: {', '.join(apart)}" if apart else ""
    return TableDifference(name, before, after, added, removed, changed, note)


def _key(models: Models, name: str) -> tuple[str, ...]:
    model = models.by_name.get(name)
    return model.contract.key if model and model.contract else ()


def _by_key(
    session: Session, old: ReleaseTable, new: ReleaseTable, key: tuple[str, ...], both: list[str]
) -> tuple[int, int, int]:
    row = session.execute(
        sql.SQL(
            "SELECT count(*) FILTER (WHERE a.present IS NULL), count(*) FILTER (WHERE b.present IS NULL), "
            "count(*) FILTER (WHERE a.present AND b.present AND ({a}) IS DISTINCT FROM ({b})) "
            "FROM (SELECT *, true AS present FROM {old}) AS a "
            "FULL JOIN (SELECT *, true AS present FROM {new}) AS b ON {joined}"
        ).format(
            a=_columns(both, "a"),
            b=_columns(both, "b"),
            old=sql.Identifier("release", old.relation),
            new=sql.Identifier("release", new.relation),
            joined=sql.SQL(" AND ").join(
                sql.SQL("{} = {}").format(sql.Identifier("a", name), sql.Identifier("b", name))
                for name in key
            ),
        )
    ).fetchone()
    assert row is not None
    return row[0], row[1], row[2]


def _by_row(session: Session, old: ReleaseTable, new: ReleaseTable, both: list[str]) -> tuple[int, int, int]:
    def only_in(one: ReleaseTable, other: ReleaseTable) -> int:
        row = session.execute(
            sql.SQL(
                "SELECT count(*) FROM (SELECT {c} FROM {a} EXCEPT ALL SELECT {c} FROM {b}) AS rest"
            ).format(
                c=sql.SQL(", ").join(map(sql.Identifier, both)),
                a=sql.Identifier("release", one.relation),
                b=sql.Identifier("release", other.relation),
            )
        ).fetchone()
        return int(row[0]) if row else 0

    return only_in(new, old), only_in(old, new), 0


def _columns(names: list[str], alias: str) -> sql.Composed:
    """`ROW (...)`, which also compares a single column and NULLs rightly."""
    return sql.SQL("ROW ({})").format(sql.SQL(", ").join(sql.Identifier(alias, name) for name in names))
