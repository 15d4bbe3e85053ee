"""SIPD's data as the API server reads it: one JSON file an endpoint."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from demo.model import Row
from demo.systems.files import replace


def write(folder: Path, endpoints: Mapping[str, Sequence[Row]]) -> None:
    """Replace the rows behind each endpoint."""
    for endpoint, rows in endpoints.items():
        replace(folder / f"{endpoint}.json", json.dumps(list(rows), ensure_ascii=False).encode())
