"""`python -m benchmarks`: the hub against plain COPY and against dlt, and its memory, in one run.

Imports and server starts are outside every clock. The floor is `psql COPY | psql COPY` (or
`mariadb -B | psql COPY`) into an unlogged table of texts on the same server. Exit code 1 when a figure
is over its bound.
"""

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mysql.connector
import psycopg

from benchmarks import files, peers, tables
from connectors.base import Connection
from connectors.connection import parse_connection
from lumbung import embedded, gate, migrate, pipeline  # the gate brings Great Expectations, off the clock
from lumbung.hub import Hub
from lumbung.settings import Settings
from lumbung.warehouse import Warehouse
from schemas.catalogue import Catalogue
from schemas.contract import Contract

assert gate

PROJECT = Path(__file__).resolve().parents[1]


@dataclass
class Bench:
    """The servers, and the figures found so far."""

    home: Path
    rows: int
    runs: int
    warehouse: str = ""
    source: str = ""
    figures: list[dict[str, Any]] = field(default_factory=list)

    def start(self) -> None:
        """The embedded server with a fresh warehouse and a source database."""
        url = embedded.start(self.home)
        self.source = embedded.ensure_database(self.home, "bench_source")
        self.warehouse = embedded.ensure_database(self.home, "bench_warehouse")
        with psycopg.connect(self.warehouse) as link:
            owned = "SELECT nspname FROM pg_namespace WHERE nspowner = current_user::regrole"
            for (schema,) in link.execute(owned).fetchall():
                link.execute(f"DROP SCHEMA {schema} CASCADE".encode())
        migrate.upgrade(self.warehouse)
        assert url

    def hub(self, contract: Contract, connection: Connection) -> Hub:
        """A hub of this one dataset."""
        return Hub(
            Settings(PROJECT, self.home),
            Warehouse(self.warehouse),
            Catalogue({contract.id: contract}, {}),
            lambda _: connection,
        )

    def say(self, what: str, value: float, floor: float, bound: float | None, *, least: bool = False) -> None:
        """Keep and print one figure: seconds, its ratio to the floor, and whether it is within its bound."""
        ratio = value / floor
        within = bound is None or (ratio >= bound if least else ratio <= bound)
        self.figures.append({"what": what, "value": value, "ratio": ratio, "bound": bound, "within": within})
        limit = (
            "" if bound is None else f"  {'>=' if least else '<='} {bound:g}  {'ok' if within else 'OVER'}"
        )
        print(f"  {what:<34}{value:10.2f}{ratio:8.2f} x{limit}", flush=True)


def land(bench: Bench, hub: Hub, dataset: str) -> float:
    """Seconds to land one load, and nothing more."""
    load_id = pipeline.land(hub, dataset)
    with hub.warehouse.connect() as session:
        session.execute("UPDATE ops.load SET state = 'failed' WHERE load_id = %s", [load_id])
        row = session.execute(
            "SELECT land_seconds, read_count FROM ops.load WHERE load_id = %s", [load_id]
        ).fetchone()
    pipeline.retain(hub)
    assert row and row[1] == bench.rows, row
    return float(row[0])


#: What a round times, and the bound of its ratio to that round's floor.
_BOUNDS = {"land": 1.3, "first full sync": 5, "nothing changed": 3, "1 % changed": 3.3}


def against_floor(
    bench: Bench,
    contract: Contract,
    connection: Connection,
    reader: tuple[str, str],
    change: Callable[[], None],
) -> float:
    """Rounds of floor, land, first sync, unchanged and 1 % changed, each in a new warehouse.

    The figures are medians over the rounds. Returns the first sync's seconds.
    """
    print(f"{contract.source} {contract.name}: {bench.rows:,} rows x {len(contract.columns)} columns")
    rounds = [_round(bench, contract, connection, reader, change) for _ in range(bench.runs)]
    floor = statistics.median(found["floor"] for found in rounds)
    bench.say("floor (s)", floor, floor, None)
    for what, bound in _BOUNDS.items():
        bench.say(f"{what} (s)", statistics.median(found[what] for found in rounds), floor, bound)
    return statistics.median(found["first full sync"] for found in rounds)


