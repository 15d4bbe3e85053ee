"""Validate: a load's landed rows become typed staging rows, each with its reasons.

One CREATE TABLE AS per load, in three layers: text with null tokens taken out, typed values, reasons.
Rules over several rows (duplicate keys, unique columns, foreign keys) follow as set operations that
touch only the rows they refuse.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from psycopg import sql

from lumbung import deletions, ledger, watermarks
from lumbung.casts import typed
from lumbung.ledger import Load
from lumbung.quarantine import drop_overtaken
from lumbung.rules import Violation, names, violations
from lumbung.set_rules import judge_sets, let_one_win
from lumbung.unchanged import compare, give_up, is_sound, source_hash
from lumbung.warehouse import Session, prefer_parallel
from schemas.contract import Contract, Filter

#: File sources have blank lines; they are not data.
_FILES = ("csv", "tsv", "xlsx", "xls", "ods")


def validate(session: Session, contract: Contract, load: Load) -> Load:
    """Build the load's staging table and note its counts; the caller commits.

    Staging has the contract's typed columns, `row_number`, `reasons` (empty for a good row) and
    `source_hash`; of a snapshot that repeats most of the last one, only the novel rows. Rows that the source
    marks as deleted are in a table of their own. Raises `LandingLost` when the landing table no longer holds
    what was counted.
    """
    began = time.monotonic()
    prefer_parallel(session)
    read = ledger.count_or_lost(session, load, load.relation(contract, "landing"), load.read_count)
    unchanged = compare(session, contract, load)
    staged = _stage(session, contract, load, only_novel=unchanged is not None)
    if unchanged is not None and not is_sound(session, contract, load):
        give_up(session, load)
        unchanged = None
        staged = _stage(session, contract, load, only_novel=False)
    refused, watermark = _tally(session, contract, load)
    deleted = staged.deleted or 0
    ledger.note(
        session, load.load_id, state="validated", validated_at=ledger.NOW, watermark=watermark,
        staged_count=staged.kept + (unchanged or 0) - staged.superseded - deleted - refused,
        filtered_count=read - (unchanged or 0) - staged.kept + deleted, quarantined_count=refused,
        superseded_count=staged.superseded, deleted_count=staged.deleted, unchanged_count=unchanged,
        validate_seconds=time.monotonic() - began,
    )  # fmt: skip
    return ledger.get(session, load.load_id)


@dataclass(frozen=True)
class _Staged:
    """Rows that staging was made with, and those that left it: superseded, or deleted (None: not asked)."""

    kept: int
    superseded: int
    deleted: int | None


def _stage(session: Session, contract: Contract, load: Load, *, only_novel: bool) -> _Staged:
    """Make the staging table and judge its rows together."""
    session.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(load.relation(contract, "staging")))
    created = session.execute(staging_sql(contract, load, only_novel=only_novel))
    overtaken = drop_overtaken(session, contract, load) if load.kind == "replay" else 0
    superseded = overtaken + let_one_win(session, contract, load)
    deleted = deletions.set_aside(session, contract, load) if contract.sync.deleted else None
    judge_sets(session, contract, load)
    return _Staged(created.rowcount, superseded, deleted)


def staging_sql(contract: Contract, load: Load, *, only_novel: bool = False) -> sql.Composed:
    """The statement that makes the load's staging table from its landing table.

    `only_novel` leaves out the rows that are not in the temporary table `novel`.
    """
    columns = sql.SQL(", ").join(map(sql.Identifier, contract.names))
    return sql.SQL(
        "CREATE UNLOGGED TABLE {staging} WITH (autovacuum_enabled = off) AS "
        "SELECT {columns}, row_number, source_hash, {reasons} AS reasons {deleted} FROM {typed} AS typed"
    ).format(
        staging=load.relation(contract, "staging"),
        columns=columns,
        reasons=_reasons(contract, load.drift.get("dropped", ())),
        deleted=sql.SQL(", {} AS {}").format(deletions.marked(contract), deletions.MARK)
        if contract.sync.deleted
        else sql.SQL(""),
        typed=_typed(contract, load, only_novel),
    )


def _typed(contract: Contract, load: Load, only_novel: bool) -> sql.Composed:
    """Texts, then guesses beside them, then values in place of the guesses.

    OFFSET keeps the planner from merging the layers and so computing everything many times over. It
    must be the literal '0': a bare 0 is an int4 behind a cast, which the planner takes for a real
    offset and then runs all that stands above it in one process (measured 14 s instead of 4 s).
    """
    texts, guesses, values = _layers(contract)
    passed = sql.SQL("row_number, row_fault, source_hash")
    return sql.SQL(
        "(SELECT {values}, {passed} FROM (SELECT {guesses}, {passed} FROM (SELECT {texts}, l.row_number, "
        "l.row_fault, {hash} AS source_hash FROM {landing} AS l {where} {barrier}) AS texts OFFSET '0') "
        "AS guesses OFFSET '0')"
    ).format(
        values=sql.SQL(", ").join(values),
        passed=passed,
        guesses=sql.SQL(", ").join(guesses),
        texts=sql.SQL(", ").join(texts),
        hash=source_hash(contract),
        landing=load.relation(contract, "landing"),
        where=_where(contract, only_novel),
        # Else the texts are the landed columns themselves, which cost nothing twice.
        barrier=sql.SQL("OFFSET '0'" if contract.read.null_tokens or contract.read.extract else ""),
    )


def _layers(contract: Contract) -> tuple[list[sql.Composable], list[sql.Composable], list[sql.Composable]]:
    """What each of the three layers selects."""
    texts: list[sql.Composable] = []
    guesses: list[sql.Composable] = []
    values: list[sql.Composable] = []
    for position, column in enumerate(contract.columns):
        named = names(column, position)
        how = typed(column, contract, named.text, named.value)
        texts.append(sql.SQL("{} AS {}").format(how.text, named.text))
        guesses.append(named.text)
        values.append(named.text)
        if how.unmatched is not None:
            texts.append(sql.SQL("{} AS {}").format(how.unmatched, named.unmatched))
            guesses.append(named.unmatched)
            values.append(named.unmatched)
        if how.reading and how.reading.guess:
            guesses.append(sql.SQL("{} AS {}").format(how.reading.guess, named.value))
        if how.reading:
            values.append(sql.SQL("{} AS {}").format(how.reading.value, named.value))
    return texts, guesses, values


def _reasons(contract: Contract, dropped: Collection[str]) -> sql.Composed:
    """An array of codes. Of a row that the source deleted, only what it is known by has to be right.

    Of columns that the source dropped there is nothing else to say.
    """
    found = [v for v in violations(contract) if v.code.partition(":")[0] not in dropped]
    found += [Violation(f"{name}:dropped", sql.SQL("true")) for name in dropped]
    if contract.sync.deleted is None:
        return _codes(found)
    return sql.SQL("CASE WHEN {} THEN {} ELSE {} END").format(
        deletions.marked(contract), _codes(deletions.still_judged(contract, found)), _codes(found)
    )


def _codes(found: Sequence[Violation]) -> sql.Composed:
    """Built only for rows that break some rule, as most rows break none."""
    broken = sql.SQL(" OR ").join(sql.SQL("({})").format(v.when) for v in found)
    codes = sql.SQL(", ").join(
        sql.SQL("CASE WHEN {} THEN {} END").format(v.when, sql.Literal(v.code)) for v in found
    )
    return sql.SQL("CASE WHEN {} THEN array_remove(ARRAY[{}], NULL) ELSE '{{}}'::text[] END").format(
        broken, codes
    )


def _where(contract: Contract, only_novel: bool) -> sql.Composable:
    """Leaves out the rows that are declared not to be data, and those that are known already."""
    filters = [_matches(item) for item in contract.read.filters]
    if contract.server is not None and contract.server.kind in _FILES:
        filters.append(sql.SQL("row_fault IS NULL AND {}").format(_blank(contract.names)))
    wanted: list[sql.Composable] = [sql.SQL("({}) IS NOT TRUE").format(item) for item in filters]
    if only_novel:
        wanted.append(sql.SQL("l.row_number IN (SELECT n.row_number FROM novel AS n)"))
    return sql.SQL("WHERE {}").format(sql.SQL(" AND ").join(wanted)) if wanted else sql.SQL("")


def _blank(names: Sequence[str]) -> sql.Composable:
    """No column has anything but blanks; a function of PostgreSQL takes 100 arguments."""
    parts = (names[start : start + 100] for start in range(0, len(names), 100))
    return sql.SQL(" AND ").join(
        sql.SQL("btrim(concat({})) = ''").format(sql.SQL(", ").join(map(sql.Identifier, part)))
        for part in parts
    )


def _matches(item: Filter) -> sql.Composable:
    column = sql.Identifier(item.column)
    if item.blank:
        return sql.SQL("row_fault IS NULL AND btrim(coalesce({}, '')) = ''").format(column)
    return sql.SQL("{} ~ {}").format(column, sql.Literal(item.pattern))


def _tally(session: Session, contract: Contract, load: Load) -> tuple[int, str | None]:
    """Rows refused, and the highest watermark among the rows whose clock is right, deleted ones too."""
    staging, column = load.relation(contract, "staging"), contract.sync.clock
    highest: sql.Composable = sql.SQL("NULL")
    if len(contract.sync.watermark) == 1 and column:
        highest = sql.SQL("(max({}) FILTER (WHERE {} <> ALL (reasons)))::text").format(
            sql.Identifier(column), sql.Literal(f"{column}:future")
        )
    row = session.execute(
        sql.SQL("SELECT count(*) FILTER (WHERE reasons <> '{{}}'), {} FROM {}").format(highest, staging)
    ).fetchone()
    assert row is not None
    watermark = row[1]
    if len(contract.sync.watermark) > 1:
        watermark = watermarks.greatest(session, contract, staging)
    if contract.sync.deleted:
        marked = watermarks.greatest(session, contract, load.deleted)
        watermark = watermarks.later(session, contract, watermark, marked)
    return row[0], watermark
