"""`contract accept`: a source's changes written into its contract, after a person has agreed to them."""

from collections.abc import Callable, Collection, Sequence

from lumbung import contract_edits as edits
from lumbung.contract_edits import NewColumn
from lumbung.drafting.naming import column_names
from lumbung.drift import Change, Shape
from lumbung.errors import EditRefused
from schemas.contract import Contract

#: From a source's native type to logicalType and physicalType.
Typing = Callable[[str], tuple[str, str]]
#: What a contract says nothing about, so there is nothing to write.
SILENT = ("nullability", "key")


def accepted(
    text: str, contract: Contract, changes: Sequence[Change], typing: Typing, only: Collection[str] = ()
) -> str:
    """The contract's text with the changes in it, its version raised; with `only`, those of these columns.

    Raises `EditRefused` when a column named in `only` did not change, and when the key would go.
    """
    known = {change.column for change in changes}
    for name in sorted(set(only) - known):
        raise EditRefused(f"{name} did not change; what changed: {', '.join(sorted(known)) or 'nothing'}")
    wanted = [c for c in changes if (not only or c.column in only) and c.kind not in SILENT]
    for change in wanted:
        text = _with(text, contract, change, typing)
    return edits.bumped(text) if wanted else text


def shape_accepted(
    now: Shape | None, known: Shape | None, changes: Sequence[Change], only: Collection[str]
) -> Shape | None:
    """What to remember of the source's catalogue: with `only`, the other changes are still to be told."""
    if now is None or known is None or not only:
        return now
    left = {change.column for change in changes} - set(only)
    return {column: known.get(column, said) if column in left else said for column, said in now.items()}


def _with(text: str, contract: Contract, change: Change, typing: Typing) -> str:
    if change.kind == "dropped":
        return edits.without_column(text, change.name)
    if change.kind == "renamed":
        return edits.with_source_name(text, change.name, change.after)
    logical, physical = typing(change.after)
    if change.kind == "retyped":
        return edits.with_type(text, change.name, logical, physical)
    name = column_names([*contract.names, change.column])[-1]
    return edits.with_column(text, NewColumn(name, change.column, logical, physical))
