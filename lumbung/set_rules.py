"""Rules that take more than one row to judge: duplicate keys, unique columns, foreign keys, immutability."""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import sql

from lumbung.ledger import Load
from lumbung.warehouse import Session
from schemas.contract import Contract, Reference


def let_one_win(session: Session, contract: Contract, load: Load) -> int:
    """Take the copies of a key that the contract says lose out of staging; returns how many."""
    if contract.sync.duplicates == "refuse":
        return 0
    with _without_statistics(session):
        return _supersede(session, contract, load.relation(contract, "staging"))


def judge_sets(session: Session, contract: Contract, load: Load) -> None:
    """Add reasons to staging rows that break a rule over rows."""
    with _without_statistics(session):
        _judge(session, contract, load)


@contextmanager
def _without_statistics(session: Session) -> Iterator[None]:
    # Staging has no statistics yet; the planner would guess a few rows and loop over millions.
    session.execute("SET LOCAL enable_nestloop = off")
    # Nor does it know that keys differ: workers would each group a part, and the leader all of it again.
    session.execute("SET LOCAL max_parallel_workers_per_gather = 0")
    yield
    session.execute("RESET enable_nestloop; RESET max_parallel_workers_per_gather")


def _judge(session: Session, contract: Contract, load: Load) -> None:
    staging = load.relation(contract, "staging")
    if contract.sync.duplicates == "refuse":
        _refuse_repeated(session, staging, contract.key, ":duplicate_key")
    for column in contract.columns:
        if column.unique and contract.key != (column.name,):
            _refuse_repeated(session, staging, (column.name,), f"{column.name}:unique")
    # References to the dataset itself come last: whom the others refuse is no parent.
    for reference in sorted(contract.references, key=lambda r: r.dataset == contract.id):
        if reference.dataset.split(".")[0] == contract.source:
            _refuse_orphans(session, contract, load, reference)
    if contract.sync.mode == "append" and relation_exists(session, f"history.{contract.table}"):
        _refuse_changed(session, contract, staging)


def columns_listed(columns: tuple[str, ...], alias: str | None = None) -> sql.Composed:
    """`a, b`, or `s.a, s.b` with the alias `s`."""
    return sql.SQL(", ").join(sql.Identifier(alias, c) if alias else sql.Identifier(c) for c in columns)


def _present(columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(" AND ").join(sql.SQL("{} IS NOT NULL").format(sql.Identifier(c)) for c in columns)


def columns_equal(left: tuple[str, ...], right: tuple[str, ...]) -> sql.Composed:
    """`s.a = t.x AND s.b = t.y`: the columns of `s` and of `t`, in pairs."""
    return sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(sql.Identifier("s", a), sql.Identifier("t", b))
        for a, b in zip(left, right, strict=True)
    )


def relation_exists(session: Session, relation: str) -> bool:
    """Whether `schema.table` is there."""
    row = session.execute("SELECT to_regclass(%s) IS NOT NULL", [relation]).fetchone()
    return bool(row and row[0])


def _repeated(staging: sql.Identifier, columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL("SELECT {0} FROM {1} WHERE {2} GROUP BY {0} HAVING count(*) > 1").format(
        columns_listed(columns), staging, _present(columns)
    )


def _supersede(session: Session, contract: Contract, staging: sql.Identifier) -> int:
    winner = sql.SQL("min" if contract.sync.duplicates == "first" else "max")
    deleted = session.execute(
        sql.SQL(
            "WITH t AS (SELECT {key}, {winner}(row_number) AS winner FROM {staging} WHERE {present} "
            "GROUP BY {key} HAVING count(*) > 1) "
            "DELETE FROM {staging} AS s USING t WHERE {equal} AND s.row_number <> t.winner"
        ).format(
            key=columns_listed(contract.key), winner=winner, staging=staging,
            present=_present(contract.key), equal=columns_equal(contract.key, contract.key),
        )
    )  # fmt: skip
    return deleted.rowcount


def _refuse_repeated(session: Session, staging: sql.Identifier, columns: tuple[str, ...], code: str) -> None:
    # Every copy is refused: nobody can say from here which one is right.
    session.execute(
        sql.SQL("CREATE TEMPORARY TABLE repeated ON COMMIT DROP AS {}").format(_repeated(staging, columns))
    )
    session.execute(
        sql.SQL("UPDATE {} AS s SET reasons = s.reasons || {}::text FROM repeated AS t WHERE {}").format(
            staging, sql.Literal(code), columns_equal(columns, columns)
        )
    )
    session.execute("DROP TABLE repeated")


def _refuse_orphans(session: Session, contract: Contract, load: Load, reference: Reference) -> None:
    """Rows that name a parent which isn't there. A dataset may refer to itself, within the load too."""
    staging = load.relation(contract, "staging")
    missing = [
        sql.SQL("NOT EXISTS (SELECT FROM {} AS t WHERE {} AND {})").format(
            relation, only, columns_equal(reference.columns, reference.target)
        )
        for relation, only in _parents(session, contract, load, reference)
    ]
    refuse = sql.SQL(
        "UPDATE {0} AS u SET reasons = u.reasons || {1}::text "
        "WHERE u.ctid IN (SELECT s.ctid FROM {0} AS s WHERE {1} <> ALL (s.reasons) AND {2})"
    ).format(
        staging,
        sql.Literal(f"{reference.columns[0]}:reference"),
        sql.SQL(" AND ").join([_present(reference.columns), *missing]),
    )
    # In a dataset that refers to itself, a refused parent makes orphans of its children in turn.
    while session.execute(refuse).rowcount and reference.dataset == contract.id:
        pass


def _parents(
    session: Session, contract: Contract, load: Load, reference: Reference
) -> list[tuple[sql.Identifier, sql.Composable]]:
    """Where a parent may stand (alias `t`), and which rows there count."""
    table = reference.dataset.replace(".", "__")
    found: list[tuple[sql.Identifier, sql.Composable]] = []
    is_own = reference.dataset == contract.id
    if relation_exists(session, f"history.{table}"):
        here: sql.Composable = sql.SQL("t.recorded_to = 'infinity'")
        if is_own and contract.sync.deleted:
            # A version that this very load ends is no parent any more.
            here = sql.SQL("{} AND ({}) NOT IN (SELECT {} FROM {})").format(
                here, columns_listed(contract.key, "t"), columns_listed(contract.key), load.deleted
            )
        found.append((sql.Identifier("history", table), here))
    if is_own:
        found.append((load.relation(contract, "staging"), sql.SQL("t.reasons = '{}'")))
    return found


def _refuse_changed(session: Session, contract: Contract, staging: sql.Identifier) -> None:
    """In append mode a row never changes: another content under a known key is an error at the source."""
    session.execute(
        sql.SQL(
            "UPDATE {} AS s SET reasons = s.reasons || ':immutable'::text FROM {} AS t "
            "WHERE t.recorded_to = 'infinity' AND {} AND s.reasons = '{{}}' AND ({}) IS DISTINCT FROM ({})"
        ).format(
            staging, sql.Identifier("history", contract.table), columns_equal(contract.key, contract.key),
            columns_row(contract.names, "s"), columns_row(contract.names, "t"),
        )
    )  # fmt: skip


def columns_row(columns: tuple[str, ...], alias: str) -> sql.Composed:
    """`ROW(s.a, s.b)`."""
    return sql.SQL("ROW({})").format(columns_listed(columns, alias))
