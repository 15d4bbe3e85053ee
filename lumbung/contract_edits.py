"""Changing a contract's file without touching what else it says: comments, order, and spacing stay.

YAML is parsed only to find where things stand; the text itself is cut and pasted.
"""

from dataclasses import dataclass
from typing import Any

import yaml

from lumbung.drafting.yaml_text import scalar
from lumbung.errors import EditRefused


@dataclass(frozen=True)
class NewColumn:
    """A column to be added, nullable: its name in the warehouse, at the source, and its type."""

    name: str
    source_name: str
    logical_type: str
    physical_type: str = ""


def with_column(text: str, column: NewColumn) -> str:
    """The contract with this column after the others."""
    items = _properties(text)
    last = items[-1]
    indent = " " * _dash(text, last)
    name = f"name: {scalar(column.name)}, " + (
        f"physicalName: {_quoted(column.source_name)}, " if column.source_name != column.name else ""
    )
    physical = f", physicalType: {_quoted(column.physical_type)}" if column.physical_type else ""
    line = f"{indent}- {{{name}logicalType: {column.logical_type}{physical}}}\n"
    end = _end(text, last)
    return text[:end] + line + text[end:]


def without_column(text: str, name: str) -> str:
    """The contract without this column and the comment right above it.

    Raises `EditRefused` when it is part of the key.
    """
    item = _property(text, name)
    if _value(item, "primaryKey"):
        raise EditRefused(f"{name} is part of the key; a dataset with another key needs another name")
    return text[: _above(text, item)] + text[_end(text, item) :]


def with_source_name(text: str, name: str, source_name: str) -> str:
    """The contract whose column `name` is called `source_name` at the source from now on."""
    item = _property(text, name)
    known = _node(item, "physicalName")
    if known is not None:
        return _put(text, known, _quoted(source_name))
    own = _node(item, "name")
    assert own is not None, "every property has a name"
    end = own.end_mark.index
    if item.flow_style:
        return f"{text[:end]}, physicalName: {_quoted(source_name)}{text[end:]}"
    indent = " " * item.start_mark.column
    return f"{text[:end]}\n{indent}physicalName: {_quoted(source_name)}{text[end:]}"


def with_type(text: str, name: str, logical_type: str, physical_type: str = "") -> str:
    """The contract whose column `name` has another type. Rules that the new type doesn't know stay for
    `contract check` to name."""
    item = _property(text, name)
    physical = _node(item, "physicalType")
    if physical is not None:
        text = _put(text, physical, _quoted(physical_type or logical_type))
    logical = _node(_property(text, name), "logicalType")
    if logical is None:
        raise EditRefused(f"{name} has no logicalType in the contract")
    added = f", physicalType: {_quoted(physical_type)}" if physical_type and item.flow_style else ""
    if physical is None and physical_type and not item.flow_style:
        added = "\n" + " " * item.start_mark.column + f"physicalType: {_quoted(physical_type)}"
    return _put(text, logical, logical_type + ("" if physical is not None else added))


def bumped(text: str) -> str:
    """The contract with its version's middle number one higher, as a change of columns asks."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    node = _node(root, "version")
    if node is None:
        raise EditRefused("the contract has no version")
    parts = str(node.value).split(".")
    if not all(part.isdecimal() for part in parts) or len(parts) < 2:
        raise EditRefused(f"the version {node.value!r} isn't of the form 1.2.0; raise it by hand")
    raised = [parts[0], str(int(parts[1]) + 1), *["0"] * (len(parts) - 2)]
    plain = ".".join(raised)
    return _put(text, node, plain if len(raised) > 2 else f"'{plain}'")


def _properties(text: str) -> list[Any]:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    schema = _node(root, "schema")
    properties = _node(schema.value[0], "properties") if schema is not None and schema.value else None
    if properties is None or not properties.value:
        raise EditRefused("the contract has no properties")
    if properties.flow_style:
        raise EditRefused("the contract's properties stand in one line; write one per line first")
    return list(properties.value)


def _property(text: str, name: str) -> Any:
    for item in _properties(text):
        if _value(item, "name") == name:
            return item
    raise EditRefused(f"the contract has no column {name}")


def _node(mapping: Any, key: str) -> Any:
    pairs = mapping.value if isinstance(mapping, yaml.MappingNode) else []
    return next((value for known, value in pairs if known.value == key), None)


def _value(mapping: Any, key: str) -> str | None:
    node = _node(mapping, key)
    return None if node is None or node.value in ("false", "False") else str(node.value)


def _put(text: str, node: Any, value: str) -> str:
    return text[: node.start_mark.index] + value + text[node.end_mark.index :]


def _dash(text: str, item: Any) -> int:
    """The column of the item's dash."""
    line = text[_begin(text, item) : item.start_mark.index]
    return line.rindex("-")


def _begin(text: str, item: Any) -> int:
    """Where the item's first line begins."""
    return text.rfind("\n", 0, item.start_mark.index) + 1


def _above(text: str, item: Any) -> int:
    """Where the comment right above the item begins, or else its first line."""
    begin = _begin(text, item)
    while begin:
        line = text.rfind("\n", 0, begin - 1) + 1
        if not text[line:begin].lstrip().startswith("#"):
            break
        begin = line
    return begin


def _end(text: str, item: Any) -> int:
    """Where the line after the item begins; a block's own end lies behind blanks and comments after it."""
    while isinstance(item, yaml.CollectionNode) and not item.flow_style and item.value:
        last_value = item.value[-1]
        item = last_value[1] if isinstance(last_value, tuple) else last_value
    last = text[: item.end_mark.index].rstrip()
    line_end = text.find("\n", len(last))
    return len(text) if line_end < 0 else line_end + 1


def _quoted(value: str) -> str:
    """The text as a YAML scalar that is safe between braces too."""
    return "'" + value.replace("'", "''") + "'" if value.isprintable() else scalar(value)
