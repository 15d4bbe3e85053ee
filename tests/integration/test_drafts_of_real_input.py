"""Contracts drafted from data that nobody made for the hub: they check, and syncs account for every row.

Nothing in a draft is corrected but by taking up what one of its `# EDIT:` comments offers, listed here.
"""

import csv
import re
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest

from connectors.base import Connection
from connectors.connection import parse_connection
from lumbung.drafting.drafts import Wanted, Written, draft
from lumbung.errors import LoadRefused
from lumbung.ledger import Load
from lumbung.pipeline import Hub, open_hub, sync
from lumbung.settings import Settings
from schemas.catalogue import load_catalogue
from tests.services import corpus, mariadb_database, postgres_database

pytestmark = [pytest.mark.corpus, pytest.mark.slow]

GUARD = "maxRefusedPct: 100"
#: Choices that drafts offer below an `# EDIT:` comment, and that are taken up here.
EDITS: dict[str, list[str]] = {
    # Six rows of a form, of which four are captions and signatures.
    "tabular.format_anggaran_kas": [GUARD],
    # A third of it stands three times, each time with another value.
    "tabular.indikator_trailing_comma": [GUARD],
}
Count = Callable[[Written], int]


@dataclass
class Trial:
    """A project whose contracts are drafted, and a warehouse to sync them to."""

    folder: Path
    warehouse_url: str

    def drafted(self, target: str, connection: Connection | None = None, source: str = "") -> list[Written]:
        """Draft from the target into the project, take up the listed edits, and check everything."""

        def resolve(_: str) -> Connection:
            assert connection is not None
            return connection

        (self.folder / "schemas").mkdir(parents=True, exist_ok=True)
        written = []
        for item in draft(Wanted(target, source=source), self.folder, resolve):
            assert isinstance(item, Written), item
            written.append(item)
            text = item.file.read_text("utf-8")
            for choice in EDITS.get(item.draft.id, ()):
                text = taken_up(text, choice)
            item.file.write_text(text, encoding="utf-8")
        load_catalogue(self.folder)
        return written

    def synced(self, written: list[Written], count: Count, connection: Connection | None = None) -> Hub:
        """Sync every dataset, parents first, and hold its books against an independent count."""
        settings = Settings(self.folder, self.folder / "var", self.warehouse_url)
        hub = open_hub(settings, (lambda _: connection) if connection else None)
        drafted = {item.draft.id: item for item in written}
        for dataset in hub.catalogue.sources:
            if dataset not in drafted:
                continue
            expected = count(drafted[dataset])
            if expected == 0:
                with pytest.raises(LoadRefused, match="not empty"):
                    sync(hub, dataset)
            else:
                load = sync(hub, dataset)
                tell(load, EDITS.get(dataset, []), hub)
                parts = (
                    load.staged_count,
                    load.quarantined_count,
                    load.filtered_count,
                    load.superseded_count,
                )
                assert load.state == "applied"
                assert load.read_count == sum(part or 0 for part in parts)
                assert load.read_count == expected
        return hub


@pytest.fixture
def trial(tmp_path: Path, warehouse_url: str) -> Trial:
    """An empty project on a fresh warehouse."""
    return Trial(tmp_path, warehouse_url)


def taken_up(text: str, choice: str) -> str:
    """The draft with a choice taken up that stands, behind a #, right below an `# EDIT:` comment."""
    pattern = rf"((?:^ *# EDIT: .*\n)(?:^ *#   .*\n)*)^( *)# ({re.escape(choice)}.*)$"
    changed, found = re.subn(pattern, r"\1\2\3", text, flags=re.MULTILINE)
    assert found == 1, f"no # EDIT: offers {choice}"
    return changed


def tell(load: Load, edits: list[str], hub: Hub) -> None:
    """A line of the table of results, for whoever runs this with -s."""
    counts = (load.read_count, load.quarantined_count, load.filtered_count, load.superseded_count)
    print(f"| {load.dataset} | {' | '.join(map(str, counts))} | {'; '.join(edits)} |")  # noqa: T201


def test_northwind_on_postgresql(trial: Trial) -> None:
    with postgres_database() as url:
        _fill(url, "northwind_psql.sql")
        connection = parse_connection("northwind", url)
        written = trial.drafted("northwind", connection)
        assert len(written) == 14
        with psycopg.connect(url) as link:
            trial.synced(written, lambda item: _counted(link, item.draft.physical_name), connection)


def test_chinook_on_postgresql(trial: Trial) -> None:
    with postgres_database() as url:
        script = (corpus() / "sql" / "Chinook_PostgreSql.sql").read_text("utf-8-sig")
        script = re.sub(r"(?mi)^(DROP DATABASE|CREATE DATABASE|\\c) .*;?$", "", script)
        with psycopg.connect(url, autocommit=True) as link:
            link.execute(script)  # type: ignore[call-overload]
            connection = parse_connection("chinook", url)
            written = trial.drafted("chinook", connection)
            assert len(written) == 11
            trial.synced(written, lambda item: _counted(link, item.draft.physical_name), connection)


