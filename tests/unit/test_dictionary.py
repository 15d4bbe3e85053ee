"""The data dictionary says of each published column what it is called and made from, in both languages."""

from pathlib import Path

import pytest

from lumbung.dictionary import write
from lumbung.errors import ModelError
from lumbung.models import load_models
from lumbung.queries import Query, queries_of
from schemas.catalogue import load_catalogue

PROJECT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("language", "said"), [("id", ("Kode SKPD", "kunci")), ("en", ("Agency code", "key"))]
)
def test_a_page_per_table_in_either_language(tmp_path: Path, language: str, said: tuple[str, str]) -> None:
    models = load_models(PROJECT, load_catalogue(PROJECT))
    written = write(models, PROJECT, tmp_path / "pages", language)
    tables = {model.table for model in models if model.contract}
    assert {file.stem for file in written} == tables | {"README"}
    page = (tmp_path / "pages" / "progress.md").read_text()
    name, key = said
    assert f"| `skpd_code` ({key}) | {name} | text |" in page
    assert "`simda.sp2d.sp2d_amount`" in page
    first = (tmp_path / "pages" / "README.md").read_text()
    assert all(f"({table}.md)" in first for table in tables)
    assert "siak__family_cards ||--o{ siak__residents" in first


def test_queries_are_read_with_their_titles(tmp_path: Path) -> None:
    folder = tmp_path / "warehouse" / "queries"
    folder.mkdir(parents=True)
    assert queries_of(tmp_path, "progress") == []
    (folder / "progress.sql").write_text(
        "-- id: Satu\n-- en: One\nSELECT 1;\n\n-- id: Dua\n-- en: Two\nSELECT 2\n"
    )
    assert queries_of(tmp_path, "progress") == [
        Query("Satu", "One", "SELECT 1"),
        Query("Dua", "Two", "SELECT 2"),
    ]
    for bad in ("SELECT 1;", "-- id: Satu\nSELECT 1", "-- id: Satu\n-- en: One\n;\n"):
        (folder / "progress.sql").write_text(bad)
        with pytest.raises(ModelError, match=r"progress\.sql: "):
            queries_of(tmp_path, "progress")


def test_every_published_table_has_a_query() -> None:
    models = load_models(PROJECT, load_catalogue(PROJECT))
    lacking = [m.table for m in models if m.contract and not queries_of(PROJECT, m.table)]
    assert lacking == []
