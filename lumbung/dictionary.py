"""The data dictionary: pages for planners, made from contracts, models and sample queries.

One page a published table, in Indonesian or English, with its columns, what each is made from and queries
to begin with; and a first page with all tables, and a diagram of what they come from.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from lumbung.models import Model, Models
from lumbung.origins import Origin, origins
from lumbung.queries import queries_of
from schemas.contract import Column, Contract

#: What the pages say, by language.
_WORDS = {
    "id": {
        "title": "Kamus data", "tables": "Tabel", "table": "Tabel", "about": "Isi", "owner": "Pemilik data",
        "fresh": "Paling lama", "hours": "jam", "roles": "Boleh dibaca oleh", "columns": "Kolom",
        "key": "kunci",
        "column": "Kolom", "name": "Nama", "type": "Tipe", "unit": "Satuan", "class": "Klasifikasi",
        "description": "Uraian", "from": "Dibuat dari", "queries": "Contoh kueri", "diagram": "Asal data",
        "entities": "Hubungan antar-data", "by": "hasil pencocokan hub", "none": "dihitung",
    },
    "en": {
        "title": "Data dictionary", "tables": "Tables", "table": "Table", "about": "About", "owner": "Owner",
        "fresh": "No older than", "hours": "hours", "roles": "May be read by", "columns": "Columns",
        "key": "key",
        "column": "Column", "name": "Name", "type": "Type", "unit": "Unit", "class": "Classification",
        "description": "Description", "from": "Made from", "queries": "Sample queries",
        "diagram": "Where the data comes from", "entities": "How the data belongs together",
        "by": "settled by the hub", "none": "computed",
    },
}  # fmt: skip
LANGUAGES = tuple(_WORDS)


def write(models: Models, project: Path, target: Path, language: str = "id") -> list[Path]:
    """Write every page below `target`, as Markdown; returns the files. Pages that were there are replaced."""
    target.mkdir(parents=True, exist_ok=True)
    written = [_written(target / "README.md", _index(models, language))]
    for model in _published(models):
        page = "\n".join(_page(models, model, project, language))
        written.append(_written(target / f"{model.table}.md", page))
    return written


def _written(file: Path, text: str) -> Path:
    file.write_text(text.rstrip() + "\n", encoding="utf-8")
    return file


def _published(models: Models) -> list[Model]:
    return sorted((m for m in models if m.contract), key=lambda m: (m.file.parent.name, m.table))


def _index(models: Models, language: str) -> str:
    words = _WORDS[language]
    lines = [f"# {words['title']}", ""]
    for model in _published(models):
        assert model.contract is not None
        lines.append(f"- [{_title(model.contract, language)}]({model.table}.md): `published.{model.table}`")
    lines += ["", f"## {words['diagram']}", "", *_flow(models)]
    lines += ["", f"## {words['entities']}", "", *_relations(models)]
    return "\n".join(lines)


def _flow(models: Models) -> Iterator[str]:
    """Which sources feed which published tables, as a Mermaid flowchart."""
    yield "```mermaid"
    yield "flowchart LR"
    for model in _published(models):
        sources = {dataset.split(".")[0] for dataset in models.datasets_below(model)}
        for source in sorted(sources):
            yield f"    {source}[({source})] --> {model.table}[{model.table}]"
    yield "```"


def _relations(models: Models) -> Iterator[str]:
    """The datasets and their foreign keys, as a Mermaid entity diagram."""
    yield "```mermaid"
    yield "erDiagram"
    for contract in models.catalogue.sources.values():
        for reference in contract.references:
            parent = reference.dataset.replace(".", "__")
            yield f'    {parent} ||--o{{ {contract.table} : "{", ".join(reference.columns)}"'
    yield "```"


def _title(contract: Contract, language: str) -> str:
    return (contract.english_title if language == "en" else "") or contract.title


def _page(models: Models, model: Model, project: Path, language: str) -> Iterator[str]:
    contract, words = model.contract, _WORDS[language]
    assert contract is not None
    yield f"# {_title(contract, language)}"
    yield ""
    yield contract.description
    yield ""
    yield f"- {words['table']}: `published.{model.table}`"
    yield f"- {words['owner']}: {contract.owner_name or contract.owner}"
    if contract.latency_hours:
        yield f"- {words['fresh']}: {contract.latency_hours:g} {words['hours']}"
    yield f"- {words['roles']}: {', '.join(contract.roles)}"
    yield ""
    yield f"## {words['columns']}"
    yield ""
    yield from _table(models, model, contract, words | {"language": language})
    queries = queries_of(project, model.table)
    if queries:
        yield ""
        yield f"## {words['queries']}"
    for query in queries:
        yield from ("", query.en if language == "en" else query.id, "", "```sql", f"{query.sql};", "```")


def _table(models: Models, model: Model, contract: Contract, words: dict[str, str]) -> Iterator[str]:
    heads = [words[name] for name in ("column", "name", "type", "unit", "class", "description", "from")]
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    made = {origin.column: origin for origin in origins(models, model.name)}
    for column in contract.columns:
        yield f"| {' | '.join(_cell(text) for text in _row(column, made[column.name], words))} |"


def _row(column: Column, origin: Origin, words: dict[str, str]) -> Sequence[str]:
    name = column.english_name if words["language"] == "en" else column.business_name
    key = f" ({words['key']})" if column.key_position else ""
    return (
        f"`{column.name}`{key}", name, column.pg_type, column.unit, column.classification,
        column.description, _from(origin, words),
    )  # fmt: skip


def _from(origin: Origin, words: dict[str, str]) -> str:
    if not origin.made_from:
        return words["none"]
    listed = (words["by"] if name.startswith("identity.") else f"`{name}`" for name in origin.sources())
    return ", ".join(dict.fromkeys(listed))


def _cell(text: str) -> str:
    """Text that stays within its cell."""
    return " ".join(text.split()).replace("|", "\\|")
