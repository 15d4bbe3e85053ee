"""Personal values of refused rows, made unusable for lists, messages and the screen."""

from schemas.contract import Contract
from schemas.personal import without_numbers

#: In place of a personal value: its length is personal too.
MASK = "••••••••"
#: A NIK or a family card's number begins with the code of the kecamatan that issued it; that much may be
#: told, as it names nobody. Permendagri on population numbers: 16 digits, 6 of them the region.
_NIK_LENGTH = 16
_REGION_LENGTH = 6


def masked(value: str) -> str:
    """The value made unusable: of a NIK or family card the region stays, of anything else nothing."""
    if len(value) == _NIK_LENGTH and value.isascii() and value.isdecimal():
        return value[:_REGION_LENGTH] + "•" * (_NIK_LENGTH - _REGION_LENGTH)
    return MASK


def masked_key(row_key: str, contract: Contract | None) -> str:
    """The key of a quarantine entry with its personal parts masked.

    Without a contract (it was taken out of the project) nobody knows what is personal: all of it then.
    """
    if contract is None:
        return masked(row_key)
    columns = [contract.column(name) for name in contract.key]
    if not any(column.is_personal for column in columns):
        return without_numbers(row_key)
    parts = row_key.split("|")
    if len(parts) != len(columns):
        return MASK
    shown = (
        masked(part) if column.is_personal else without_numbers(part)
        for part, column in zip(parts, columns, strict=True)
    )
    return "|".join(shown)


def masked_row(row: dict[str, str], contract: Contract | None) -> dict[str, str]:
    """A refused row as it came, its personal values masked; so is a fault, which repeats the raw text."""
    personal = _personal(contract)
    if personal is None:
        return {name: masked(value) for name, value in row.items()}
    # A NIK may stand in a column that is meant for something else.
    return {
        name: masked(value) if name in personal else without_numbers(value) for name, value in row.items()
    }


def _personal(contract: Contract | None) -> frozenset[str] | None:
    """Names that hold personal values; None when that isn't known."""
    if contract is None:
        return None
    names = frozenset(column.name for column in contract.columns if column.is_personal)
    return names | {"row_fault"} if names else names
