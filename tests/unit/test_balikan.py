"""The SELECTs of the repository behind `lumbung balikan`."""

from pathlib import Path

import pytest
import sqlglot
from psycopg import sql
from sqlglot import exp

from lumbung.balikan import _Attached, _together
from schemas.catalogue import load_catalogue

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "warehouse" / "balikan").rglob("*.sql"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}.{file.stem}")
def test_each_tells_more_of_the_keys_of_its_dataset(file: Path) -> None:
    contract = load_catalogue(ROOT).sources[f"{file.parent.name}.{file.stem}"]
    tree = sqlglot.parse_one(file.read_text("utf-8"), dialect="postgres")
    assert isinstance(tree, exp.Select)
    assert set(contract.key) < set(tree.named_selects)
    assert {table.db for table in tree.find_all(exp.Table)} <= {"current", "integrated"}


def test_there_are_some() -> None:
    assert len(FILES) >= 2


def test_columns_of_one_name_stay_apart() -> None:
    here, there = ({"hub_name": sql.SQL(text), "hub_status": sql.SQL(text)} for text in ("a", "b"))
    found = _together([_Attached(sql.SQL(""), here), _Attached(sql.SQL(""), there)])
    assert list(found) == ["hub_name", "hub_status_2", "hub_name_2", "hub_status_3"]
    assert found["hub_name_2"] == sql.SQL("b")
