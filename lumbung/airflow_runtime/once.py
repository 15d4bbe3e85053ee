"""One run of every DAG, in one process of its own: what `lumbung run` does.

Airflow takes seconds to import, writes to stdout as it pleases and keeps its configuration in globals, so it
gets a process of its own: its output goes to a log file, its events come back through a pipe.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, TYPE_CHECKING

from lumbung.airflow_runtime.configuration import run_environment
from lumbung.airflow_runtime.events import RunRefused, StageFailed
from lumbung.airflow_runtime.processes import own_python
from lumbung.settings import Settings
from schemas.errors import LumbungError

if TYPE_CHECKING:
    from lumbung.pipeline import LoadOutcome, ReleaseOutcome

Observer = Callable[[object], None]
_KEPT_LOGS = 20


@dataclass
class RunResult:
    """What a run came to: loads in the order they ended, the release (None when there is none).

    `log` is the file with everything that Airflow said; `seconds` is wall time.
    """

    log: Path
    loads: "list[LoadOutcome]" = field(default_factory=list)
    release: "ReleaseOutcome | None" = None
    failures: list[StageFailed] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """True when no task failed and a release came out."""
        return not self.failures and self.release is not None


def run_once(
    settings: Settings, on_event: Observer | None = None, env: Mapping[str, str] | None = None
) -> RunResult:
    """Run the sync DAGs one after another, then the publish DAG; a failed source stops no other.

    `on_event` gets each `DagStarted`, `LoadOutcome`, `StageFailed` and `ReleaseOutcome` as it happens. `env`
    is the environment to start from (default: this process's), with the sources' `AIRFLOW_CONN_*`. Airflow's
    metadata is a throwaway. Raises `LumbungError` when the run can't begin.
    """
    began = time.monotonic()
    result = RunResult(log=_log_file(settings))
    for event in _events(settings, result.log, env):
        _note(result, event)
        if on_event:
            on_event(event)
    result.seconds = time.monotonic() - began
    return result


def _note(result: RunResult, event: object) -> None:
    from lumbung.pipeline import LoadOutcome, ReleaseOutcome

    match event:
        case RunRefused(message):
            raise LumbungError(message)
        case LoadOutcome():
            result.loads.append(event)
        case ReleaseOutcome():
            result.release = event
        case StageFailed():
            result.failures.append(event)


def _log_file(settings: Settings) -> Path:
    folder = settings.home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    for old in sorted(folder.glob("run-*.log"))[:-_KEPT_LOGS]:
        old.unlink(missing_ok=True)
    return folder / f"run-{datetime.now():%Y%m%dT%H%M%S}-{os.getpid()}.log"


def _events(settings: Settings, log: Path, env: Mapping[str, str] | None) -> Iterator[object]:
    """What the run's process tells, until it ends."""
    with tempfile.TemporaryDirectory(prefix="lumbung-run-") as scratch, log.open("wb") as output:
        process_env = run_environment(settings, os.environ if env is None else env, Path(scratch))
        with _process(process_env, output) as (process, pipe):
            yield from _received(pipe)
            code = process.wait()
    if code:
        raise LumbungError(f"The run ended early (exit code {code}); {log} says why.")


@contextmanager
def _process(
    env: Mapping[str, str], output: IO[bytes]
) -> Iterator[tuple[subprocess.Popen[bytes], Connection]]:
    ours, theirs = Pipe(duplex=False)
    process = subprocess.Popen(
        [*own_python("worker"), str(theirs.fileno())],
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        pass_fds=[theirs.fileno()],
        # Ctrl-C is for the caller, who ends the run in order.
        start_new_session=True,
    )
    theirs.close()
    try:
        yield process, ours
    finally:
        process.kill()
        process.wait()
        ours.close()


def _received(pipe: Connection) -> Iterator[object]:
    try:
        while True:
            yield pipe.recv()
    except EOFError:
        return
