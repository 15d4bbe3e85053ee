"""Rows of a dataset's history as one load left them."""

from psycopg import sql

from schemas.contract import Contract


def as_of_load(contract: Contract, load_id: int) -> sql.Composed:
    """A SELECT of the dataset's columns: the rows that were current when this load had been applied."""
    return sql.SQL(
        "SELECT {columns} FROM {history} "
        "WHERE from_load_id <= {load} AND (to_load_id IS NULL OR to_load_id > {load})"
    ).format(
        columns=_columns(contract),
        history=sql.Identifier("history", contract.table),
        load=sql.Literal(load_id),
    )


def versions_until(contract: Contract, load_id: int) -> sql.Composed:
    """A SELECT of every version of every row up to this load, with `recorded_from` and `recorded_to`.

    A version that a later load closed is open here: its `recorded_to` is infinity.
    """
    return sql.SQL(
        "SELECT {columns}, recorded_from, "
        "CASE WHEN to_load_id <= {load} THEN recorded_to ELSE 'infinity' END AS recorded_to "
        "FROM {history} WHERE from_load_id <= {load}"
    ).format(
        columns=_columns(contract),
        history=sql.Identifier("history", contract.table),
        load=sql.Literal(load_id),
    )


def _columns(contract: Contract) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in contract.names)
