"""Where loads begin and end: watermarks of several columns, windows, and files that are known."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.base import Extract, FileRead, Request, encode_rows
from lumbung import landing, watermarks
from lumbung.errors import LoadRefused, SyncRefused
from lumbung.ledger import Load
from lumbung.warehouse import Warehouse
from lumbung.watermarks import Window
from schemas.contract import Column, Contract, Read, Sync
from tests.loads_project import Loads, Row, Rows, column, contract, counts

KEY = column("id", "integer", key=1)
MOVED = column("moved_at", "timestamp", required=True)
STEP = column("step", "integer")
BOTH = Sync("incremental", ("moved_at", "step"), max_delete_pct=100, max_refused_pct=100)
PONTIANAK = ZoneInfo("Asia/Pontianak")


@pytest.fixture
def loads(warehouse_url: str) -> Loads:
    return Loads(Warehouse(warehouse_url), contract(KEY, MOVED, STEP, sync=BOTH))


def sync(loads: Loads, source: "Rows | Folder", window: Window | None = None) -> Load:
    load_id = landing.land(loads.warehouse, loads.contract, source, window)
    loads.validate(load_id)
    return loads.apply(load_id)


def test_the_second_column_decides_where_the_first_is_equal(loads: Loads) -> None:
    day = "2024-01-01 10:00:00"
    first = loads.sync(
        ("1", day, "9"), ("2", "2024-01-01 09:00:00", "99"), ("3", day, "10"), ("4", day, None)
    )
    assert first.watermark == f'["{day}", "10"]'
    source = Rows([("3", day, "10"), ("5", day, "9")])
    second = sync(loads, source)
    asked = source.requests[0]
    assert (asked.since, asked.since_all, asked.until) == (day, (day, "10"), None)
    assert counts(second) == {"added": 1, "confirmed": 1}
    assert loads.query("SELECT watermark FROM ops.dataset") == [(f'["{day}", "10"]',)], "never back"
    sync(loads, Rows([("6", "2024-01-01 10:00:01", "1")]))
    assert loads.query("SELECT watermark FROM ops.dataset") == [('["2024-01-01 10:00:01", "1"]',)]


def test_a_lookback_is_from_the_first_column(loads: Loads) -> None:
    looking = loads.changed(sync=replace(BOTH, lookback="PT1H"))
    looking.sync(("1", "2024-01-01 10:00:00", "9"))
    source = Rows([])
    sync(looking, source)
    assert (source.requests[0].since, source.requests[0].since_all) == ("2024-01-01 09:00:00", ())
    assert looking.query("SELECT watermark FROM ops.dataset") == [('["2024-01-01 10:00:00", "9"]',)]


def test_other_columns_begin_anew(loads: Loads) -> None:
    loads.sync(("1", "2024-01-01 10:00:00", "9"))
    turned = loads.changed(sync=replace(BOTH, watermark=("step", "moved_at")))
    source = Rows([("1", "2024-01-01 10:00:00", "9")])
    sync(turned, source)
    assert source.requests[0].since is None
    assert turned.query("SELECT watermark FROM ops.dataset") == [('["9", "2024-01-01 10:00:00"]',)]


def test_a_window_is_a_load_that_leaves_the_watermark(loads: Loads) -> None:
    loads.sync(("1", "2024-03-01 10:00:00", "1"), ("2", "2024-01-05 10:00:00", "1"))
    window = watermarks.window(loads.contract, "2024-01-01", "2024-02-01T00:00", PONTIANAK)
    source = Rows([("2", "2024-01-05 10:00:00", "2"), ("3", "2024-01-06 10:00:00", "1")])
    load = sync(loads, source, window)
    asked = source.requests[0]
    assert (asked.since, asked.until, asked.since_all) == ("2024-01-01 00:00:00", "2024-02-01 00:00:00", ())
    assert counts(load) == {"added": 1, "changed": 1}
    assert loads.query("SELECT watermark FROM ops.dataset") == [('["2024-03-01 10:00:00", "1"]',)]
    after = Rows([])
    sync(loads, after)
    assert after.requests[0].since == "2024-03-01 10:00:00"


def test_a_window_before_the_first_load_and_after_a_change_of_columns(loads: Loads) -> None:
    window = Window("2024-01-01 00:00:00", "2024-02-01 00:00:00")
    sync(loads, Rows([("1", "2024-01-05 10:00:00", "1")]), window)
    everything = Rows([("1", "2024-01-05 10:00:00", "1")])
    sync(loads, everything)
    assert everything.requests[0].since is None
    wider = loads.changed(columns=(KEY, MOVED, STEP, column("note")))
    with pytest.raises(SyncRefused, match=r"has other columns .* `lumbung sync test\.rows` first"):
        sync(wider, Rows([]), window)
    assert wider.query("SELECT count(*) FROM ops.load") == [(2,)]


NEW_YEAR = "2024-01-01 00:00:00"
MORNING = "2024-01-02 00:00:00+00"
LOCAL = column("at", "timestamp")
AWARE = column("at", "timestamp", options={"defaultTimezone": "Asia/Jayapura"})


@pytest.mark.parametrize(
    ("clock", "since", "until", "found"),
    [
        (column("at", "integer"), "7", "0012", ("7", "12")),
        (column("at", "date"), "2024-01-01", "2024-02-01", ("2024-01-01", "2024-02-01")),
        (LOCAL, "2024-01-01", "2024-01-01T12:30", ("2024-01-01 00:00:00", "2024-01-01 12:30:00")),
        (LOCAL, "2024-01-01T00:00Z", "2024-01-02", ("2024-01-01 07:00:00", "2024-01-02 00:00:00")),
        (AWARE, "2024-01-01", "2024-01-02", ("2023-12-31 15:00:00+00", "2024-01-01 15:00:00+00")),
        (AWARE, "2024-01-01T00:00:00.5Z", "2024-01-02T00:00Z", (NEW_YEAR + ".500000+00", MORNING)),
    ],
)  # fmt: skip
def test_bounds_are_read_as_the_watermark_is(
    clock: Column, since: str, until: str, found: tuple[str, str]
) -> None:
    described = contract(KEY, clock, sync=Sync("incremental", ("at",)))
    assert watermarks.window(described, since, until, PONTIANAK) == Window(*found)


@pytest.mark.parametrize(
    ("said", "since", "until", "told"),
    [
        (Sync(), "2024-01-01", "2024-02-01", "need mode incremental or append"),
        (Sync("incremental", ()), "2024-01-01", "2024-02-01", r"need a sync\.watermark"),
        (BOTH, "2024-02-01", "2024-02-01", "is empty"),
        (BOTH, "2024-02-01", "2024-01-01", "is empty"),
        (BOTH, "yesterday", "2024-01-01", "'yesterday' is no bound .* moved_at takes a date or time"),
        (replace(BOTH, watermark=("step",)), "2024-01-01", "2024-02-01", "step takes a whole number"),
    ],
)
def test_windows_that_are_none(said: Sync, since: str, until: str, told: str) -> None:
    with pytest.raises(SyncRefused, match=f"^test.rows: .*{told}"):
        watermarks.window(contract(KEY, MOVED, STEP, sync=said), since, until, PONTIANAK)


@pytest.mark.parametrize(
    ("clock", "found"),
    [
        (column("at", "date"), Window("2024-01-01", "2024-01-03")),
        (column("at", "timestamp"), Window("2024-01-01 01:00:00", "2024-01-02 01:00:00")),
        (AWARE, Window("2023-12-31 18:00:00+00", "2024-01-01 18:00:00+00")),
        (column("at", "integer"), None),
    ],
)
def test_the_window_of_an_interval_of_time(clock: Column, found: Window | None) -> None:
    described = contract(KEY, clock, sync=Sync("incremental", ("at",)))
    start, end = datetime(2023, 12, 31, 18, tzinfo=UTC), datetime(2024, 1, 1, 18, tzinfo=UTC)
    assert watermarks.interval(described, start, end, PONTIANAK) == found


@dataclass
class Folder:
    """Files of rows as a connector with `pick: new` reads them: each whose content is not known."""

    files: dict[str, Sequence[Row]]
    requests: list[Request] = field(default_factory=list)

    @contextmanager
    def open(self, request: Request) -> Iterator[Extract]:
        """The rows of the new files as COPY text."""
        self.requests.append(request)
        read = [
            FileRead(name, hashlib.sha256(repr(rows).encode()).hexdigest(), len(rows))
            for name, rows in self.files.items()
        ]
        new = [file for file in read if file.sha256 not in request.known]
        rows = [row for file in new for row in self.files[file.name]]
        names = request.contract.names
        yield Extract(names, names, encode_rows(rows), files=tuple(new))


def test_files_are_known_by_their_content(warehouse_url: str) -> None:
    described: Contract = contract(
        KEY, column("name"), read=Read(pick="new"), sync=Sync("incremental", max_refused_pct=100)
    )
    loads = Loads(Warehouse(warehouse_url), described)
    folder = Folder({"may.csv": [("1", "a")]})
    first = sync(loads, folder)
    assert loads.query("SELECT lineage #>> '{files,0,name}' FROM ops.load") == [("may.csv",)]
    folder.files |= {"may again.csv": [("1", "a")]}
    again = sync(loads, folder)
    assert (again.state, again.read_count, counts(again)) == ("applied", 0, {})
    folder.files |= {"june.csv": [("2", None), ("x", "b")]}
    june = sync(loads, folder)
    assert (june.read_count, counts(june)) == (2, {"added": 1, "quarantined": 1})
    assert len(folder.requests[-1].known) == 1
    assert first.load_id < again.load_id
    wider = loads.changed(columns=(KEY, column("name"), column("note")))
    folder.files = {"may.csv": [("1", "a", "x")]}
    sync(wider, folder)
    assert folder.requests[-1].known == frozenset(), "every file is read again for the new column"


def test_files_of_a_load_that_was_refused_are_not_known(warehouse_url: str) -> None:
    described = contract(KEY, column("name"), read=Read(pick="new"), sync=Sync("incremental"))
    loads, folder = Loads(Warehouse(warehouse_url), described), Folder({"may.csv": [("x", "a")]})
    with pytest.raises(LoadRefused, match="maxRefusedPct"):
        sync(loads, folder)
    with pytest.raises(LoadRefused, match="maxRefusedPct"):
        sync(loads, folder)
    assert folder.requests[-1].known == frozenset()
