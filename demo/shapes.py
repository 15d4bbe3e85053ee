"""What the contracts say that the city has to know: keys, modes and columns at the source."""

from dataclasses import dataclass
from functools import cache

from demo.model import PROJECT, Row, Value
from schemas.catalogue import load_catalogue
from schemas.contract import Contract, Mode


@dataclass(frozen=True)
class Link:
    """A foreign key in source columns: `column` names a row of `parent` by its `target`."""

    column: str
    parent: str
    target: str
    kind: str


@dataclass(frozen=True)
class Shape:
    """A dataset as its source knows it. `touched` is the column that tells when a row was edited."""

    key: tuple[str, ...]
    columns: tuple[str, ...]
    mode: Mode
    touched: str | None
    references: tuple[Link, ...] = ()

    def key_text(self, row: Row) -> str:
        """The row's key as the hub writes it: the source's texts in key order, joined by `|`."""
        return "|".join(text(row[column]) for column in self.key)


def text(value: Value) -> str:
    """A value as the source's text shows it."""
    return "" if value is None else str(value)


@cache
def shapes() -> dict[str, Shape]:
    """Shape of each dataset, by id, parents before children."""
    contracts = load_catalogue(PROJECT).sources
    return {name: _shape(contract, contracts) for name, contract in contracts.items()}


def _shape(contract: Contract, contracts: dict[str, Contract]) -> Shape:
    names = {column.name: column.source_name for column in contract.columns}
    watermark = contract.sync.clock
    return Shape(
        key=tuple(names[name] for name in contract.key),
        columns=tuple(names.values()),
        mode=contract.sync.mode,
        touched=names[watermark] if watermark and contract.sync.mode == "incremental" else None,
        references=tuple(
            Link(
                names[r.columns[0]],
                r.dataset,
                contracts[r.dataset].column(r.target[0]).source_name,
                f"{r.columns[0]}:reference",
            )
            for r in contract.references
        ),
    )
