"""What can go wrong at a source. Messages name the connection and the dataset, never a secret."""

from schemas.errors import LumbungError


class SourceError(LumbungError):
    """The source can't be read; nothing of the load is kept."""


class SourceUnavailable(SourceError):
    """The source did not answer, or broke off: worth another try later."""


class SourceRefused(SourceError):
    """Wrong password, missing permission, missing table or column: somebody has to act."""


class SourceMalformed(SourceError):
    """What came is not what the contract says: empty file, no header, truncated JSON, HTML, ..."""
