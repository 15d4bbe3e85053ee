"""What can't work in how a contract picks its files."""

import re
from collections.abc import Iterator

from schemas.contract import Contract, Read

Refusal = tuple[str, str]

#: Kinds of source that are no files, or of which one file is all.
WITHOUT_FILES = ("postgres", "mysql", "sqlserver", "oracle", "sqlite", "api")
_WHERE = "customProperties.read"
_OUT = re.compile(r"[/\\]|[A-Za-z]:|(.*[/\\])?\.\.([/\\]|$)")


def file_refusals(contract: Contract) -> Iterator[Refusal]:
    """Each (where, reason) for which the contract's files can't be picked as it says."""
    read, server = contract.read, contract.server
    if server is not None and server.kind in WITHOUT_FILES:
        for name in _said(read):
            yield f"{_WHERE}.{name}", f"is for files; this source is of kind {server.kind}"
    if read.pick == "new" and contract.sync.mode == "snapshot":
        yield (
            f"{_WHERE}.pick",
            "new leaves out what was read before, which a snapshot would remove; set sync.mode to "
            "incremental or append, or pick to all or newest",
        )
    for name, pattern in (("files", read.files), ("manifest.file", read.manifest and read.manifest.file)):
        if pattern and _OUT.match(pattern):
            yield f"{_WHERE}.{name}", f"{pattern!r} leads out of the source's folder"


def _said(read: Read) -> list[str]:
    said = {"files": read.files, "pick": read.pick != "all", "members": read.members}
    return [name for name, value in (said | {"manifest": read.manifest}).items() if value]
