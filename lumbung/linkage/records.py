"""What comes in, in whichever form, and what a run may use."""

from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from lumbung.linkage.errors import RecordsRefused

#: A pyarrow Table or RecordBatchReader, a pandas DataFrame, or a DuckDB relation.
Records = Any


@dataclass(frozen=True)
class Resources:
    """What a run may use: threads, and DuckDB's memory (its own notation) before it spills to disk."""

    threads: int = 2
    memory: str = "2GB"


def as_arrow(records: Records) -> pa.Table:
    """The records as an Arrow table. Raises `RecordsRefused` for anything that `Records` does not name."""
    if isinstance(records, pa.Table):
        return records
    if isinstance(records, pa.RecordBatchReader):
        return records.read_all()
    if isinstance(records, duckdb.DuckDBPyRelation):
        return records.to_arrow_table()
    if type(records).__module__.split(".")[0] == "pandas":
        return pa.Table.from_pandas(records, preserve_index=False)
    raise RecordsRefused(
        f"records come as {type(records).__name__}; give a pyarrow table or reader, a pandas frame or a"
        " DuckDB relation"
    )
