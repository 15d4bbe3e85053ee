"""Where a use of the command line begins and ends: errors become one line and an exit code."""

import io
import os
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from lumbung.cli.exits import ExitCode, exit_of
from lumbung.cli.session import Session
from lumbung.errors import WarehouseError
from schemas.errors import LumbungError

_ERRORS = "cli-errors.log"


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command (`sys.argv` without arguments) and exit with one of the codes in `ExitCode`."""
    from lumbung.cli.app import command

    session = Session()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without UTF-8 shows an escape rather than ending the command.
            stream.reconfigure(errors="backslashreplace")
    try:
        command().main(args=arguments, prog_name="lumbung", obj=session)
        sys.exit(ExitCode.FINE)
    except LumbungError as error:
        _end(str(error), exit_of(error))
    except KeyboardInterrupt:
        _end("interrupted", ExitCode.INTERRUPTED)
    except Exception as error:
        # The last line of defence: nobody but a developer wants a traceback.
        if os.environ.get("LUMBUNG_DEBUG") == "1":
            raise
        known = _from_a_driver(error)
        if known:
            _end(str(known), exit_of(known))
        _end(_unexpected(error, session), ExitCode.BUG)


def _end(text: str, code: ExitCode) -> NoReturn:
    for line in text.splitlines():
        sys.stderr.write(f"lumbung: {line}\n")
    sys.exit(code)


def _from_a_driver(error: Exception) -> WarehouseError | None:
    """A lost warehouse, which reports meet unprepared. Its own words may quote rows, so they are not told."""
    import psycopg
    import sqlalchemy.exc

    if isinstance(error, sqlalchemy.exc.OperationalError | psycopg.OperationalError):
        return WarehouseError(f"The warehouse broke off ({type(error).__name__}); try again.")
    return None


def _unexpected(error: Exception, session: Session) -> str:
    said = f"unexpected {type(error).__name__}, an error inside Lumbung"
    try:
        log = _log(error, session.settings.home)
    except (OSError, LumbungError):
        return f"{said}; LUMBUNG_DEBUG=1 shows where"
    return f"{said}; {log} says where, LUMBUNG_DEBUG=1 shows all of it"


def _log(error: Exception, home: Path) -> Path:
    """Note where it happened. Not what the errors say: that may quote rows or addresses."""
    folder = home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    chain: list[BaseException] = [error]
    while cause := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(cause)
    with (folder / _ERRORS).open("a", encoding="utf-8") as file:
        file.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {type(error).__name__}\n")
        for one in reversed(chain):
            file.writelines(traceback.format_tb(one.__traceback__))
            file.write(f"{type(one).__module__}.{type(one).__qualname__}\n")
    return folder / _ERRORS
