"""What may be told of a rule that did not pass: counts and row numbers, never a personal value."""

import datetime
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from expectations.rules import Rule
from schemas.contract import Contract

#: Keys of a GX result that count rows.
_COUNTS: Final = (
    "element_count", "missing_count", "missing_percent", "unexpected_count", "unexpected_percent",
    "unexpected_percent_total", "unexpected_percent_nonmissing",
)  # fmt: skip
#: Numbers with more digits may be a NIK, a family card's or a telephone number.
_MAX_DIGITS: Final = 11
_WITHHELD: Final = "withheld"
#: PostgreSQL's complaints that speak of the rule's own SQL and never quote data.
_SAFE_ERRORS: Final = (
    "UndefinedColumn", "UndefinedTable", "UndefinedFunction", "UndefinedObject", "AmbiguousColumn",
    "SyntaxError", "GroupingError", "InvalidSchemaName", "InsufficientPrivilege", "QueryCanceled",
    "ReadOnlySqlTransaction",
)  # fmt: skip
_DRIVER_ERROR = re.compile(r"\((?:psycopg|sqlalchemy)[\w.]*\.(\w+)\) ([^\n]*)")


def observed(rule: Rule, contract: Contract, result: Mapping[str, Any]) -> dict[str, Any]:
    """What GX observed, as plain JSON: of our own queries the row they give, else counts and value."""
    rows = (result.get("details") or {}).get("rows")
    if rows is not None:
        found = dict(rows[0]) if rows else {}
    else:
        found = {key: result[key] for key in _COUNTS if key in result}
        if "observed_value" in result:
            found["observed_value"] = result["observed_value"]
    if not contract.is_personal:
        return {key: _plain(value) for key, value in found.items()}
    if _names_personal_column(rule, contract):
        found.pop("observed_value", None)
    return {key: _scrubbed(value, contract) for key, value in found.items()}


def error_of(exception_info: Mapping[str, Any]) -> str | None:
    """One line on why a rule could not be judged, or None when it could.

    PostgreSQL quotes data in some complaints (`invalid input syntax for type date: "..."`); of these
    only the kind is told.
    """
    infos = [exception_info] if "raised_exception" in exception_info else list(exception_info.values())
    raised = [info for info in infos if info.get("raised_exception", True)]
    if not raised:
        return None
    text = str(raised[0].get("exception_message") or "")
    found = _DRIVER_ERROR.search(text)
    if found is None:
        return "an error inside the rule"
    kind, message = found.groups()
    return f"{kind}: {message}" if kind in _SAFE_ERRORS else kind


def told(values: Mapping[str, Any]) -> str:
    """`{'violations': 3, 'row_numbers': [1, 2]}` as `violations 3, row_numbers 1, 2`."""
    return ", ".join(f"{key} {_text(value)}" for key, value in values.items()) or "otherwise"


def _names_personal_column(rule: Rule, contract: Contract) -> bool:
    named = {getattr(rule.expectation, argument, None) for argument in ("column", "column_A", "column_B")}
    return any(column.is_personal for column in contract.columns if column.name in named)


def _scrubbed(value: object, contract: Contract) -> object:
    if isinstance(value, list | tuple):
        return [_scrubbed(item, contract) for item in value]
    plain = _plain(value)
    if isinstance(plain, str):
        return plain if plain in contract.names else _WITHHELD
    if isinstance(plain, int | float) and abs(plain) >= 10**_MAX_DIGITS:
        return _WITHHELD
    return plain


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else round(float(value), 6)
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return f"{value:,}" if isinstance(value, int) else str(value)
