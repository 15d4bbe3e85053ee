"""A contract's file changes in the place that was meant, and nowhere else."""

from pathlib import Path

import pytest

from lumbung.contract_edits import (
    NewColumn,
    bumped,
    with_column,
    with_source_name,
    with_type,
    without_column,
)
from lumbung.errors import EditRefused
from schemas.contract import Contract
from schemas.loading import load_contract

TEXT = """\
apiVersion: v3.2.0
kind: DataContract
id: demo.rows
version: 1.4.2  # raised by hand
status: active
servers: [{server: demo, type: postgres, host: db, port: 5432, database: demo, schema: public}]
schema:
  - name: rows
    properties:
      # the key
      - {name: code, logicalType: string, primaryKey: true}
      - name: amount
        physicalName: jumlah
        logicalType: number  # rupiah
        physicalType: decimal(18,2)

      - {name: note, logicalType: string}  # free text

customProperties: []
"""


def loaded(text: str, folder: Path) -> Contract:
    file = folder / "rows.odcs.yaml"
    file.write_text(text, encoding="utf-8")
    return load_contract(file)


def changed_lines(text: str) -> tuple[list[str], list[str]]:
    """Lines that went, lines that came."""
    before, after = TEXT.splitlines(), text.splitlines()
    return [line for line in before if line not in after], [line for line in after if line not in before]


def test_a_column_is_added_after_the_others(tmp_path: Path) -> None:
    text = with_column(TEXT, NewColumn("tax_id", "NPWP: lama", "integer"))
    assert changed_lines(text) == (
        [],
        ["      - {name: tax_id, physicalName: 'NPWP: lama', logicalType: integer}"],
    )
    assert loaded(text, tmp_path).columns[-1].source_name == "NPWP: lama"


def test_a_column_goes_and_its_neighbours_stay(tmp_path: Path) -> None:
    assert loaded(without_column(TEXT, "amount"), tmp_path).names == ("code", "note")
    assert loaded(without_column(TEXT, "note"), tmp_path).names == ("code", "amount")
    with pytest.raises(EditRefused, match="part of the key"):
        without_column(TEXT, "code")


@pytest.mark.parametrize("name", ["code", "amount", "note"])
def test_a_column_is_called_otherwise_at_the_source(tmp_path: Path, name: str) -> None:
    contract = loaded(with_source_name(TEXT, name, "JML's"), tmp_path)
    assert contract.column(name).source_name == "JML's"
    assert contract.names == ("code", "amount", "note")


def test_a_type_changes_with_or_without_a_physical_one(tmp_path: Path) -> None:
    assert loaded(with_type(TEXT, "amount", "number", "decimal(20,4)"), tmp_path).column(
        "amount"
    ).pg_type == ("numeric(20,4)")
    assert loaded(with_type(TEXT, "note", "integer"), tmp_path).column("note").pg_type == "bigint"
    assert "# free text" in with_type(TEXT, "note", "integer")


def test_the_version_rises(tmp_path: Path) -> None:
    assert changed_lines(bumped(TEXT)) == (
        ["version: 1.4.2  # raised by hand"],
        ["version: 1.5.0  # raised by hand"],
    )
    with pytest.raises(EditRefused, match="by hand"):
        bumped(TEXT.replace("1.4.2", "one"))


def test_comments_stay_with_their_columns(tmp_path: Path) -> None:
    block = TEXT.replace("      - {name: note, ", "      # what they wrote\n      - {name: note, ")
    assert "# what they wrote" in without_column(block, "amount")
    assert "# what they wrote" not in without_column(block, "note")
    commented = TEXT.replace("\ncustomProperties", "# the rest\ncustomProperties").replace(
        "      - {name: note, logicalType: string}  # free text\n", ""
    )
    text = with_column(commented, NewColumn("no", "No\nUrut", "string"))
    assert text.index("# the rest") > text.index("Urut")
    added = loaded(text, tmp_path).columns[-1]
    assert (added.name, added.source_name) == ("no", "No\nUrut")
