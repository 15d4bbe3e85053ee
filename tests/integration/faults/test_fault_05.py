"""A process that may not have the memory it would need."""

import multiprocessing
import resource
from pathlib import Path

from connectors.errors import SourceMalformed
from lumbung import pipeline
from lumbung.hub import Hub
from lumbung.settings import Settings
from lumbung.warehouse import Warehouse
from schemas.contract import Server, Sync
from tests.loads_project import catalogue, column, contract, counts

FAULT = 5

#: Address space that is left to the process beside what it has (bytes), and characters of the huge field.
LEFT, HUGE = 24 << 20, 15_000_000


def _sync_within(hub: Hub, answer: "multiprocessing.connection.Connection") -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + LEFT
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        pipeline.sync(hub, "test.rows")
        answer.send("applied")
    except SourceMalformed as error:
        answer.send(str(error))


def test_a_limit_of_memory(tmp_path: Path, warehouse_url: str) -> None:
    """Without memory for a huge field the load ends with a clear error; with memory the next succeeds"""
    rows = contract(
        column("id", "integer", key=1), column("note"), server=Server("test", "csv", {"path": "rows.csv"}),
        sync=Sync(max_delete_pct=100, max_refused_pct=100),
    )  # fmt: skip
    hub = Hub(Settings(tmp_path, tmp_path / "home"), Warehouse(warehouse_url), catalogue(rows))
    (tmp_path / "rows.csv").write_text("id,note\n1,a\n", encoding="utf-8")
    assert counts(pipeline.sync(hub, "test.rows")) == {"added": 1}
    # One character outside the basic plane makes Python use four bytes for each.
    (tmp_path / "rows.csv").write_text(f"id,note\n1,a\n2,{'x' * HUGE}\U0001f33e\n", encoding="utf-8")
    receiver, sender = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=_sync_within, args=(hub, sender))
    child.start()
    child.join(timeout=60)
    assert receiver.poll(), "the process ended without a word"
    assert "not memory enough" in receiver.recv()
    with hub.warehouse.connect() as session:
        assert session.execute("SELECT id, note FROM current.test__rows").fetchall() == [(1, "a")]
        states = session.execute("SELECT state FROM ops.load ORDER BY load_id").fetchall()
    assert states == [("applied",), ("failed",)]
    assert counts(pipeline.sync(hub, "test.rows")) == {"added": 1, "confirmed": 1}
