"""Finding the contract's columns among those that a source has."""

import re
from collections.abc import Callable, Sequence

from connectors.errors import ColumnsMissing
from schemas.contract import Contract
from schemas.personal import without_numbers


def folded(name: str) -> str:
    """A header as it is compared: inner white space as one blank, outer dropped, case ignored."""
    return " ".join(name.split()).casefold()


def positions(
    contract: Contract,
    found: Sequence[str],
    fold: Callable[[str], str] = str,
    *,
    where: str,
    wanted: Sequence[str] | None = None,
) -> list[int]:
    """The place in `found` of each contract column, in contract order, or of each of the `wanted` names.

    `where` names the table or file in the message. Raises `ColumnsMissing` naming the columns that the
    contract declares and the source lacks, and those that it has.
    """
    places = {fold(name): place for place, name in reversed(list(enumerate(found)))}
    sought = [c.source_name for c in contract.columns] if wanted is None else wanted
    missing = [name for name in sought if fold(name) not in places]
    if missing:
        raise ColumnsMissing(
            f"{contract.id}: {where} has no column {_listed(missing)}; it has {_listed(found) or 'none'}. "
            "Correct physicalName in the contract, or ask the owner what became of the column",
            tuple(missing),
            tuple(found),
        )
    return [places[fold(name)] for name in sought]


def without_offset(since: str) -> str:
    """A watermark that is a timestamp, as sources write it that know no offsets; others as they are."""
    return re.sub(r"^(\d{4}-\d\d-\d\d)[ T](.*?)(Z|[+-]\d\d(:?\d\d)?)?$", r"\1 \2", since)


def _listed(names: Sequence[str], most: int = 60) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    # Of a file without a header line these are the values of its first row.
    return without_numbers(", ".join(names[:most])) + more
