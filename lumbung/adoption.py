"""A project of a city's own: contracts of the sources that it has, and every table that they suffice for.

SIAK, SIPD, SIMDA and their like are the same in every city, so another city starts from the contracts and
models that are here. What a table needs is known from its SQL; what lacks a source is left out, by name.
"""

import shutil
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from expectations.modules import module_path
from lumbung.errors import AdoptionRefused
from lumbung.models import Model, Models
from lumbung.resolution.tables import tables_of
from schemas.contract import Contract
from schemas.glossary import FILE as GLOSSARY

#: The hub's own code lists: needed by every city, to be filled with its own regions and agencies.
CODE_LISTS = "reference"
_ENVIRONMENT = "connections.env"
#: An address to be replaced, by the kind of the contract's server.
_ADDRESSES = {
    "postgres": "postgresql://reader:SECRET@HOST:5432/DATABASE",
    "mysql": "mysql://reader:SECRET@HOST:3306/DATABASE",
    "sqlserver": "mssql://reader:SECRET@HOST:1433/DATABASE",
    "oracle": "oracle://reader:SECRET@HOST:1521/SERVICE",
    "sqlite": "sqlite:///PATH",
    "api": '{"conn_type": "http", "host": "HOST", "login": "CLIENT", "password": "SECRET", "schema": "api"}',
}
_FILES = '{"conn_type": "fs", "extra": {"path": "FOLDER"}}'


@dataclass(frozen=True)
class Selection:
    """What a project consists of. `lacking` gives for each table left out the sources that it would need."""

    sources: tuple[str, ...]
    contracts: tuple[Contract, ...]
    models: tuple[Model, ...]
    lacking: dict[str, tuple[str, ...]]


def select(models: Models, sources: Collection[str]) -> Selection:
    """The contracts of these sources, of what they refer to, and the models that need no others.

    Raises `AdoptionRefused` for a source that there is no contract of.
    """
    catalogue = models.catalogue
    known = {contract.source for contract in catalogue.sources.values()}
    unknown = sorted(set(sources) - known)
    if unknown:
        raise AdoptionRefused(f"there is no source {unknown[0]!r}; there are {', '.join(sorted(known))}")
    chosen = _with_referred(models, {*sources, CODE_LISTS} & known)
    needs = {model.name: _needs(models, model) for model in models}
    kept = tuple(model for model in models if needs[model.name] <= chosen)
    return Selection(
        tuple(sorted(chosen)),
        tuple(c for c in catalogue.sources.values() if c.source in chosen),
        kept,
        {m.table: tuple(sorted(needs[m.name] - chosen)) for m in models if m.contract and m not in kept},
    )


def write(selection: Selection, template: Path, target: Path) -> list[Path]:
    """Make the project in the folder `target`, from the one at `template`; returns the files.

    Raises `AdoptionRefused` when anything is in the folder already.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise AdoptionRefused(f"{target} is there already and not empty; name a new folder")
    written = []
    for file in _files(selection, template):
        copy = target / file.relative_to(template)
        copy.parent.mkdir(parents=True, exist_ok=True)
        written.append(Path(shutil.copyfile(file, copy)))
    (target / "schemas").mkdir(parents=True, exist_ok=True)
    written.append(_written(target / "schemas" / GLOSSARY, _glossary(selection, template)))
    written.append(_written(target / _ENVIRONMENT, _environment(selection)))
    written.append(_written(target / "README.md", _readme(selection)))
    return sorted(written)


def _with_referred(models: Models, sources: set[str]) -> set[str]:
    """The sources, and those whose rows theirs refer to."""
    found = set(sources)
    for contract in models.catalogue.sources.values():
        if contract.source in found:
            found |= {reference.dataset.split(".")[0] for reference in contract.references}
    return found if found == sources else _with_referred(models, found)


def _needs(models: Models, model: Model) -> set[str]:
    """The sources that the model reads, through other models and through what entity resolution keeps."""
    tables = tables_of(models.catalogue)
    datasets = {*model.datasets, *(tables[name].dataset or "" for name in model.identity)} - {""}
    own = {dataset.split(".")[0] for dataset in datasets}
    return own.union(*(_needs(models, models[name]) for name in model.models))


def _files(selection: Selection, template: Path) -> Iterator[Path]:
    published = [model.contract for model in selection.models if model.contract]
    for contract in (*selection.contracts, *published):
        yield contract.file
        rules = module_path(contract, template)
        if rules.exists():
            yield rules
    for contract in selection.contracts:
        balikan = template / "warehouse" / "balikan" / contract.source / f"{contract.name}.sql"
        if balikan.exists():
            yield balikan
    for model in selection.models:
        yield model.file
        queries = template / "warehouse" / "queries" / f"{model.table}.sql"
        if model.contract and queries.exists():
            yield queries
    yield from (file for file in sorted((template / "warehouse" / CODE_LISTS).rglob("*")) if file.is_file())


def _glossary(selection: Selection, template: Path) -> str:
    """The entries that the project's own tables and columns need."""
    file = template / "schemas" / GLOSSARY
    said = yaml.safe_load(file.read_text("utf-8")) if file.exists() else {}
    published = [model.contract for model in selection.models if model.contract]
    tables = {contract.name for contract in published}
    columns = {name for contract in published for name in contract.names}
    columns |= {f"{contract.name}.{name}" for contract in published for name in contract.names}
    kept = {
        section: {name: term for name, term in (said.get(section) or {}).items() if name in used}
        for section, used in (("tables", tables), ("columns", columns))
    }
    return str(yaml.safe_dump(kept, allow_unicode=True, sort_keys=True, width=110))


def _environment(selection: Selection) -> str:
    lines = [
        "# Where the sources are. Fill in, keep it to yourself (chmod 600), load: set -a; . connections.env"
    ]
    kinds: dict[str, str] = {}
    for contract in selection.contracts:
        assert contract.server is not None, "source contracts have a server"
        if contract.source != CODE_LISTS:
            kinds[contract.read.connection or contract.server.name] = contract.server.kind
    for name, kind in sorted(kinds.items()):
        lines.append(f"AIRFLOW_CONN_{name.upper()}='{_ADDRESSES.get(kind, _FILES)}'")
    return "\n".join(lines) + "\n"


_README = """# Our city's hub

What belongs to our city: contracts in `schemas/`, models in `warehouse/`, suites in `expectations/`. The
program is Lumbung; it runs this folder by `lumbung --project DIR` or `LUMBUNG_PROJECT`.

1. `warehouse/reference/*.csv` are the code lists, filled for Pontianak: put our own regions and agencies in.
2. `connections.env`: where our sources are. These are {sources}.
3. `lumbung contract check`, then `lumbung contract drift`: what differs from what the contracts expect.
4. `lumbung sync SOURCE`, `lumbung publish`; `lumbung up` does both by schedule.

Published tables: {tables}.
"""


def _readme(selection: Selection) -> str:
    def listed(names: Iterable[str]) -> str:
        return ", ".join(f"`{name}`" for name in names) or "none"

    tables = sorted(model.table for model in selection.models if model.contract)
    sources = (name for name in selection.sources if name != CODE_LISTS)
    lines = [_README.format(sources=listed(sources), tables=listed(tables))]
    if selection.lacking:
        lines.append("Left out until their sources are here:\n")
    lines += [f"- `{table}` needs {listed(names)}" for table, names in sorted(selection.lacking.items())]
    return "\n".join(lines).rstrip() + "\n"


def _written(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file
