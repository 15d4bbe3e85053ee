"""Where a published column comes from: through the models down to the columns of the sources."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from lumbung.errors import ModelError
from lumbung.lineage import columns_read
from lumbung.models import SOURCE_SCHEMAS, Models
from schemas.contract import Contract


@dataclass(frozen=True)
class Origin:
    """A column of a relation and the columns it is computed from; none for a source's own.

    `note` says where it lies at the source, or who settled it.
    """

    relation: str
    column: str
    note: str = ""
    made_from: tuple["Origin", ...] = ()

    def plain(self) -> dict[str, Any]:
        """The same as nested dictionaries, for JSON."""
        return {
            "relation": self.relation,
            "column": self.column,
            "note": self.note,
            "made_from": [origin.plain() for origin in self.made_from],
        }

    def sources(self) -> list[str]:
        """The source columns at the ends, as `simda.sp2d.sp2d_amount`, sorted, each once."""
        if not self.made_from:
            return [f"{self.relation}.{self.column}"]
        return sorted({source for origin in self.made_from for source in origin.sources()})


def origins(models: Models, name: str, column: str | None = None) -> list[Origin]:
    """How each column of the model, or this one, is made. Raises `ModelError` when there is none such."""
    known = _Traced(models)
    columns = known.columns(name)
    if column is None:
        return [known.origin(name, each) for each in columns]
    if column not in columns:
        close = get_close_matches(column, columns, n=1)
        hint = f"did you mean {close[0]}?" if close else f"it has {', '.join(columns)}"
        raise ModelError(f"{name} has no column {column!r}; {hint}")
    return [known.origin(name, column)]


class _Traced:
    """Models with what each column reads, looked up once."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._read: dict[str, dict[str, list[tuple[str, str]]]] = {}
        self._contracts = {contract.table: contract for contract in models.catalogue.sources.values()}

    def columns(self, name: str) -> dict[str, list[tuple[str, str]]]:
        if name not in self._read:
            self._read[name] = columns_read(self._models, name)
        return self._read[name]

    def origin(self, relation: str, column: str) -> Origin:
        schema, table = relation.split(".", 1)
        if schema in SOURCE_SCHEMAS:
            return _of_source(self._contracts[table], column)
        if schema == "identity":
            return Origin(relation, column, "settled by entity resolution")
        read = self.columns(relation)[column]
        note = "" if read else "computed from no column: a count, or the same in every row"
        return Origin(relation, column, note, tuple(self.origin(*each) for each in read))


def _of_source(contract: Contract, column: str) -> Origin:
    if column not in contract.names:
        return Origin(contract.id, column, "noted by the hub when it recorded the row")
    where = f"{contract.physical_name}.{contract.column(column).source_name}"
    server = f" in {contract.server.name} ({contract.server.kind})" if contract.server else ""
    return Origin(contract.id, column, f"{where}{server}")
