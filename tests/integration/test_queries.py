"""The sample queries of `warehouse/queries` run on the city, and each has a title in both languages."""

import re
from pathlib import Path

import psycopg
import pytest

from demo.model import PROJECT
from tests.published_city import PublishedCity

QUERIES = PROJECT / "warehouse" / "queries"
TITLED = re.compile(r"-- id: (?P<id>\S.*)\n-- en: (?P<en>\S.*)\n(?P<sql>(?:(?!-- id: )[\s\S])+)")
FILES = sorted(QUERIES.glob("*.sql"))


def samples(file: Path) -> list[tuple[str, str]]:
    """English title and SELECT of each query; the file holds nothing else."""
    text = file.read_text("utf-8")
    found = list(TITLED.finditer(text))
    assert "".join(match[0] for match in found) == text, f"{file.name}: text without `-- id:` and `-- en:`"
    return [(match["en"], match["sql"].strip().rstrip(";")) for match in found]


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_each_sample_query_answers_something(published_city: PublishedCity, file: Path) -> None:
    assert file.stem in published_city.demo.hub.catalogue.published
    for title, select in samples(file):
        assert f"published.{file.stem}" in select, title
        try:
            rows = published_city.rows(select)
        except psycopg.Error as error:
            pytest.fail(f"{file.name}, {title}: {error}")
        assert rows, f"{file.name}, {title}: no row"


def test_titles_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text(
        "-- id: Satu\n-- en: One\nSELECT 1;\n\n-- id: Dua\n-- en: Two\nSELECT 2;\n"
    )
    assert samples(tmp_path / "a.sql") == [("One", "SELECT 1"), ("Two", "SELECT 2")]
    (tmp_path / "b.sql").write_text("SELECT 1;\n")
    with pytest.raises(AssertionError, match=r"b\.sql"):
        samples(tmp_path / "b.sql")
