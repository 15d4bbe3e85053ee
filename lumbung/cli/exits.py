"""What the exit codes of `lumbung` mean, and which error ends in which."""

from collections.abc import Iterable
from enum import IntEnum

from connectors.errors import SourceUnavailable
from lumbung.errors import LoadRefused, ReleaseBusy, ReleaseRefused, ReleaseTooEarly, WarehouseError
from schemas.errors import LumbungError


class ExitCode(IntEnum):
    """How a command ended, for scripts to act on."""

    FINE = 0
    ACT = 1
    USAGE = 2
    REFUSED = 3
    UNAVAILABLE = 4
    WAREHOUSE = 5
    BUG = 70
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.FINE: "done",
    ExitCode.ACT: "somebody has to act: a contract, a setting, a source or a file is not as it should be",
    ExitCode.USAGE: "the command line can't be used",
    ExitCode.REFUSED: "a guard or the gate refused a load or a release; the data before it stays as it was",
    ExitCode.UNAVAILABLE: "a source did not answer, or readers hold a view: try again later",
    ExitCode.WAREHOUSE: "the warehouse can't be reached or broke off",
    ExitCode.BUG: "an error inside Lumbung; LUMBUNG_DEBUG=1 shows where",
    ExitCode.INTERRUPTED: "interrupted from the keyboard",
}


def exit_of(error: LumbungError) -> ExitCode:
    """The exit code that goes with the error."""
    if isinstance(error, ReleaseTooEarly):
        return ExitCode.ACT
    if isinstance(error, LoadRefused | ReleaseRefused):
        return ExitCode.REFUSED
    if isinstance(error, SourceUnavailable | ReleaseBusy):
        return ExitCode.UNAVAILABLE
    return ExitCode.WAREHOUSE if isinstance(error, WarehouseError) else ExitCode.ACT


def exit_of_all(codes: Iterable[ExitCode]) -> ExitCode:
    """One code for several failures: theirs when they agree, else that somebody has to act."""
    found = set(codes)
    if not found:
        return ExitCode.FINE
    return found.pop() if len(found) == 1 else ExitCode.ACT
