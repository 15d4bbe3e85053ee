"""How rows lie in the hand-made files: totals between the data, and the number of each line."""

from collections.abc import Iterator

from demo.faults import BROKEN
from demo.model import Row
from demo.realisation import ACCOUNTING_LRA
from demo.reports import PROGRESS, REVENUE

#: Marks a row that is no data.
TOTAL = "#total"
#: Row numbers of a dataset's next file begin so much higher.
STRIDE = 1_000_000_000
#: Row of the first record (1-based) in each file.
FIRST_ROW = {REVENUE: 2, PROGRESS: 7, ACCOUNTING_LRA: 7}


def lay_out(dataset: str, rows: list[tuple[Row, str | None]]) -> list[tuple[Row, str | None]]:
    """The rows with a total after each month (revenue) or each agency's month (others), year by year."""
    if dataset not in FIRST_ROW:
        return rows
    column = "Kode Rekening" if dataset == REVENUE else "Kode SKPD"
    result: list[tuple[Row, str | None]] = []
    for row, kind in sorted(rows, key=_place):
        if result and _group(dataset, result[-1][0]) != _group(dataset, row):
            result.append(_total(column, result[-1][0]))
        result.append((row, kind))
    return [*result, _total(column, result[-1][0])]


def numbered(dataset: str, rows: list[tuple[Row, str | None]]) -> Iterator[tuple[int, Row, str | None]]:
    """Each row's number as the hub counts them: a file a year, each further one's numbers STRIDE higher."""
    file, year, number = -1, None, 0
    for row, kind in rows:
        if dataset not in FIRST_ROW or row["Tahun"] == year:
            number += 1
        else:
            file, year = file + 1, row["Tahun"]
            number = file * STRIDE + FIRST_ROW[dataset]
        yield number, row, kind


def _place(item: tuple[Row, str | None]) -> tuple[int, int, str, str]:
    row = item[0]
    return (
        int(str(row["Tahun"])),
        int(str(row["Bulan"])),
        f"{row.get('Kode SKPD', '')}",
        f"{row.get('Kode Sub Kegiatan', '')}",
    )


def _group(dataset: str, row: Row) -> object:
    month = (row["Tahun"], row["Bulan"])
    return month if dataset == REVENUE else (*month, row["Kode SKPD"])


def _total(column: str, last: Row) -> tuple[Row, str | None]:
    blank: Row = dict.fromkeys(last)
    return blank | {column: "JUMLAH", TOTAL: 1, "Tahun": last["Tahun"], "Bulan": last["Bulan"]}, None


__all__ = ["BROKEN", "FIRST_ROW", "TOTAL", "lay_out", "numbered"]
