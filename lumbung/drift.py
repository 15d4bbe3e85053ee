"""Drift: how a source stands against its contract, and against what it was when it last landed.

Columns are compared by name, and where the source has a catalogue (databases) by type, nullability and
key too. What becomes of a load is the contract's `onDrift`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any, Literal

from connectors.base import Connector, Extract, Request
from connectors.columns import folded
from connectors.errors import ColumnsMissing
from connectors.inspection import SourceTable
from schemas.contract import Contract
from schemas.personal import without_numbers

Kind = Literal["dropped", "added", "renamed", "retyped", "nullability", "key"]
#: What a source's catalogue said: column -> type, nullable, position in the key.
Shape = dict[str, dict[str, Any]]
#: The models' columns that are made from a column of a dataset.
Readers = Callable[[Contract, str], Sequence[str]]

#: Names at least so alike (0 to 1) are taken for one column that was renamed.
ALIKE = 0.6


@dataclass(frozen=True)
class Change:
    """One difference. `column` is the name at the source before, `name` the contract's column if it has one.

    `before` and `after` are names for a renamed column, types for a retyped one; `readers` are the models'
    columns made from it.
    """

    kind: Kind
    column: str
    name: str = ""
    before: str = ""
    after: str = ""
    readers: tuple[str, ...] = ()

    def __str__(self) -> str:
        """In words, with the readers."""
        said = {
            "dropped": "is gone",
            "added": f"is new{f' ({self.after})' if self.after else ''}",
            "renamed": f"is gone, and {self.after} looks like it",
            "retyped": f"was {self.before} and is {self.after}",
            "nullability": f"was {self.before} and is {self.after}",
            "key": f"was {self.before} and is {self.after}",
        }[self.kind]
        read = f"; read by {', '.join(self.readers)}" if self.readers else ""
        # What a file without a header line shows as names of columns are the values of its first row.
        return without_numbers(f"{self.column} {said}{read}")


@dataclass(frozen=True)
class Watch:
    """What a landing needs to see drift: what the source's catalogue says now and said before, and who
    reads a column."""

    shape: Shape | None = None
    before: Shape | None = None
    readers: Readers | None = None

    def changes(self, contract: Contract, found: Sequence[str]) -> list[Change]:
        """Every change, its readers named."""
        return changes(contract, found, self.shape, self.before, self.readers or nobody)


UNWATCHED = Watch()


def nobody(contract: Contract, column: str) -> Sequence[str]:
    """For projects without models: nobody reads anything."""
    return ()


def shape_of(table: SourceTable) -> Shape:
    """What to remember of the source's catalogue."""
    return {
        column.name: {"type": column.native_type, "nullable": column.nullable, "key": column.key_position}
        for column in table.columns
    }


def changes(
    contract: Contract,
    found: Sequence[str],
    shape: Shape | None = None,
    before: Shape | None = None,
    readers: Readers = nobody,
) -> list[Change]:
    """Every difference between the source's columns (`found`) and the contract, and between two shapes."""
    names = _by_name(contract, found, shape or {}, before or {})
    inside = _by_shape(contract, shape or {}, before or {})
    return [_with_readers(change, contract, readers) for change in (*names, *inside)]


def _with_readers(change: Change, contract: Contract, readers: Readers) -> Change:
    return replace(change, readers=tuple(readers(contract, change.name))) if change.name else change


def _by_name(contract: Contract, found: Sequence[str], shape: Shape, before: Shape) -> Iterator[Change]:
    there = {folded(name) for name in found}
    known = {head for name in contract.source_names for head in _heads(name)}
    added = [name for name in found if folded(name) not in known]
    names = _names(contract)
    for lost in (name for name in contract.source_names if not there & set(_heads(name))):
        after = _likeliest(lost, added, shape, before)
        if after is not None:
            added.remove(after)
            yield Change("renamed", lost, names[lost], lost, after)
        else:
            yield Change("dropped", lost, names[lost])
    for name in added:
        yield Change("added", name, after=str(shape.get(name, {}).get("type", "")))


def _heads(name: str) -> list[str]:
    """The name and what it may lie in: `permit`, `permit.number` of the nested `permit.number`."""
    return [folded(name[:end]) for end, sign in enumerate(f"{name}.") if sign in "./" and end]


def _names(contract: Contract) -> dict[str, str]:
    """The contract's column of each name at the source."""
    unpivot = contract.read.unpivot
    spread = dict.fromkeys(unpivot.columns, unpivot.value) if unpivot else {}
    return {**{c.source_name: c.name for c in contract.columns}, **spread}


def _likeliest(name: str, among: Sequence[str], shape: Shape, before: Shape) -> str | None:
    """The added column that `name` was probably renamed to: alike, and not of another type."""
    was = before.get(name, {}).get("type")
    same = [n for n in among if was is None or shape.get(n, {}).get("type") in (None, was)]
    rated = [(SequenceMatcher(None, _letters(name), _letters(n)).ratio(), n) for n in same]
    best = max(rated, default=(0.0, None))
    return best[1] if best[0] >= ALIKE else None


def _letters(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum())


def _by_shape(contract: Contract, shape: Shape, before: Shape) -> Iterator[Change]:
    names = _names(contract)
    for column in (c for c in before if c in shape and c in names):
        was, now = before[column], shape[column]
        if was["type"] != now["type"]:
            yield Change("retyped", column, names[column], was["type"], now["type"])
        if was["nullable"] != now["nullable"]:
            yield Change("nullability", column, names[column], _may(was), _may(now))
        if was["key"] != now["key"]:
            yield Change("key", column, names[column], _key(was), _key(now))


def _may(said: dict[str, Any]) -> str:
    return "nullable" if said["nullable"] else "never null"


def _key(said: dict[str, Any]) -> str:
    return f"part {said['key']} of the key" if said["key"] else "no part of the key"


@contextmanager
def opened(connector: Connector, request: Request, watch: Watch) -> Iterator[tuple[Extract, tuple[str, ...]]]:
    """The extract, and the names of the contract's columns that the source no longer has.

    Only under `onDrift: quarantine` are there such; the extract then lacks them. The key and the watermark
    can't be missing. Raises what the connector raises; `ColumnsMissing` says what became of the columns.
    """
    contract = request.contract
    with ExitStack() as stack:
        try:
            yield stack.enter_context(connector.open(request)), ()
            return
        except ColumnsMissing as missing:
            lost = [c.name for c in contract.columns if c.source_name in missing.columns]
            needed = {*contract.key, *contract.sync.watermark}
            if contract.sync.on_drift != "quarantine" or needed & set(lost):
                said = "; ".join(map(str, watch.changes(contract, missing.found)))
                raise ColumnsMissing(f"{missing} ({said})", missing.columns, missing.found) from None
        rest = tuple(c for c in contract.columns if c.name not in lost)
        smaller = replace(request, contract=replace(contract, columns=rest))
        yield stack.enter_context(connector.open(smaller)), tuple(lost)
