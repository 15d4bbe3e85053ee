"""A report-shaped workbook goes all the way: title rows, groups, subtotals, months, several sheets."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.base import Connection
from lumbung.pipeline import open_hub, sync
from lumbung.settings import Settings
from tests.integration.connectors.workbooks import WRITERS, Error

CONTRACT: dict[str, Any] = yaml.safe_load("""
apiVersion: v3.2.0
kind: DataContract
id: bkad.realisation
version: 1.0.0
servers: [{server: bkad, type: local, format: KIND, path: report.KIND}]
schema:
  - name: realisation
    properties:
      - {name: quarter, physicalName: '@sheet', logicalType: string, primaryKey: true, primaryKeyPosition: 1}
      - {name: opd_name, physicalName: OPD, logicalType: string, primaryKey: true, primaryKeyPosition: 2}
      - {name: code, physicalName: Kode, logicalType: string, primaryKey: true, primaryKeyPosition: 3}
      - {name: month_number, logicalType: integer, primaryKey: true, primaryKeyPosition: 4}
      - {name: spent_amount, logicalType: number, physicalType: 'decimal(18,2)'}
      - {name: budget_amount, physicalName: Pagu, logicalType: number, physicalType: 'decimal(18,2)'}
customProperties:
  - property: read
    value:
      sheets: 'TW *'
      headerFind: [OPD, Kode]
      fillDown: [opd_name]
      decimalMark: ','
      groupMark: '.'
      unpivot:
        {columns: {Bulan 1: '1', Bulan 2: '2'}, into: month_number, value: spent_amount, dropEmpty: true}
      filters: [{column: opd_name, pattern: '^(Jumlah|Dicetak)'}, {column: code, blank: true}]
  - {property: sync, value: {maxRefusedPct: 20}}
""")
HEADER = ["No", "OPD", "Kode", "Pagu", "Bulan 1", "Bulan 2"]
SHEETS: dict[str, list[list[Any]]] = {
    "TW 1": [
        ["PEMERINTAH KOTA"], [], HEADER,
        [1, "Dinas A", "1.01", 1000.5, "1.234,50", 2],
        [2, None, "1.02", 2000, None, 0.25],
        [None, "Jumlah Dinas A", None, 3000.5, 1234.5, 2.25],
        [3, "Dinas B", "1.01", 10, Error("#N/A"), 3],
        ["", "Dicetak 7 Agustus"],
    ],
    "Catatan": [["bukan data"]],
    "TW 2": [HEADER, [1, "Dinas A", "1.01", 1000.5, 7, None]],
}  # fmt: skip


@pytest.mark.fault(14)
@pytest.mark.parametrize("kind", sorted(WRITERS))
def test_a_report_is_loaded_and_every_row_accounted_for(
    warehouse_url: str, tmp_path: Path, kind: str
) -> None:
    WRITERS[kind](tmp_path / f"report.{kind}", SHEETS)
    file = tmp_path / "schemas/sources/bkad/realisation.odcs.yaml"
    file.parent.mkdir(parents=True)
    text = yaml.safe_dump(CONTRACT).replace("KIND", kind)
    file.write_text(text)
    settings = Settings(project=tmp_path, home=tmp_path / "home", warehouse_url=warehouse_url)
    hub = open_hub(settings, lambda _: Connection("bkad", "file"))
    load = sync(hub, "bkad.realisation")
    # TW 1: 2 + 1 + 2 subtotals + 2, none of the footer; TW 2: 1.
    assert (load.read_count, load.added_count, load.filtered_count, load.quarantined_count) == (8, 5, 2, 1)
    with hub.warehouse.connect() as session:
        rows = session.execute(
            "SELECT quarter, opd_name, code, month_number, spent_amount "
            "FROM current.bkad__realisation ORDER BY 1, 2, 3, 4"
        ).fetchall()
        refused = session.execute("SELECT row_numbers FROM quarantine.entry").fetchall()
        drift = session.execute("SELECT drift FROM ops.load").fetchone()
    assert rows == [
        ("TW 1", "Dinas A", "1.01", 1, Decimal("1234.50")),
        ("TW 1", "Dinas A", "1.01", 2, Decimal("2.00")),
        ("TW 1", "Dinas A", "1.02", 2, Decimal("0.25")),
        ("TW 1", "Dinas B", "1.01", 2, Decimal("3.00")),
        ("TW 2", "Dinas A", "1.01", 1, Decimal("7.00")),
    ]
    assert [number % 10**14 for (numbers,) in refused for number in numbers] == [7]
    assert drift == ({"added": ["No"]},)
