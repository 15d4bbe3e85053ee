"""What can go wrong at a source. Messages name the connection and the dataset, never a secret."""

from schemas.errors import LumbungError


class SourceError(LumbungError):
    """The source can't be read; nothing of the load is kept."""


class SourceUnavailable(SourceError):
    """The source did not answer, or broke off: worth another try later."""


class SourceRefused(SourceError):
    """Wrong password, missing permission, missing table or column: somebody has to act."""


class ColumnsMissing(SourceRefused):
    """The source lacks columns that the contract declares: `columns`, and it has `found`."""

    def __init__(self, message: str, columns: tuple[str, ...], found: tuple[str, ...]) -> None:
        super().__init__(message)
        self.columns = columns
        self.found = found


class SourceMalformed(SourceError):
    """What came is not what the contract says: empty file, no header, truncated JSON, HTML, ..."""


def place(connection_id: str, dataset: str = "") -> str:
    """How messages begin: the dataset, where one is read, and the connection."""
    return f"{dataset}: connection {connection_id}" if dataset else f"connection {connection_id}"
