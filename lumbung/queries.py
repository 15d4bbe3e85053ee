"""Sample queries of published tables, for planners: `warehouse/queries/<table>.sql`.

Each query follows its title in both languages:

    -- id: Sub kegiatan yang paling terlambat
    -- en: Sub-activities furthest behind
    SELECT ...;
"""

import re
from dataclasses import dataclass
from pathlib import Path

from lumbung.errors import ModelError

_TITLES = re.compile(r"^-- id: (?P<id>.+)\n-- en: (?P<en>.+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Query:
    """A query with its title in Indonesian (`id`) and English (`en`); `sql` has no closing semicolon."""

    id: str
    en: str
    sql: str


def queries_of(project: Path, table: str) -> list[Query]:
    """The sample queries of the published table, in their order; none without a file.

    Raises `ModelError` when the file isn't titles and queries by turns.
    """
    file = project / "warehouse" / "queries" / f"{table}.sql"
    if not file.exists():
        return []
    text = file.read_text("utf-8")
    titles = list(_TITLES.finditer(text))
    if not titles or text[: titles[0].start()].strip():
        raise ModelError(f"{file}: expected `-- id: title` and `-- en: title` before each query")
    ends = [*(title.start() for title in titles[1:]), len(text)]
    found = [
        Query(title["id"].strip(), title["en"].strip(), text[title.end() : end].strip().rstrip(";").rstrip())
        for title, end in zip(titles, ends, strict=True)
    ]
    empty = next((query for query in found if not query.sql), None)
    if empty:
        raise ModelError(f"{file}: {empty.en!r} has no query")
    return found
