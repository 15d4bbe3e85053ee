"""From the types that databases declare to those of contracts."""

import re
from dataclasses import dataclass, field
from typing import Any

from schemas.types import MOST_DIGITS

#: Declared type, without its length -> logical type and options.
_TYPES: dict[str, tuple[str, dict[str, Any]]] = {
    "smallint": ("integer", {}), "integer": ("integer", {}), "int": ("integer", {}),
    "bigint": ("integer", {}),
    "tinyint": ("integer", {}), "mediumint": ("integer", {}), "year": ("integer", {}),
    "smallserial": ("integer", {}), "serial": ("integer", {}), "bigserial": ("integer", {}),
    "real": ("number", {"format": "f32"}), "double precision": ("number", {"format": "f64"}),
    "double": ("number", {"format": "f64"}), "float": ("number", {"format": "f64"}),
    "binary_float": ("number", {"format": "f32"}), "binary_double": ("number", {"format": "f64"}),
    "smallmoney": ("number", {}), "boolean": ("boolean", {}), "bool": ("boolean", {}),
    "date": ("date", {}), "timestamp without time zone": ("timestamp", {}), "timestamp": ("timestamp", {}),
    "datetime": ("timestamp", {}), "datetime2": ("timestamp", {}), "smalldatetime": ("timestamp", {}),
    "timestamp with time zone": ("timestamp", {"timezone": True}),
    "datetimeoffset": ("timestamp", {"timezone": True}), "time without time zone": ("time", {}),
    "time": ("time", {}), "json": ("object", {}), "jsonb": ("object", {}),
}  # fmt: skip
_DECIMALS = ("numeric", "decimal", "number", "dec")
_SIZE = re.compile(r"\(([^)]*)\)")
_ENUM = re.compile(r"enum\s*\((.*)\)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Declared:
    """A declared type as a contract says it."""

    logical: str
    physical: str
    options: dict[str, Any] = field(default_factory=dict)
    enum: tuple[str, ...] = ()


def declaration(native: str) -> Declared | None:
    """What the database's type is in a contract; None when it is not one that the hub stores as such."""
    values = _ENUM.fullmatch(native.strip())
    if values:
        # A quote within a value is doubled.
        listed = re.findall(r"'((?:[^']|'')*)'", values[1])
        return Declared("string", native, enum=tuple(value.replace("''", "'") for value in listed))
    size = _SIZE.search(native)
    words = _SIZE.sub("", native.lower()).replace("zerofill", "").split()
    name = " ".join(word for word in words if word != "unsigned")
    if name in _DECIMALS:
        return _decimal(size[1] if size else "")
    if native.endswith("[]") or name not in _TYPES:
        return None
    logical, options = _TYPES[name]
    if name == "bigint" and "unsigned" in words:
        options = {"format": "u64"}
    return Declared(logical, native, dict(options))


def declared(native: str) -> tuple[str, str]:
    """The logicalType and physicalType of a database's type; a string for one the hub has no type for."""
    said = declaration(native)
    return (said.logical, said.physical or native) if said else ("string", native)


def _decimal(size: str) -> Declared:
    """An exact number, with its precision where the source declares one that PostgreSQL has too."""
    sizes = [int(part) for part in re.findall(r"-?\d+", size)]
    if not sizes:
        return Declared("number", "")
    precision, scale = sizes[0], sizes[1] if len(sizes) > 1 else 0
    if not (1 <= precision <= MOST_DIGITS and 0 <= scale <= precision):
        return Declared("number", "")
    return Declared("number", f"decimal({precision},{scale})")
