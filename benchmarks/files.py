"""Files against the quickest that there is: CSV against psql's own COPY, XLSX against the bare reader."""

import csv
import dataclasses
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import python_calamine
import xlsxwriter

from benchmarks import peers, tables
from connectors.base import Connection
from lumbung.hub import Hub
from schemas.contract import Contract, Server

if TYPE_CHECKING:
    from benchmarks.__main__ import Bench

#: Ratios to the floor that landing may have.
CSV_BOUND, XLSX_BOUND = 2, 1.5
#: A workbook has this part of the rows.
PART = 10

Land = Callable[["Bench", Hub, str], float]


def measure(bench: "Bench", land: Land) -> None:
    """Land a CSV file of `bench.rows` rows, and a workbook of a tenth of them; medians over the rounds."""
    tables.make_postgres(bench.source, bench.rows)
    text, book = bench.home / "citizen.csv", bench.home / "citizen.xlsx"
    contract = tables.contract("files")
    command = "COPY citizen TO STDOUT (FORMAT csv, HEADER)"
    with psycopg.connect(bench.source) as link, link.cursor().copy(command) as copy, text.open("wb") as file:
        file.writelines(copy)
    _compare(
        bench, land, _of(contract, "csv", text), lambda: peers.floor_csv(bench.warehouse, contract, text)
    )
    fewer = dataclasses.replace(bench, rows=_workbook(text, book, bench.rows // PART))
    _compare(fewer, land, _of(contract, "xlsx", book), lambda: _calamine(book))


def _of(contract: Contract, kind: str, path: Path) -> Contract:
    return dataclasses.replace(contract, id=f"bench.{kind}", server=Server(kind, kind, {"path": str(path)}))


def _compare(bench: "Bench", land: Land, contract: Contract, floor: Callable[[], float]) -> None:
    kind = contract.server.kind if contract.server else ""
    print(f"{kind} file: {bench.rows:,} rows x {len(contract.columns)} columns")
    hub = bench.hub(contract, Connection(kind, "file"))
    floor()  # the first waits for the file to be in memory
    floors, lands = [], []
    for _ in range(bench.runs):
        floors.append(floor())
        lands.append(land(bench, hub, contract.id))
    least = statistics.median(floors)
    bench.say(f"{kind} floor (s)", least, least, None)
    bound = CSV_BOUND if kind == "csv" else XLSX_BOUND
    bench.say(f"land {kind} (s)", statistics.median(lands), least, bound)


def _workbook(text: Path, book: Path, rows: int) -> int:
    """The first rows of the CSV file as a workbook, with numbers as numbers; how many there are."""
    numbers = ("neighbourhood_number", "income_amount")
    with text.open(newline="", encoding="utf-8") as file, xlsxwriter.Workbook(str(book)) as made:
        reader = csv.reader(file)
        names = next(reader)
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, names)
        typed = [names.index(name) for name in numbers]
        for number, (row, _) in enumerate(zip(reader, range(rows), strict=False), 1):
            cells: list[str | float] = list(row)
            for place in typed:
                cells[place] = float(row[place])
            sheet.write_row(number, 0, cells)
    return rows


def _calamine(book: Path) -> float:
    """Seconds to read every cell of the workbook, and nothing more."""
    began = time.monotonic()
    sheet = python_calamine.CalamineWorkbook.from_path(str(book)).get_sheet_by_index(0)
    for _ in sheet.iter_rows():
        pass
    return time.monotonic() - began
