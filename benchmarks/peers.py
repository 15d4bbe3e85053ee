"""What the hub is measured against: plain COPY through pipes (the floor), and dlt."""

import os
import shlex
import subprocess
import time
from pathlib import Path

import psycopg
from psycopg import sql

from benchmarks.tables import MariaDb
from lumbung.embedded_binaries import binaries_for
from lumbung.service_account import account_for
from schemas.contract import Contract


def psql() -> Path:
    """The psql that comes with the embedded server."""
    return binaries_for(18, account_for(Path.home())) / "psql"


def floor(warehouse: str, contract: Contract, read: str, null: str = "\\N") -> float:
    """Seconds of `read | psql COPY` into an unlogged table of text columns on the warehouse."""
    columns = ", ".join(f"{name} text" for name in contract.names)
    with psycopg.connect(warehouse) as link:
        link.execute("DROP TABLE IF EXISTS public.bench_floor")
        link.execute(f"CREATE UNLOGGED TABLE public.bench_floor ({columns})".encode())
    copy = f"COPY public.bench_floor FROM STDIN (NULL '{null}')"
    write = shlex.join([str(psql()), "-X", "-q", warehouse, "-c", copy])
    began = time.monotonic()
    subprocess.run(["bash", "-o", "pipefail", "-c", f"{read} | {write}"], check=True)
    seconds = time.monotonic() - began
    with psycopg.connect(warehouse) as link:
        link.execute("DROP TABLE public.bench_floor")
    return seconds


def floor_csv(warehouse: str, contract: Contract, path: Path) -> float:
    """Seconds of psql's own copy of the CSV file into an unlogged table of text columns."""
    columns = ", ".join(f"{name} text" for name in contract.names)
    with psycopg.connect(warehouse) as link:
        link.execute("DROP TABLE IF EXISTS public.bench_floor")
        link.execute(f"CREATE UNLOGGED TABLE public.bench_floor ({columns})".encode())
    copy = "COPY public.bench_floor FROM STDIN (FORMAT csv, HEADER)"
    began = time.monotonic()
    with path.open("rb") as file:
        subprocess.run([str(psql()), "-X", "-q", warehouse, "-c", copy], stdin=file, check=True)
    seconds = time.monotonic() - began
    with psycopg.connect(warehouse) as link:
        link.execute("DROP TABLE public.bench_floor")
    return seconds


def read_postgres(url: str) -> str:
    """The shell command that writes the table in COPY's text form."""
    return shlex.join([str(psql()), "-X", "-q", url, "-c", "COPY citizen TO STDOUT"])


def read_mariadb(server: MariaDb) -> str:
    """The shell command that writes the table tab-separated, `NULL` for no value."""
    to = server.connection
    password = f"MYSQL_PWD={shlex.quote(to.password)} " if to.password else ""
    where = ["-h", to.host, "-P", str(to.port or 3306), "-u", to.user, to.database]
    return password + shlex.join(["mariadb", "-B", "-N", "--quick", *where, "-e", "SELECT * FROM citizen"])


def dlt_load(source: str, warehouse: str, backend: str, rows: int) -> float:
    """Seconds of dlt's bare load of the table by this backend; no checks, no history."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    import dlt
    from dlt.sources.sql_database import sql_table

    # dlt knows this dialect as psycopg2's; the driver is named for SQLAlchemy 2.1.
    credentials = source.replace("postgresql://", "postgresql+psycopg://", 1)
    if backend == "connectorx":
        credentials = source
    pipeline = dlt.pipeline(
        f"bench_{backend}",
        destination=dlt.destinations.postgres(warehouse),
        dataset_name=f"dlt_{backend}",
        pipelines_dir=os.environ["LUMBUNG_BENCH_DLT"],
    )
    table = sql_table(credentials, table="citizen", backend=backend, chunk_size=100_000)
    began = time.monotonic()
    pipeline.run(table, write_disposition="replace")
    seconds = time.monotonic() - began
    with psycopg.connect(warehouse) as link:
        loaded, schema = sql.Identifier(f"dlt_{backend}", "citizen"), sql.Identifier(f"dlt_{backend}")
        row = link.execute(sql.SQL("SELECT count(*) FROM {}").format(loaded)).fetchone()
        assert row == (rows,), f"dlt brought {row} rows"
        link.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(schema))
    return seconds
