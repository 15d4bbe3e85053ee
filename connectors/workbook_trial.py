"""Letting a process of its own open a workbook first, where the reader may not survive it.

The reader believes counts and lengths that a damaged .xls file states; asked for more memory than there
is, it ends the whole process. What a child has opened, the hub can open too.
"""

import subprocess
import sys
from pathlib import Path

from connectors.errors import SourceMalformed

#: The most memory (bytes) and time (s) that a workbook may take.
MOST_MEMORY = 1 << 32
MOST_SECONDS = 300

# What the reader refuses in order is left to the hub, which says why.
_TRIAL = """
import resource, sys, python_calamine
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
try:
    with open(sys.argv[1], "rb") as file:
        book = python_calamine.CalamineWorkbook.from_filelike(file)
    for name in book.sheet_names:
        for row in book.get_sheet_by_name(name).iter_rows():
            pass
except python_calamine.CalamineError:
    pass
"""


def try_open(path: Path, where: str) -> None:
    """Open the workbook in a child; raises `SourceMalformed` when the child does not survive it."""
    command = [sys.executable, "-I", "-c", _TRIAL, str(path.absolute()), str(MOST_MEMORY)]
    try:
        child = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=MOST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise SourceMalformed(f"{where} takes more than {MOST_SECONDS} s to open; ask for XLSX") from None
    if child.returncode != 0:
        raise SourceMalformed(f"{where} is damaged: the reader gives up on it; ask for the file again")