def _round(
    bench: Bench,
    contract: Contract,
    connection: Connection,
    reader: tuple[str, str],
    change: Callable[[], None],
) -> dict[str, float]:
    bench.start()
    hub = bench.hub(contract, connection)
    peers.floor(bench.warehouse, contract, *reader)  # the first in a new database waits for its files
    found = {"floor": peers.floor(bench.warehouse, contract, *reader)}
    found["land"] = land(bench, hub, contract.id)
    first = pipeline.sync(hub, contract.id)
    assert first.added_count == bench.rows, first
    same = pipeline.sync(hub, contract.id)
    assert same.confirmed_count == bench.rows, same
    change()
    changed = pipeline.sync(hub, contract.id)
    assert changed.changed_count == bench.rows // 100, changed
    for what, load in (("first full sync", first), ("nothing changed", same), ("1 % changed", changed)):
        found[what] = load.seconds
        _parts(what, load)
    return found


def _parts(what: str, load: pipeline.LoadOutcome) -> None:
    parts = {"land": load.land_seconds, "rows": load.validate_seconds, "gate": load.gate_seconds}
    parts["apply"] = load.apply_seconds
    print(
        f"    {what}: " + ", ".join(f"{name} {value or 0:.2f}" for name, value in parts.items()), flush=True
    )


def against_dlt(bench: Bench, ours: float) -> None:
    """dlt's bare load by each of its quick backends; the best of them against our first full sync."""
    found = {}
    for backend in ("connectorx", "pyarrow"):
        found[backend] = peers.dlt_load(bench.source, bench.warehouse, backend, bench.rows)
    backend, seconds = min(found.items(), key=lambda item: item[1])
    bench.say(f"dlt, {backend} (s; ratio to ours)", seconds, ours, 2, least=True)


def memory(bench: Bench, contract: Contract, connection: Connection) -> None:
    """Peak memory of the hub's process over a full sync, at 1 and at 3 times the rows."""
    peaks = []
    for rows in (bench.rows, 3 * bench.rows):
        tables.make_postgres(bench.source, rows)
        peaks.append(_peak(bench.hub(contract, connection), contract.id))
    bench.say(f"memory at {bench.rows:,} rows (MB)", peaks[0], peaks[0], None)
    bench.say(f"memory at {3 * bench.rows:,} rows (MB)", peaks[1], peaks[0], 1.1)


def _peak(hub: Hub, dataset: str) -> float:
    """Peak resident memory (MB) of a process of its own that syncs the dataset."""
    receiver, sender = multiprocessing.Pipe()

    def work() -> None:
        pipeline.sync(hub, dataset)
        sender.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join()
    assert child.exitcode == 0, "the sync failed"
    return float(receiver.recv())


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3, help="rounds; the figures are their medians")
    parser.add_argument("--only", choices=["postgres", "mysql", "files", "memory"], help="one part only")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lumbung-bench-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        os.environ["LUMBUNG_BENCH_DLT"] = f"{folder}/dlt"
        bench = Bench(home, given.rows, given.runs)
        try:
            bench.start()
            _run(bench, given.only)
        finally:
            embedded.remove(home)
    if given.json:
        given.json.write_text(json.dumps(bench.figures, indent=2))
    return 0 if all(figure["within"] for figure in bench.figures) else 1


def _run(bench: Bench, only: str | None) -> None:
    contract = tables.contract("postgres")
    connection = parse_connection("postgres", bench.source)
    if only in (None, "memory"):
        # First: the measured process is a fork of this one, which dlt would make larger.
        memory(bench, contract, connection)
        bench.start()
    if only in (None, "postgres"):
        tables.make_postgres(bench.source, bench.rows)
        reader = (peers.read_postgres(bench.source), "\\N")
        ours = against_floor(
            bench, contract, connection, reader, lambda: tables.change_postgres(bench.source)
        )
        tables.make_postgres(bench.source, bench.rows)
        against_dlt(bench, ours)
    if only in (None, "mysql"):
        _mariadb(bench)
    if only in (None, "files"):
        bench.start()
        files.measure(bench, land)


def _mariadb(bench: Bench) -> None:
    server = tables.MariaDb(os.environ.get("LUMBUNG_BENCH_MARIADB_URL", "mysql://root@127.0.0.1:3306"))
    try:
        server.make(bench.rows)
    except mysql.connector.Error as error:
        print(f"mysql: left out, no MariaDB answers ({type(error).__name__})")
        return
    try:
        reader = (peers.read_mariadb(server), "NULL")
        against_floor(bench, tables.contract("mysql"), server.connection, reader, server.change)
    finally:
        server.remove()


if __name__ == "__main__":
    sys.exit(main())
