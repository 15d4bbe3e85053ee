"""How rows lie in the hand-made files: totals between the data, and the number of each line."""

from demo.faults import BROKEN
from demo.model import Row
from demo.reports import PROGRESS, REVENUE

#: Marks a row that is no data.
TOTAL = "#total"
#: Row of the first record (1-based) in each file.
FIRST_ROW = {REVENUE: 2, PROGRESS: 7}


def lay_out(dataset: str, rows: list[tuple[Row, str | None]]) -> list[tuple[Row, str | None]]:
    """The rows with a total after each month (revenue) or each agency's month (progress)."""
    if dataset not in FIRST_ROW:
        return rows
    column = "Kode Rekening" if dataset == REVENUE else "Kode SKPD"
    result: list[tuple[Row, str | None]] = []
    for row, kind in sorted(rows, key=_place):
        if result and _group(dataset, result[-1][0]) != _group(dataset, row):
            result.append(_total(column, result[-1][0]))
        result.append((row, kind))
    return [*result, _total(column, result[-1][0])]


def _place(item: tuple[Row, str | None]) -> tuple[int, str, str]:
    row = item[0]
    return int(str(row["Bulan"])), f"{row.get('Kode SKPD', '')}", f"{row.get('Kode Sub Kegiatan', '')}"


def _group(dataset: str, row: Row) -> object:
    return row["Bulan"] if dataset == REVENUE else (row["Bulan"], row["Kode SKPD"])


def _total(column: str, last: Row) -> tuple[Row, str | None]:
    blank: Row = dict.fromkeys(last)
    return blank | {column: "JUMLAH", TOTAL: 1, "Bulan": last["Bulan"]}, None


__all__ = ["BROKEN", "FIRST_ROW", "TOTAL", "lay_out"]