def test_chinook_on_mariadb(trial: Trial) -> None:
    script = (corpus() / "sql" / "Chinook_MySql.sql").read_text("utf-8-sig")
    script = re.sub(r"(?mi)^(DROP DATABASE|CREATE DATABASE|USE) .*;$", "", script)
    with mariadb_database() as url:
        _run(url, script)
        connection = parse_connection("chinook", url)
        written = trial.drafted("chinook", connection)
        assert len(written) == 11
        trial.synced(written, lambda item: _query(url, item.draft.physical_name), connection)


def test_chinook_on_sqlite(trial: Trial) -> None:
    file = corpus() / "sql" / "Chinook_Sqlite.sqlite"
    connection = Connection("chinook", "sqlite", database=str(file))
    written = trial.drafted("chinook", connection)
    assert len(written) == 11
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as link:
        trial.synced(
            written,
            lambda item: int(
                link.execute(f'SELECT count(*) FROM "{item.draft.physical_name}"').fetchone()[0]
            ),
            connection,
        )


def test_all_regions_on_mariadb(trial: Trial) -> None:
    script = (corpus() / "regions" / "wilayah_2022.sql").read_text("utf-8")
    with mariadb_database() as url:
        _run(url, script)
        connection = parse_connection("regions", url)
        written = trial.drafted("regions", connection)
        hub = trial.synced(written, lambda item: _query(url, item.draft.physical_name), connection)
    assert _current(hub, "SELECT nama FROM current.regions__wilayah_2022 WHERE kode = '61.71.03.1002'") == [
        ("Sungaijawi Dalam",)
    ]


@pytest.mark.parametrize("folder", ["codes", "regions", "linkage"])
def test_folders_of_files(trial: Trial, folder: str) -> None:
    written = trial.drafted(str(corpus() / folder))
    hub = trial.synced(written, lambda item: _rows_of(folder, item))
    if folder == "codes":
        # The code and the name were in one cell.
        assert _current(
            hub,
            "SELECT count(*), count(*) FILTER (WHERE subkegiatan_code LIKE kegiatan_code || '.%'), "
            "count(subkegiatan_name) FROM current.codes__nomenklatur_subkegiatan_2027",
        ) == [(7581, 7581, 7581)]


def _current(hub: Hub, query: str) -> list[tuple[Any, ...]]:
    with hub.warehouse.connect() as session:
        return session.execute(query).fetchall()  # type: ignore[call-overload]


def _rows_of(folder: str, item: Written) -> int:
    """The rows below the header that hold anything, by a reader of the test's own."""
    path = corpus() / folder / item.draft.read["files"]
    first = item.draft.read.get("headerRow", 1) + item.draft.read.get("headerRows", 1)
    first -= item.draft.read.get("headerRow", 1) == 0
    if path.suffix == ".csv":
        with path.open(encoding=item.draft.read.get("encoding", "utf-8-sig"), newline="") as file:
            reader = csv.reader(file, delimiter=item.draft.read.get("delimiter", ","))
            return sum(1 for row in reader if reader.line_num >= first and any(row))
    book = openpyxl.load_workbook(path, read_only=False, data_only=True)
    try:
        rows = book[item.draft.physical_name].iter_rows(min_row=first, values_only=True)
        return sum(any(cell is not None for cell in row) for row in rows)
    finally:
        book.close()


def test_reports_and_tables_of_agencies(trial: Trial) -> None:
    written = trial.drafted(str(corpus() / "tabular"))
    trial.synced(written, lambda item: _rows_of("tabular", item))


def _fill(url: str, script: str) -> None:
    file = corpus() / "sql" / script
    psql = ["psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", str(file), url]
    subprocess.run(psql, check=True, stdout=subprocess.DEVNULL)


def _counted(link: psycopg.Connection[Any], table: str) -> int:
    row = link.execute(f'SELECT count(*) FROM "{table}"').fetchone()  # type: ignore[call-overload]
    assert row is not None
    return int(row[0])


def _link(url: str) -> Any:
    import mysql.connector

    c = parse_connection("test", url)
    return mysql.connector.connect(
        host=c.host, port=c.port or 3306, user=c.user, password=c.password, database=c.database,
        charset="utf8mb4", collation="utf8mb4_general_ci",
    )  # fmt: skip


def _run(url: str, script: str) -> None:
    with closing(_link(url)) as link, link.cursor() as cursor:
        cursor.execute(script)
        while cursor.nextset():
            pass
        link.commit()


def _query(url: str, table: str) -> int:
    with closing(_link(url)) as link, link.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM `{table}`")
        return int(cursor.fetchone()[0])
