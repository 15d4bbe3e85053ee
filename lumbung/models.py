"""The project's models: SELECTs in files named after their tables, what each reads, and their order.

`warehouse/integrated/<entity>.sql` makes `integrated.<entity>`, `warehouse/published/<subject>/<table>.sql`
makes `published.<table>`, whose contract lies in `schemas/published/<subject>/`. Order, lineage and the
task graph come from the SQL itself. A model that isn't good is refused with its file and the reason.
"""

import graphlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from expectations.modules import suite_fingerprint
from lumbung.errors import ModelError
from lumbung.model_rules import date_spans, refusals
from lumbung.resolution.tables import tables_of
from schemas.catalogue import Catalogue
from schemas.contract import FINGERPRINT, MAX_IDENTIFIER, Contract

DIALECT = "postgres"
#: What each layer may read.
LAYERS = {
    "integrated": ("current", "history", "identity", "integrated"),
    "published": ("current", "integrated", "published"),
}
#: Schemas of which a dataset's rows are read: the latest of each key, or all versions.
SOURCE_SCHEMAS = ("current", "history")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class TableRead:
    """One place in a model's text that names a relation: `text[start:end]` is `schema.table`."""

    schema: str
    table: str
    start: int
    end: int
    has_alias: bool

    @property
    def name(self) -> str:
        """`current.siak__residents`."""
        return f"{self.schema}.{self.table}"


@dataclass(frozen=True)
class Model:
    """One table that the project makes.

    `sql` is the file's text without a closing semicolon; `date_spans` are the places of `:as_of_date`
    in it. `suite` is the fingerprint of the rules that judge the table. `datasets` are the ids of the
    source datasets read, `models` the names of the other models read, `identity` the tables of entity
    resolution read, all sorted.
    """

    schema: str
    table: str
    file: Path
    sql: str
    table_reads: tuple[TableRead, ...]
    date_spans: tuple[tuple[int, int], ...]
    contract: Contract | None
    suite: str
    datasets: tuple[str, ...]
    models: tuple[str, ...]
    identity: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`published.progress`: also how other models name it."""
        return f"{self.schema}.{self.table}"

    @property
    def relation_prefix(self) -> str:
        """The relation's name in schema `release`, up to the fingerprint."""
        return self.table if self.schema == "published" else f"integrated_{self.table}"


@dataclass(frozen=True)
class Models:
    """Every model by name, each after all that it reads, and the catalogue they were checked against."""

    by_name: dict[str, Model]
    catalogue: Catalogue

    def __iter__(self) -> Iterator[Model]:
        return iter(self.by_name.values())

    def __getitem__(self, name: str) -> Model:
        """The model called `published.progress`; raises `ModelError` when there is none."""
        if name not in self.by_name:
            raise ModelError(f"{name}: there is no such model{_hint(name, self.by_name)}")
        return self.by_name[name]

    def datasets_below(self, model: Model) -> list[str]:
        """The ids of the source datasets that the model reads, through other models too."""
        found = set(model.datasets).union(*(self.datasets_below(self[name]) for name in model.models))
        return sorted(found)


def load_models(project: Path, catalogue: Catalogue) -> Models:
    """The models below `project/warehouse`, ordered; raises `ModelError` with every fault in any of them."""
    found: dict[str, Model] = {}
    faults: list[str] = []
    datasets = {contract.table: contract.id for contract in catalogue.sources.values()}
    identity = frozenset(tables_of(catalogue))
    for file in _files(project):
        model, reasons = _load(file, project, catalogue, datasets, identity)
        reasons += [f"{model.name} is also made by {found[model.name].file}"] if model.name in found else []
        faults += [f"{file}: {reason}" for reason in reasons]
        found.setdefault(model.name, model)
    faults += _unknown_reads(found) + _without_model(found, catalogue)
    if not faults:
        faults += _cycles(found)
    if faults:
        raise ModelError("\n".join(faults))
    return Models(_ordered(found), catalogue)


def _files(project: Path) -> list[Path]:
    folder = project / "warehouse"
    return [*sorted(folder.glob("integrated/*.sql")), *sorted(folder.glob("published/*/*.sql"))]


def _load(
    file: Path,
    project: Path,
    catalogue: Catalogue,
    datasets: dict[str, str],
    known: frozenset[str],
) -> tuple[Model, list[str]]:
    """The model and what is wrong with it; `known` are the tables that entity resolution keeps."""
    schema = file.relative_to(project / "warehouse").parts[0]
    sql, tree, spans, found = _parse(file.read_text(encoding="utf-8"))
    reads, reasons = _table_reads(tree) if tree else [], list(found)
    if tree:
        reasons += _bad_tables(tree, schema)
    reasons += [
        f"it reads {read.name}, and there is no such dataset{_hint(read.table, datasets)}"
        for read in reads
        if _is_source(read) and read.table not in datasets
    ]
    reasons += [
        f"it reads {read.name}, and entity resolution keeps no such table{_hint(read.table, known)}"
        for read in reads
        if read.schema == "identity" and read.table not in known
    ]
    contract = catalogue.published.get(file.stem) if schema == "published" else None
    model = Model(
        schema=schema,
        table=file.stem,
        file=file,
        sql=sql,
        table_reads=tuple(reads),
        date_spans=spans,
        contract=contract,
        suite=suite_fingerprint(contract, project) if contract else "",
        datasets=tuple(sorted({datasets[r.table] for r in reads if r.table in datasets and _is_source(r)})),
        models=tuple(sorted({r.name for r in reads if not _is_source(r) and r.schema != "identity"})),
        identity=tuple(sorted({r.table for r in reads if r.schema == "identity" and r.table in known})),
    )
    return model, [*_bad_name(model), *_bad_contract(model), *dict.fromkeys(reasons)]


