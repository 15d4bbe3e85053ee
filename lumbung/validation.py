"""Validate: a load's landed rows become typed staging rows, each with its reasons and its hash.

One CREATE TABLE AS per load, in three layers: text with null tokens taken out, typed values, reasons.
Rules over several rows (duplicate keys, unique columns, foreign keys) follow as set operations that
touch only the rows they refuse.
"""

import time

from psycopg import sql

from lumbung import ledger
from lumbung.casts import typed
from lumbung.ledger import Load
from lumbung.rules import names, violations
from lumbung.set_rules import judge_sets
from lumbung.warehouse import Session, prefer_parallel
from schemas.contract import Contract, Filter

#: File sources have blank lines; they are not data.
_FILES = ("csv", "xlsx")


def validate(session: Session, contract: Contract, load: Load) -> Load:
    """Build the load's staging table and note its counts; the caller commits.

    Staging has the contract's typed columns, `row_number`, `reasons` (empty for a good row) and
    `row_hash`. Raises `LandingLost` when the landing table no longer holds what was counted.
    """
    began = time.monotonic()
    prefer_parallel(session)
    landing, staging = load.relation(contract, "landing"), load.relation(contract, "staging")
    read = ledger.count_or_lost(session, load, landing, load.read_count)
    session.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(staging))
    created = session.execute(staging_sql(contract, landing, staging))
    kept = created.rowcount
    superseded = judge_sets(session, contract, load)
    refused, watermark = _tally(session, contract, staging)
    ledger.note(
        session, load.load_id, state="validated", validated_at=ledger.NOW, watermark=watermark,
        staged_count=kept - superseded - refused, quarantined_count=refused,
        filtered_count=read - kept, superseded_count=superseded,
        validate_seconds=time.monotonic() - began,
    )  # fmt: skip
    return ledger.get(session, load.load_id)


def staging_sql(contract: Contract, landing: sql.Identifier, staging: sql.Identifier) -> sql.Composed:
    """The statement that makes the staging table from the landing table."""
    columns = sql.SQL(", ").join(map(sql.Identifier, contract.names))
    return sql.SQL(
        "CREATE UNLOGGED TABLE {staging} WITH (autovacuum_enabled = off) AS "
        "SELECT {columns}, row_number, reasons, "
        "CASE WHEN reasons = '{{}}' THEN {row_hash} END AS row_hash "
        "FROM (SELECT {columns}, row_number, {reasons} AS reasons FROM {typed} AS typed OFFSET '0') AS judged"
    ).format(
        staging=staging,
        columns=columns,
        row_hash=row_hash(contract.names),
        reasons=_reasons(contract),
        typed=_typed(contract, landing),
    )


def row_hash(columns: tuple[str, ...], alias: str | None = None) -> sql.Composable:
    """A digest (bigint) of these columns' typed values, NULL told from empty.

    PostgreSQL keeps these hash functions stable, since hash partitions on disk depend on them. Only
    versions of one key are ever compared, so a change is missed once in 2**64.
    """
    listed = sql.SQL(", ").join(sql.Identifier(alias, c) if alias else sql.Identifier(c) for c in columns)
    return sql.SQL("hash_record_extended(ROW({}), 0)").format(listed)


def _typed(contract: Contract, landing: sql.Identifier) -> sql.Composed:
    """Texts, then guesses beside them, then values in place of the guesses.

    OFFSET keeps the planner from merging the layers and so computing everything many times over. It
    must be the literal '0': a bare 0 is an int4 behind a cast, which the planner takes for a real
    offset and then runs all that stands above it in one process (measured 14 s instead of 4 s).
    """
    texts: list[sql.Composable] = []
    guesses: list[sql.Composable] = []
    values: list[sql.Composable] = []
    for position, column in enumerate(contract.columns):
        named = names(column, position)
        how = typed(column, contract.read, named.text, named.value)
        texts.append(sql.SQL("{} AS {}").format(how.text, named.text))
        guesses.append(named.text)
        values.append(named.text)
        if how.reading and how.reading.guess:
            guesses.append(sql.SQL("{} AS {}").format(how.reading.guess, named.value))
        if how.reading:
            values.append(sql.SQL("{} AS {}").format(how.reading.value, named.value))
    return sql.SQL(
        "(SELECT {values}, row_number, row_fault FROM (SELECT {guesses}, row_number, row_fault FROM "
        "(SELECT {texts}, row_number, row_fault FROM {landing} {where} {barrier}) AS texts OFFSET '0') "
        "AS guesses OFFSET '0')"
    ).format(
        values=sql.SQL(", ").join(values), guesses=sql.SQL(", ").join(guesses), texts=sql.SQL(", ").join(texts),
        landing=landing, where=_where(contract),
        # Without null tokens the texts are the landed columns themselves, which cost nothing twice.
        barrier=sql.SQL("OFFSET '0'" if contract.read.null_tokens else ""),
    )  # fmt: skip


def _reasons(contract: Contract) -> sql.Composed:
    """An array of codes; built only for rows that break some rule, as most rows break none."""
    found = list(violations(contract))
    broken = sql.SQL(" OR ").join(sql.SQL("({})").format(v.when) for v in found)
    codes = sql.SQL(", ").join(
        sql.SQL("CASE WHEN {} THEN {} END").format(v.when, sql.Literal(v.code)) for v in found
    )
    return sql.SQL("CASE WHEN {} THEN array_remove(ARRAY[{}], NULL) ELSE '{{}}'::text[] END").format(
        broken, codes
    )


def _where(contract: Contract) -> sql.Composable:
    """Leaves out the rows that are declared not to be data."""
    filters = [_matches(item) for item in contract.read.filters]
    if contract.server is not None and contract.server.kind in _FILES:
        listed = sql.SQL(", ").join(map(sql.Identifier, contract.names))
        filters.append(sql.SQL("row_fault IS NULL AND btrim(concat({})) = ''").format(listed))
    if not filters:
        return sql.SQL("")
    matched = sql.SQL(" OR ").join(sql.SQL("({})").format(item) for item in filters)
    return sql.SQL("WHERE ({}) IS NOT TRUE").format(matched)


def _matches(item: Filter) -> sql.Composable:
    column = sql.Identifier(item.column)
    if item.blank:
        return sql.SQL("row_fault IS NULL AND btrim(coalesce({}, '')) = ''").format(column)
    return sql.SQL("{} ~ {}").format(column, sql.Literal(item.pattern))


def _tally(session: Session, contract: Contract, staging: sql.Identifier) -> tuple[int, str | None]:
    """Rows refused, and the highest watermark among the rows whose clock is right."""
    column = contract.sync.watermark
    highest: sql.Composable = sql.SQL("NULL")
    if column:
        highest = sql.SQL("(max({}) FILTER (WHERE {} <> ALL (reasons)))::text").format(
            sql.Identifier(column), sql.Literal(f"{column}:future")
        )
    row = session.execute(
        sql.SQL("SELECT count(*) FILTER (WHERE reasons <> '{{}}'), {} FROM {}").format(highest, staging)
    ).fetchone()
    assert row is not None
    return row[0], row[1]
