"""Airflow as a service of this machine: `lumbung up` starts it, Ctrl-C or `lumbung stop` ends all of it."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

from lumbung import embedded
from lumbung.airflow_runtime.configuration import DATABASE, live_environment
from lumbung.airflow_runtime.events import AirflowReady, AirflowStarting
from lumbung.airflow_runtime.keys import USER, kept_keys
from lumbung.airflow_runtime.processes import end_sessions, own_python
from lumbung.airflow_runtime.single import only_one
from lumbung.embedded_process import port_is_taken
from lumbung.errors import RuntimeRefused, SettingsError
from lumbung.settings import Settings

Observer = Callable[[object], None]
HOST = "127.0.0.1"
PORT = 8080
_READY_SECONDS = 240.0
#: A task that still runs this long after the stop is killed; its load starts anew next time.
_GRACE_SECONDS = 10.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Stop(BaseException):
    """Somebody asked to stop."""


@dataclass
class _Service:
    """The live Airflow's processes by name, in the order in which they stop."""

    env: Mapping[str, str]
    logs: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one component in a session of its own, so that Ctrl-C reaches only the supervisor."""
        command = own_python("component")
        with self.log(name).open("wb") as output:
            self.processes[name] = subprocess.Popen(
                [*command, *(arguments or [name])],
                env=dict(self.env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self.processes[name]

    def log(self, name: str) -> Path:
        """Where the component writes."""
        return self.logs / f"airflow-{name}.log"

    def check(self) -> None:
        """Raises `RuntimeRefused` when a component has ended by itself."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                raise RuntimeRefused(
                    f"Airflow's {name} ended by itself (code {process.returncode}); see {self.log(name)}."
                )

    def stop(self) -> None:
        """End every process, the API last: ending tasks report to it."""
        api = self.processes.pop("api-server", None)
        end_sessions(self.processes.values(), _GRACE_SECONDS)
        end_sessions([api] if api else [], _GRACE_SECONDS)


def up(settings: Settings, env: Mapping[str, str] | None = None, on_event: Observer | None = None) -> int:
    """Run Airflow until SIGINT, SIGTERM, SIGHUP or `stop`; call it from the main thread. Returns 0.

    `env` (default: this process's) brings the sources' `AIRFLOW_CONN_*`, `LUMBUNG_AIRFLOW_PORT`, and any
    `AIRFLOW__SECTION__KEY` of the deployment's own, which win over the hub's choices. `on_event` gets
    `AirflowStarting` and `AirflowReady`. Raises `LumbungError` when it can't start, or when a component ends
    by itself.
    """
    given = dict(os.environ if env is None else env)
    tell = on_event or (lambda event: None)
    port = _port(given)
    with only_one(settings.home / "airflow"), _stoppable():
        if port_is_taken(port):
            raise RuntimeRefused(
                f"{HOST}:{port} is taken by another program; end it, or set LUMBUNG_AIRFLOW_PORT."
            )
        with _embedded_server(settings):
            _serve(settings, given, port, tell)
    return 0


def _serve(settings: Settings, given: Mapping[str, str], port: int, tell: Observer) -> None:
    tell(AirflowStarting("opening the warehouse"))
    # Alembic, SQLAlchemy and the connectors: half a second that DAG files and `stop` can do without.
    from lumbung.hub import open_hub

    open_hub(settings)
    service = _service(settings, given, port)
    try:
        tell(AirflowStarting("preparing Airflow's database"))
        _migrate(service)
        tell(AirflowStarting("starting Airflow"))
        service.start("scheduler", "scheduler", "--skip-serve-logs")
        service.start("dag-processor")
        service.start("api-server", "api-server", "--host", HOST, "--port", str(port), "--workers", "1")
        _await_health(service, port)
        keys = kept_keys(settings.home / "airflow")
        tell(AirflowReady(f"http://{HOST}:{port}", USER, keys.password, service.logs))
        while True:
            service.check()
            time.sleep(0.5)
    except _Stop:
        tell(AirflowStarting("stopping"))
    finally:
        _ignore_signals()
        service.stop()


def _service(settings: Settings, given: Mapping[str, str], port: int) -> _Service:
    database = given.get(DATABASE) or _own_database(settings)
    keys = kept_keys(settings.home / "airflow")
    logs = settings.home / "logs"
    logs.mkdir(exist_ok=True)
    return _Service(live_environment(settings, given, database, keys, f"http://{HOST}:{port}"), logs)


def _own_database(settings: Settings) -> str:
    """Airflow's own database, on the embedded server even when the warehouse is elsewhere."""
    embedded.start(settings.home)
    return embedded.ensure_database(settings.home, "airflow")


def _migrate(service: _Service) -> None:
    """Bring Airflow's database up to date, in a process that ends before the others start."""
    process = service.start("database", "db", "migrate")
    code = process.wait()
    if code:
        raise RuntimeRefused(f"Airflow's database can't be prepared; {service.log('database')} says why.")
    del service.processes["database"]


def _await_health(service: _Service, port: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not _is_healthy(port):
        service.check()
        if time.monotonic() > deadline:
            raise RuntimeRefused(f"Airflow did not come up in {_READY_SECONDS:.0f} s; see {service.logs}.")
        time.sleep(0.25)


def _is_healthy(port: int) -> bool:
    try:
        with urlopen(f"http://{HOST}:{port}/api/v2/monitor/health", timeout=5) as answer:
            health = json.load(answer)
    except (URLError, TimeoutError, ConnectionError, ValueError):
        return False
    return all(health[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "dag_processor"))


def _port(given: Mapping[str, str]) -> int:
    text = given.get("LUMBUNG_AIRFLOW_PORT", "").strip() or str(PORT)
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise SettingsError(f"LUMBUNG_AIRFLOW_PORT: expected a port from 1 to 65535, got {text!r}")
    return int(text)


@contextmanager
def _embedded_server(settings: Settings) -> Iterator[None]:
    """Stop the embedded server at the end, when it is this service that started it."""
    was_running = embedded.is_running(settings.home)
    try:
        yield
    finally:
        if not was_running:
            embedded.stop(settings.home)


@contextmanager
def _stoppable() -> Iterator[None]:
    """Within it the first signal raises `_Stop`; afterwards the signals are what they were before."""
    before = {number: signal.signal(number, _raise_stop) for number in _SIGNALS}
    try:
        yield
    except _Stop:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _raise_stop(number: int, frame: FrameType | None) -> None:
    _ignore_signals()
    raise _Stop


def _ignore_signals() -> None:
    """Stopping takes seconds; a second Ctrl-C may not leave it half done."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
