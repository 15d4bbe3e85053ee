"""What a correct hub holds after each day: the manifest that tests compare it with.

Written from the contracts' promises, not from the hub's code: a refused row is listed with its reason,
its good predecessor stays, what is absent from a snapshot goes, and a row whose parent was never
accepted is refused with it.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from demo.layout import BROKEN, TOTAL, numbered
from demo.model import Row
from demo.shapes import Shape

_NO_VALUE = (None, "", "-")


@dataclass(frozen=True, order=True)
class Refusal:
    """One refused row (or key): the quarantine must hold exactly these."""

    dataset: str
    key: str
    kind: str


@dataclass
class Counts:
    """What the day's load does to a dataset; `after` is the number of current rows."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    after: int = 0
    filtered: int = 0


@dataclass
class Expected:
    """The hub's content as it should be, carried from day to day."""

    shapes: dict[str, Shape]
    current: dict[str, dict[str, Row]] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    counts: dict[str, Counts] = field(default_factory=dict)

    def load(self, shown: dict[str, list[tuple[Row, str | None]]]) -> None:
        """Take in what every source shows today: rows, each with the fault planted on it."""
        self.refusals, self.counts = [], {}
        for dataset, shape in self.shapes.items():
            if dataset in shown:
                self._load(dataset, shape, shown[dataset])

    def _load(self, dataset: str, shape: Shape, rows: list[tuple[Row, str | None]]) -> None:
        good, refused = self._sort(dataset, shape, rows)
        before = self.current.get(dataset, {})
        counts = Counts(filtered=sum(TOTAL in row for row, _ in rows))
        counts.added = sum(key not in before for key in good)
        counts.changed = sum(key in before and before[key] != row for key, row in good.items())
        after = before | good
        if shape.mode == "snapshot":
            gone = before.keys() - good.keys() - refused
            counts.removed = len(gone)
            after = {key: row for key, row in after.items() if key not in gone}
        counts.after = len(after)
        self.current[dataset], self.counts[dataset] = after, counts

    def _sort(
        self, dataset: str, shape: Shape, rows: list[tuple[Row, str | None]]
    ) -> tuple[dict[str, Row], set[str]]:
        good: dict[str, Row] = {}
        found: set[Refusal] = set()
        for number, row, kind in numbered(dataset, rows):
            if TOTAL in row:
                continue
            key = _key(shape, row, number)
            kinds = [kind] if kind else []
            kinds += self._orphaned(shape, row) if BROKEN not in row else []
            found |= {Refusal(dataset, key, each) for each in kinds}
            if not kinds:
                good[key] = {column: row[column] for column in shape.columns}
        self.refusals += sorted(found)
        return good, {refusal.key for refusal in found}

    def _orphaned(self, shape: Shape, row: Row) -> Iterable[str]:
        for link in shape.references:
            value = row[link.column]
            if value not in _NO_VALUE and str(value) not in self._parents(link.parent, link.target):
                yield link.kind

    def _parents(self, dataset: str, target: str) -> dict[str, Row]:
        # Every reference of the city names the parent's whole key.
        assert self.shapes[dataset].key == (target,)
        return self.current[dataset]

    def manifest(self) -> dict[str, object]:
        """The day as JSON: refusals and counts."""
        return {
            "faults": [asdict(refusal) for refusal in self.refusals],
            "counts": {dataset: asdict(counts) for dataset, counts in self.counts.items()},
        }


def _key(shape: Shape, row: Row, number: int) -> str:
    """The key's text, or the row's number at the source when part of the key is missing."""
    if BROKEN in row or any(row[column] in _NO_VALUE for column in shape.key):
        return f"row:{number}"
    return shape.key_text(row)
