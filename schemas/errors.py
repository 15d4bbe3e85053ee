"""The root of the error tree, and what can be wrong with a contract."""

from pathlib import Path


class LumbungError(Exception):
    """Anything the hub refuses or fails at, worded for the person who has to act on it.

    The message is one line, names the dataset, row or field, and says what to do next. It never
    holds a secret or a personal value.
    """


class ContractError(LumbungError):
    """A contract that can't be used: which file, where in it, and why."""

    def __init__(self, file: Path, where: str, reason: str) -> None:
        self.file = file
        # Both may quote the contract, which may hold line breaks and worse.
        self.where = _printable(where)
        self.reason = _printable(reason)
        super().__init__(f"{file}: {self.where}: {self.reason}")


class ContractErrors(LumbungError):
    """Every fault found in a project's contracts, so that one reading mends them all."""

    def __init__(self, errors: list[ContractError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
