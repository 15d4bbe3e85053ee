"""SP4N-LAPOR!'s export: one CSV file."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from demo.model import Row
from demo.systems.files import replace


def write(folder: Path, rows: Sequence[Row]) -> None:
    """`pengaduan.csv`: commas, UTF-8, all complaints."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    replace(folder / "pengaduan.csv", text.getvalue().encode())
