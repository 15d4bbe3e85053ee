"""What changed at a source, against the contract and against what it was."""

from dataclasses import replace

import pytest

from lumbung.drift import Shape, changes
from schemas.contract import Contract, Unpivot
from tests.loads_project import column, contract

DATASET = contract(column("id", "integer", key=1), column("full_name"), column("kelurahan"))


def shape(**types: str) -> Shape:
    return {name: {"type": said, "nullable": True, "key": None} for name, said in types.items()}


def said(
    found: list[str], of: Contract = DATASET, now: Shape | None = None, was: Shape | None = None
) -> list[str]:
    return [str(change) for change in changes(of, found, now, was)]


def test_nothing_changed_whatever_the_case_and_order() -> None:
    same = shape(ID="integer")
    assert said(["KELURAHAN", "Id", "Full_Name"], now=same, was=same) == []


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (["id", "full_name"], ["kelurahan is gone"]),
        (["id", "full_name", "kelurahan", "phone"], ["phone is new"]),
        (["id", "fullname", "kelurahan"], ["full_name is gone, and fullname looks like it"]),
        (["id", "phone", "kelurahan"], ["full_name is gone", "phone is new"]),
    ],
)
def test_columns_go_come_and_are_renamed(found: list[str], words: list[str]) -> None:
    assert said(found) == words


def test_a_column_of_another_type_is_no_renamed_one() -> None:
    now, was = shape(id="int", fullname="bytea"), shape(id="int", full_name="text")
    assert said(["id", "fullname", "kelurahan"], now=now, was=was) == [
        "full_name is gone",
        "fullname is new (bytea)",
    ]


def test_types_nullability_and_keys_are_held_against_the_last_load() -> None:
    was: Shape = {"id": {"type": "bigint", "nullable": False, "key": 1}}
    now: Shape = {"id": {"type": "text", "nullable": True, "key": None}}
    assert said(list(DATASET.names), now=now, was=was) == [
        "id was bigint and is text",
        "id was never null and is nullable",
        "id was part 1 of the key and is no part of the key",
    ]


def test_readers_are_named() -> None:
    (change,) = changes(DATASET, ["id", "kelurahan"], readers=lambda _, name: [f"published.people.{name}"])
    assert str(change) == "full_name is gone; read by published.people.full_name"


def test_columns_that_become_rows_are_no_drift() -> None:
    months = Unpivot({"jan": "1", "feb": "2"}, into="full_name", value="kelurahan")
    wide = replace(DATASET, read=replace(DATASET.read, unpivot=months))
    assert said(["id", "jan", "feb"], wide) == []
    assert said(["id", "jan"], wide) == ["feb is gone"]


def test_what_holds_nested_columns_is_known() -> None:
    nested = contract(column("id", "integer", key=1), column("number"))
    renamed = replace(nested.columns[1], source_name="permit.number")
    nested = replace(nested, columns=(nested.columns[0], renamed))
    assert said(["id", "permit"], nested) == []
    assert said(["id", "permits"], nested) == ["permit.number is gone, and permits looks like it"]
