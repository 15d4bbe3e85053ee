"""What no JSON schema can say about a contract's part in the population register."""

import re
from collections.abc import Iterator

from schemas.contract import Contract
from schemas.register import NEEDED

Refusal = tuple[str, str]

_WHERE = "customProperties.register"
#: The types that a field's column may have, where they are not string alone.
_NUMBERS = ("province", "regency", "district", "village")
_TYPES = {"birth_date": ("date",), "happened": ("date",), "corrects": ("integer",)} | dict.fromkeys(
    _NUMBERS, ("integer", "string")
)


def register_refusals(contract: Contract) -> Iterator[Refusal]:
    """Each (where, reason) for which the dataset can't be that part of the register."""
    register = contract.register
    if not register.part:
        return
    if contract.kind != "source":
        yield _WHERE, "is for datasets of sources; published tables read integrated.person"
    for field in NEEDED[register.part]:
        if field not in register.columns:
            yield f"{_WHERE}.{_camel(field)}", f"is missing: {register.part} are read by it"
    for field, name in register.columns.items():
        where = f"{_WHERE}.{_camel(field)}"
        if name not in contract.names:
            yield where, f"names a column {name!r} that isn't there"
        elif contract.column(name).logical_type not in (expected := _TYPES.get(field, ("string",))):
            kind = contract.column(name).logical_type
            yield where, f"{name!r} is of type {kind}; expected {' or '.join(expected)}"
    own = register.columns.get("kk_number" if register.part == "family_cards" else "key")
    if register.part != "events" and own and contract.key != (own,):
        yield _WHERE, f"expected {own!r} to be the dataset's key: it is what persons and cards are known by"


def _camel(field: str) -> str:
    return re.sub("_([a-z])", lambda letter: letter[1].upper(), field)
