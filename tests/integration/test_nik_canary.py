"""No marked NIK and no marked name is anywhere but where people's data belongs.

Marked people are in a register and in permits: where they belong, in refused rows, in columns meant for
something else, in texts, in what a source says as it fails. Syncs, refused loads, releases and commands come
over it; then everything that anybody could read is searched. Allowed are the hub's own rooms with people's
data (`landing`, `staging`, `history`, `current`, `quarantine`, `identity`, and `integrated` in `release`,
which only the hub reads), and the defect lists for the data's owner.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.canary_city import MARK, NAME, CanaryCity, marked
from tests.conftest import TEMPLATE, VERSIONS, Servers
from tests.services import postgres_database

pytestmark = pytest.mark.airflow

DATASETS = (
    "siak.family_cards", "siak.residents", "siak.foreigners", "siak.events", "perizinan.permits",
    "perizinan.permit_events", "perizinan.steps", "perizinan.declarations",
)  # fmt: skip
COMMANDS = (
    ("status",), ("links", "status"), ("links", "review"), ("links", "review", "--json"),
    ("links", "decisions"), ("person", "candidates"), ("person", "decisions"), ("quarantine", "list"),
    ("quarantine", "list", "--json"), ("release", "list"), ("contract", "drift"),
    ("contract", "show", "perizinan.permits"),
    ("contract", "try", "perizinan.permits"), ("lineage", "published.permits_by_kelurahan"),
)  # fmt: skip


@pytest.fixture(scope="module")
def city(embedded_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CanaryCity]:
    """The city, after everything."""
    folder = tmp_path_factory.mktemp("canary")
    with embedded_servers.database(VERSIONS[0], TEMPLATE) as warehouse, postgres_database() as siak:
        city = CanaryCity(folder, warehouse, siak)
        city.make()
        city.run()
        for dataset in DATASETS:
            city.accept(dataset)
        assert city.command("publish") == 0, list(city.said.values())[-1]
        for command in COMMANDS:
            city.command(*command)
        for (entry,) in city.query("SELECT entry_id FROM quarantine.entry"):
            city.command("quarantine", "show", str(entry))
        city.command("dictionary", "--out", str(city.home / "dictionary"))
        _fail(city)
        yield city


def _fail(city: CanaryCity) -> None:
    """Sources that change, break, and say people's numbers as they do."""
    for change in (
        f"ALTER TABLE permohonan RENAME COLUMN kelurahan TO 'kelurahan {marked(20)}'",
        "DROP TABLE permohonan",
    ):
        with closing(sqlite3.connect(city.folder / "perizinan.db")) as link:
            link.execute(change)
            link.commit()
        assert city.command("sync", "perizinan.permits") != 0
        city.command("contract", "drift", "perizinan.permits")
    with psycopg.connect(city.siak_url, autocommit=True) as link:
        link.execute("ALTER TABLE biodata_wni RENAME TO biodata")
        columns = '"NIK"::integer::text AS "NIK", "NO_KK"'
        link.execute(f"CREATE VIEW biodata_wni AS SELECT {columns} FROM biodata".encode())
    assert city.command("sync", "siak.residents") != 0
    assert city.command("contract", "try", "siak.residents") != 0
    assert city.command("person", "merge", marked(1), marked(4), "--by", "Rina", "--reason", "tried") != 0


def found_in(text: str) -> bool:
    return MARK in text or NAME in text.upper()


def test_the_canaries_are_where_they_belong(city: CanaryCity) -> None:
    """Otherwise nothing that follows says anything."""
    for schema in ("history", "current", "quarantine", "identity"):
        assert any(found_in(row) for _, row in city.texts(schema)), schema
    refused = "SELECT count(*) FROM quarantine.entry WHERE rows::text LIKE '%{}%'"
    assert city.query(refused.format(MARK))[0] >= (10,)
    kinds = city.query("SELECT DISTINCT kind FROM identity.record_finding WHERE to_run_id IS NULL")
    assert {"nik_of_somebody_else", "disagreement"} <= {kind for (kind,) in kinds}


@pytest.mark.parametrize("schema", ["published", "api", "ops"])
def test_no_table_that_is_read_by_others(city: CanaryCity, schema: str) -> None:
    assert {name for name, row in city.texts(schema) if found_in(row)} == set()


def test_no_relation_of_a_release(city: CanaryCity) -> None:
    """What the hub integrates has names, but no NIK either: it speaks of people by their ids."""
    rows = list(city.texts("release"))
    assert {name for name, row in rows if MARK in row} == set()
    assert {name for name, row in rows if NAME in row and not name.startswith("release.integrated_")} == set()


def test_what_landed_is_gone_when_it_was_applied(city: CanaryCity) -> None:
    left = city.query(
        "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
        "JOIN ops.load l ON c.relname = replace(l.dataset, '.', '__') || '__l' || l.load_id "
        "WHERE nspname IN ('landing', 'staging') AND l.state = 'applied'"
    )
    assert left == []


def test_nothing_that_was_said(city: CanaryCity) -> None:
    assert len(city.said) > len(COMMANDS)
    assert {name for name, text in city.said.items() if found_in(text)} == set()


def test_no_file_but_the_defect_lists(city: CanaryCity) -> None:
    """Logs of runs and tasks, Data Docs with their results, lineage, the dictionary."""
    files = [file for file in city.home.rglob("*") if file.is_file()]
    assert {file.relative_to(city.home).parts[0] for file in files} >= {"data_docs", "logs", "feedback"}
    held = {file.relative_to(city.home) for file in files if _holds(file)}
    assert {file.parts[0] for file in held} == {"feedback"}, held
    # Whose they are may read them, and nobody else.
    assert {(city.home / file).stat().st_mode & 0o077 for file in held} == {0}


def test_no_log_of_the_server(city: CanaryCity, embedded_servers: Servers) -> None:
    """PostgreSQL quotes rows in what it says of errors."""
    logs = list(embedded_servers.home(VERSIONS[0]).rglob("*.log"))
    assert logs
    assert not any(_holds(file) for file in logs)


def _holds(file: Path) -> bool:
    return found_in(file.read_bytes().decode("utf-8", "replace"))


def test_nothing_that_airflow_keeps(city: CanaryCity) -> None:
    """Its metadata: XComs, runs, task instances, what is rendered for the browser."""
    with closing(sqlite3.connect(city.airflow / "airflow.db")) as link:
        names = [name for (name,) in link.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        dump = {name: repr(link.execute(f'SELECT * FROM "{name}"').fetchall()) for name in names}
    assert dump["xcom"] != "[]"
    assert {name for name, rows in dump.items() if found_in(rows)} == set()
    assert {file.name for file in city.airflow.rglob("*") if file.is_file() and _holds(file)} == set()