@lru_cache(maxsize=1024)
def _parse(text: str) -> tuple[str, exp.Expr | None, tuple[tuple[int, int], ...], tuple[str, ...]]:
    """The model's text, tree, places of `:as_of_date`, and what is wrong with it.

    Kept by the text: a publish loads all models for each of them. Nobody may change a tree.
    """
    try:
        tokens = sqlglot.tokenize(text, read=DIALECT)
        if tokens and tokens[-1].text == ";":
            text = text[: tokens.pop().start]
        statements = sqlglot.parse(text, dialect=DIALECT)
    except SqlglotError as error:
        return text, None, (), (f"the SQL can't be read: {_first_line(error)}",)
    tree = statements[0] if len(statements) == 1 else None
    if not isinstance(tree, exp.Query):
        return text, None, (), ("expected a single SELECT",)
    return text, tree, tuple(date_spans(tokens)), tuple(refusals(tree, tokens))


def _first_line(error: SqlglotError) -> str:
    return str(error).splitlines()[0]


def _table_reads(tree: exp.Expr) -> list[TableRead]:
    """Every `schema.table` in the tree, in no particular order; CTE names and functions are none."""
    return [_table_read(table) for table in tree.find_all(exp.Table) if _is_relation(table) and table.db]


def _is_relation(table: exp.Table) -> bool:
    return isinstance(table.this, exp.Identifier)


def _is_source(read: TableRead) -> bool:
    return read.schema in SOURCE_SCHEMAS


def _table_read(table: exp.Table) -> TableRead:
    schema, name = table.args["db"], table.this
    return TableRead(
        schema=_folded(schema),
        table=_folded(name),
        start=schema.meta["start"],
        end=name.meta["end"] + 1,
        has_alias=bool(table.alias),
    )


def _folded(name: exp.Identifier) -> str:
    text: str = name.this
    return text if name.quoted else text.lower()


def _bad_tables(tree: exp.Expr, schema: str) -> list[str]:
    """Tables outside the layers that a model of `schema` may read, and names that are no CTE's."""
    ctes = {cte.alias_or_name.lower() for cte in tree.find_all(exp.CTE)}
    return [
        f"it reads {table.sql(DIALECT, comments=False)}; models in {schema} may read "
        f"{', '.join(f'{layer}.*' for layer in LAYERS[schema])}"
        for table in tree.find_all(exp.Table)
        if not _may_read(table, schema, ctes)
    ]


def _may_read(table: exp.Table, schema: str, ctes: set[str]) -> bool:
    if not _is_relation(table):
        return not table.db
    if not table.db:
        return table.name.lower() in ctes
    return not table.catalog and not table.args.get("only") and _folded(table.args["db"]) in LAYERS[schema]


def _bad_name(model: Model) -> Iterator[str]:
    if not _NAME.fullmatch(model.table):
        yield "expected a file name of small letters, digits and _, starting with a letter"
    room = MAX_IDENTIFIER - FINGERPRINT - len("__")
    if len(model.relation_prefix) > room:
        yield (
            f"the name is too long: {model.relation_prefix!r} has {len(model.relation_prefix)} bytes, "
            f"and with its fingerprint PostgreSQL leaves room for {room}"
        )


def _bad_contract(model: Model) -> Iterator[str]:
    if model.schema != "published":
        return
    place = f"schemas/published/{model.file.parent.name}/{model.table}.odcs.yaml"
    if model.contract is None:
        yield f"a published table needs a contract; write {place}"
    elif model.contract.source != model.file.parent.name:
        yield f"its contract is {model.contract.file}; expected it at {place}"
    elif model.contract.access.row_predicate:
        # Publishing it without the predicate would show every row to everybody.
        yield "its contract asks for a row predicate, which views don't enforce yet; take it out"


def _unknown_reads(found: dict[str, Model]) -> list[str]:
    return [
        f"{model.file}: it reads {name}, and there is no such model{_hint(name, found)}"
        for model in found.values()
        for name in model.models
        if name not in found and name.split(".")[0] in LAYERS[model.schema]
    ]


def _without_model(found: dict[str, Model], catalogue: Catalogue) -> list[str]:
    return [
        f"{contract.file}: there is no model; write warehouse/published/{contract.source}/{name}.sql"
        for name, contract in catalogue.published.items()
        if f"published.{name}" not in found
    ]


def _cycles(found: dict[str, Model]) -> list[str]:
    try:
        _ordered(found)
    except graphlib.CycleError as cycle:
        chain = " -> ".join(reversed(cycle.args[1]))
        return [f"{found[cycle.args[1][0]].file}: models read each other in a circle: {chain}"]
    return []


def _ordered(found: dict[str, Model]) -> dict[str, Model]:
    graph = {name: found[name].models for name in sorted(found)}
    return {name: found[name] for name in graphlib.TopologicalSorter(graph).static_order()}


def _hint(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, sorted(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
