"""A contract tried on its source: read, typed and judged as a sync would, and nothing of it kept."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from psycopg import sql

from connectors.base import Connector, Extract, Request
from connectors.files import STRIDE
from lumbung import landing, ledger, validation
from lumbung.ledger import Load
from lumbung.set_rules import relation_exists
from lumbung.warehouse import Session, Warehouse
from schemas.contract import Contract, Reference

#: Rows that are named for each reason.
NAMED = 5
#: Rows made from one by unpivoting are this far apart.
_UNPIVOTED = 10**14


@dataclass(frozen=True)
class Refused:
    """One reason: its code, how many rows earn it, and where the first of them are.

    A place is a row's number at the source, behind its file's name when there are several.
    """

    code: str
    rows: int
    places: tuple[str, ...]


@dataclass(frozen=True)
class Trial:
    """What a sync would make of the rows: read = staged + quarantined + filtered + superseded.

    `is_whole` when the source has no more rows; `unknown` are columns that the contract doesn't have,
    `unjudged` the datasets that it refers to and that hold no rows yet to be referred to.
    """

    dataset: str
    read: int
    staged: int
    quarantined: int
    filtered: int
    superseded: int
    is_whole: bool
    unknown: tuple[str, ...]
    reasons: tuple[Refused, ...]
    unjudged: tuple[str, ...] = ()


def tried(warehouse: Warehouse, contract: Contract, connector: Connector, most: int | None = None) -> Trial:
    """Try the contract on the first `most` rows of its source, or on all.

    Everything happens in one transaction that is rolled back. Foreign keys to datasets that were never synced
    are not judged, nor those to the dataset's own rows when it may have more. Raises `SourceError` from the
    connector.
    """
    session = warehouse.open()
    try:
        contract, unjudged = _judgeable(session, contract, is_part=most is not None)
        ledger.register(session, contract)
        load = ledger.begin(session, contract, since=None)
        # Judged from scratch: a sync would skip what it knows from before.
        ledger.note(session, load.load_id, base_load_id=None)
        with connector.open(Request(contract)) as extract:
            is_whole = _land(session, contract, load, extract, most)
            load = validation.validate(session, contract, ledger.get(session, load.load_id))
            trial = _trial(session, contract, load, extract, is_whole)
        return replace(trial, unjudged=unjudged)
    finally:
        session.rollback()
        session.close()


def _judgeable(session: Session, contract: Contract, *, is_part: bool) -> tuple[Contract, tuple[str, ...]]:
    """The contract with the foreign keys that can be judged, and the datasets of the others."""
    kept: list[Reference] = []
    left: list[Reference] = []
    for reference in contract.references:
        there = relation_exists(session, f"history.{reference.dataset.replace('.', '__')}")
        itself = reference.dataset == contract.id
        (kept if (there or itself) and not (itself and is_part) else left).append(reference)
    return replace(contract, references=tuple(kept)), tuple(dict.fromkeys(r.dataset for r in left))


def _land(session: Session, contract: Contract, load: Load, extract: Extract, most: int | None) -> bool:
    """Copy the rows into the load's landing table; True when that was all of them."""
    relation = load.relation(contract, "landing")
    landing.create(session, relation, extract.columns)
    fields = (("row_number", "row_fault") if extract.numbered else ()) + extract.columns
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        relation, sql.SQL(", ").join(map(sql.Identifier, fields))
    )
    blocks = _Limited(extract.blocks, most)
    with session.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for block in blocks:
                copy.write(block)
        count = cursor.rowcount
    ledger.note(session, load.load_id, state="landed", read_count=count, landed_at=ledger.NOW)
    return blocks.is_whole


class _Limited(Iterator[bytes]):
    """Blocks of whole rows, as far as `most` rows go."""

    def __init__(self, blocks: Iterator[bytes], most: int | None) -> None:
        self._blocks = blocks
        self._left = most
        self.is_whole = True

    def __next__(self) -> bytes:
        block = next(self._blocks)
        if self._left is None:
            return block
        # Line breaks within values are escaped: each line is a row.
        rows = block.removesuffix(b"\n").split(b"\n")
        kept = rows[: self._left]
        self.is_whole = len(kept) == len(rows)
        self._left -= len(kept)
        if not kept:
            raise StopIteration
        return b"\n".join(kept) + b"\n"


def _trial(session: Session, contract: Contract, load: Load, extract: Extract, is_whole: bool) -> Trial:
    known = {name.casefold() for name in contract.source_names}
    # Of what is nested, a column is a part.
    known |= {re.split(r"[./]", name)[0] for name in known}
    unknown = tuple(name for name in extract.source_columns if name and name.casefold() not in known)
    files = [file.name for file in extract.files]
    found = session.execute(
        sql.SQL(
            "SELECT code, count(*), (array_agg(row_number ORDER BY row_number))[:{}] "
            "FROM {}, unnest(reasons) AS code GROUP BY code ORDER BY 2 DESC, 1"
        ).format(sql.Literal(NAMED), load.relation(contract, "staging"))
    ).fetchall()
    reasons = tuple(
        Refused(code, rows, tuple(_place(n, files) for n in first)) for code, rows, first in found
    )
    return Trial(
        contract.id, load.read_count or 0, load.staged_count or 0, load.quarantined_count or 0,
        load.filtered_count or 0, load.superseded_count or 0, is_whole, unknown, reasons,
    )  # fmt: skip


def _place(number: int, files: list[str]) -> str:
    """The row's number at the source, behind its file's name when there are several.

    Rows of further files are numbered from `STRIDE` on; unpivoted ones higher still, a label each.
    """
    file, row = divmod(number % _UNPIVOTED, STRIDE)
    return f"{files[file]}: {row}" if len(files) > 1 and file < len(files) else str(row)
