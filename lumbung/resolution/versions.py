"""Versioned tables kept by comparing: what a run wants closes and opens versions, nothing is overwritten."""

from dataclasses import dataclass

from psycopg import sql

from lumbung.errors import WarehouseError
from lumbung.relations import columns_of
from lumbung.resolution.tables import IdentityTable
from lumbung.warehouse import Session

_WANTED = sql.Identifier("pg_temp", "resolution_wanted")


@dataclass(frozen=True)
class Settled:
    """Versions that a run added to a table, and those that it closed."""

    added: int
    closed: int


def ensure(session: Session, table: IdentityTable, run_id: int) -> None:
    """Make the table if it is missing; one of another shape is set aside with the versions it holds.

    Raises `WarehouseError` for a permanent one of another shape: its ids would all be drawn again.
    """
    found = [(c.name, c.pg_type) for c in columns_of(session, "identity", table.name)]
    wanted = [*table.columns, ("from_run_id", "bigint"), ("to_run_id", "bigint")]
    if found == wanted:
        return
    name = sql.Identifier("identity", table.name)
    if found and table.permanent:
        raise WarehouseError(
            f"identity.{table.name} has other columns than expected: a migration has to bring it along, "
            "for its ids can't be drawn again"
        )
    if found:
        aside = sql.Identifier(f"{table.name[:40]}__until_r{run_id}")
        session.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(name, aside))
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(pg_type)) for column, pg_type in table.columns
    )
    session.execute(
        sql.SQL("CREATE TABLE {} ({}, from_run_id bigint NOT NULL, to_run_id bigint)").format(name, columns)
    )
    session.execute(
        sql.SQL("CREATE UNIQUE INDEX ON {} ({}) WHERE to_run_id IS NULL").format(name, listed(table.key))
    )


def settle(
    session: Session,
    table: IdentityTable,
    run_id: int,
    wanted: sql.Composable,
    scope: sql.Composable | None = None,
) -> Settled:
    """Bring the open versions to what `wanted` gives: a SELECT of all columns of the table, in their order.

    A row that is not wanted any more is closed; with `scope`, a SELECT of keys in the key's order, only
    if its key is in it. Rows that are as wanted stay untouched. A key may be wanted once, or PostgreSQL
    refuses it.
    """
    session.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(_WANTED))
    session.execute(
        sql.SQL("CREATE TEMP TABLE resolution_wanted ({}) ON COMMIT DROP").format(
            sql.SQL(", ").join(
                sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(pg_type))
                for name, pg_type in table.columns
            )
        )
    )
    session.execute(sql.SQL("INSERT INTO {} {}").format(_WANTED, wanted))
    session.execute(sql.SQL("ANALYZE {}").format(_WANTED))
    closed = _close(session, table, run_id, scope)
    return Settled(_open(session, table, run_id), closed)


def as_of(table: IdentityTable, run_id: int) -> sql.Composed:
    """A SELECT of the table's rows as that run left them."""
    return sql.SQL(
        "SELECT {} FROM {} WHERE from_run_id <= {run} AND (to_run_id IS NULL OR to_run_id > {run})"
    ).format(listed(table.names), sql.Identifier("identity", table.name), run=sql.Literal(run_id))


def listed(names: tuple[str, ...], alias: str | None = None) -> sql.Composed:
    """The columns, separated by commas; with `alias`, each of that table."""
    return sql.SQL(", ").join(sql.Identifier(*filter(None, (alias, name))) for name in names)


def _close(session: Session, table: IdentityTable, run_id: int, scope: sql.Composable | None) -> int:
    """Close the open versions that are not wanted as they are; those of this very run just go."""
    stale = sql.SQL(
        "to_run_id IS NULL AND NOT EXISTS (SELECT FROM {wanted} w "
        "WHERE ({w_key}) = ({t_key}) AND ({w_all}) IS NOT DISTINCT FROM ({t_all}))"
    ).format(
        wanted=_WANTED,
        w_key=listed(table.key, "w"),
        t_key=listed(table.key, "t"),
        w_all=sql.SQL("ROW({})").format(listed(table.names, "w")),
        t_all=sql.SQL("ROW({})").format(listed(table.names, "t")),
    )
    if scope is not None:
        in_scope = sql.SQL("({}) IN ({})").format(listed(table.key, "t"), scope)
        wanted_anew = sql.SQL("({}) IN (SELECT {} FROM {})").format(
            listed(table.key, "t"), listed(table.key), _WANTED
        )
        stale = sql.SQL("{} AND ({} OR {})").format(stale, in_scope, wanted_anew)
    name = sql.Identifier("identity", table.name)
    session.execute(sql.SQL("DELETE FROM {} t WHERE from_run_id = %s AND {}").format(name, stale), [run_id])
    return session.execute(
        sql.SQL("UPDATE {} t SET to_run_id = %s WHERE {}").format(name, stale), [run_id]
    ).rowcount


def _open(session: Session, table: IdentityTable, run_id: int) -> int:
    return session.execute(
        sql.SQL(
            "INSERT INTO {} SELECT {}, %s, NULL FROM {} w "
            "WHERE NOT EXISTS (SELECT FROM {} t WHERE to_run_id IS NULL AND ({}) = ({}))"
        ).format(
            sql.Identifier("identity", table.name),
            listed(table.names, "w"),
            _WANTED,
            sql.Identifier("identity", table.name),
            listed(table.key, "w"),
            listed(table.key, "t"),
        ),
        [run_id],
    ).rowcount
