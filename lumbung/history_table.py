"""The shape of a dataset's history: its table, its view of open versions, both after the contract."""

from dataclasses import dataclass

from psycopg import sql

from lumbung.errors import LoadRefused
from lumbung.ledger import columns_noted
from lumbung.set_rules import columns_listed
from lumbung.warehouse import Session
from schemas.contract import Column, Contract

_SYSTEM = """source_hash bigint NOT NULL,
recorded_from timestamptz NOT NULL,
recorded_to timestamptz NOT NULL,
from_load_id bigint NOT NULL,
to_load_id bigint"""


@dataclass(frozen=True)
class Shape:
    """How the table stood against the contract: new, changed, and the columns both know."""

    contract: Contract
    is_new: bool
    is_changed: bool
    common: tuple[str, ...]

    def index(self, session: Session) -> None:
        """One open version per key. Built after the first load, when that is quickest.

        A small sample tells the planner how many there are until PostgreSQL looks by itself.
        """
        session.execute(
            sql.SQL("CREATE UNIQUE INDEX ON {} ({}) WHERE recorded_to = 'infinity'").format(
                sql.Identifier("history", self.contract.table),
                columns_listed(self.contract.key),
            )
        )
        session.execute("SET LOCAL default_statistics_target = 10")
        session.execute(
            sql.SQL("ANALYZE {} ({})").format(
                sql.Identifier("history", self.contract.table),
                columns_listed((*self.contract.key, "source_hash", "recorded_to")),
            )
        )


def ensure(session: Session, contract: Contract, load_id: int) -> Shape:
    """Make `history`, `current` and `quarantine` fit the contract; nothing recorded is ever dropped.

    Raises `LoadRefused` when the key is another than before: versions could not be told apart by it.
    """
    found = _columns(session, contract)
    wanted = {c.name: c.pg_type for c in contract.columns}
    if not found:
        _create(session, contract)
        return Shape(contract, is_new=True, is_changed=False, common=contract.names)
    _refuse_other_key(session, contract, found, load_id)
    common = tuple(name for name in contract.names if found.get(name) == wanted[name])
    before = _known(session, contract)
    if before == columns_noted(contract):
        return Shape(contract, is_new=False, is_changed=False, common=common)
    _evolve(session, contract, found, load_id)
    was = {name for name, _ in (text.split(" ", 1) for text in before)}
    return Shape(contract, False, True, tuple(name for name in common if name in was))


def _columns(session: Session, contract: Contract) -> dict[str, str]:
    rows = session.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped",
        [f"history.{contract.table}"],
    ).fetchall()
    return dict(rows)


def _refuse_other_key(session: Session, contract: Contract, found: dict[str, str], load_id: int) -> None:
    row = session.execute(
        "SELECT array_agg(a.attname::text) FROM pg_index AS i JOIN pg_attribute AS a "
        "ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) "
        "WHERE i.indrelid = to_regclass(%s) AND i.indisunique",
        [f"history.{contract.table}"],
    ).fetchone()
    before = {f"{name} {found[name]}" for name in (row and row[0]) or ()}
    if before != {f"{name} {contract.column(name).pg_type}" for name in contract.key}:
        raise LoadRefused(
            contract.id,
            load_id,
            f"its history is kept by the key {', '.join(sorted(before))}, and {contract.file.name} now names "
            f"{', '.join(contract.key)} or another type; undo that, or give the dataset another name",
        )


def _known(session: Session, contract: Contract) -> list[str]:
    row = session.execute("SELECT columns FROM ops.dataset WHERE dataset = %s", [contract.id]).fetchone()
    return row[0] if row else []


def _create(session: Session, contract: Contract) -> None:
    columns = [_definition(column) for column in contract.columns]
    session.execute(
        sql.SQL("CREATE TABLE {} ({}, " + _SYSTEM + ")").format(
            sql.Identifier("history", contract.table), sql.SQL(", ").join(columns)
        )
    )
    session.execute(
        sql.SQL("CREATE TABLE {} PARTITION OF quarantine.entry FOR VALUES IN ({})").format(
            sql.Identifier("quarantine", contract.table), sql.Literal(contract.id)
        )
    )
    _describe(session, contract)


def _definition(column: Column) -> sql.Composed:
    return sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.pg_type))


def _evolve(session: Session, contract: Contract, found: dict[str, str], load_id: int) -> None:
    """Add new columns; a retyped one is set aside by another name: its values can't be cast in silence."""
    table = sql.Identifier("history", contract.table)
    session.execute(sql.SQL("DROP VIEW IF EXISTS {}").format(sql.Identifier("current", contract.table)))
    for column in contract.columns:
        if column.name in found and found[column.name] == column.pg_type:
            continue
        if column.name in found:
            aside = f"{column.name[:40]}__until_l{load_id}"
            session.execute(
                sql.SQL("ALTER TABLE {} RENAME {} TO {}").format(
                    table, sql.Identifier(column.name), sql.Identifier(aside)
                )
            )
        session.execute(sql.SQL("ALTER TABLE {} ADD COLUMN {}").format(table, _definition(column)))
    _describe(session, contract)


def _describe(session: Session, contract: Contract) -> None:
    """The view of open versions, and what the contract says as comments on both."""
    table, view = sql.Identifier("history", contract.table), sql.Identifier("current", contract.table)
    session.execute(
        sql.SQL("CREATE OR REPLACE VIEW {} AS SELECT {} FROM {} WHERE recorded_to = 'infinity'").format(
            view, sql.SQL(", ").join(map(sql.Identifier, contract.names)), table
        )
    )
    for kind, relation in ((sql.SQL("TABLE"), table), (sql.SQL("VIEW"), view)):
        text = sql.Literal(f"{contract.title}. {contract.description}".strip())
        session.execute(sql.SQL("COMMENT ON {} {} IS {}").format(kind, relation, text))
        for column in contract.columns:
            said = column.description or column.business_name
            if said:
                named = sql.SQL("{}.{}").format(relation, sql.Identifier(column.name))
                session.execute(sql.SQL("COMMENT ON COLUMN {} IS {}").format(named, sql.Literal(said)))
