"""A dataset's keys alone, as a reconcile reads them: of which datasets they can be had, and how."""

from dataclasses import replace

from connectors.registry import DATABASES
from lumbung.errors import SyncRefused
from schemas.contract import Contract, Sync


def keys_of(contract: Contract) -> Contract:
    """The contract as far as it speaks of the key: its columns, and how they are read."""
    key, read = contract.key, contract.read
    return replace(
        contract,
        columns=tuple(contract.column(name) for name in key),
        references=(),
        quality=(),
        read=replace(
            read,
            filters=tuple(item for item in read.filters if item.column in key),
            extract={name: pattern for name, pattern in read.extract.items() if name in key},
        ),
        # Copies of a key say no more than one of them.
        sync=Sync(duplicates="last"),
    )


def refuse_unless_readable(contract: Contract) -> None:
    """Raise `SyncRefused` when the dataset's keys can't be read apart from its rows, or need not be."""
    if contract.sync.mode == "snapshot":
        raise SyncRefused(
            f"{contract.id}: mode snapshot reads all keys in every load; `lumbung sync {contract.id}`"
        )
    kind = contract.server.kind if contract.server else ""
    if kind not in DATABASES:
        # Of a file or an API the whole would have to be read, and what pick or since leave out looks gone.
        raise SyncRefused(
            f"{contract.id}: keys alone can be read from databases, not from {kind}; where the source can be "
            "read as a whole, mode snapshot finds what is gone"
        )
