"""JSON in which every number stays the text that the document has."""

import json
from typing import NoReturn

from connectors.errors import SourceMalformed


class Number(str):
    """A number's text: `1.10` and `12345678901234567890` stay what they are."""

    __slots__ = ()


def parsed(body: bytes, dataset: str) -> object:
    """The document; raises `SourceMalformed` for what is no JSON, such as an HTML page or half of one."""
    try:
        return json.loads(body, parse_int=Number, parse_float=Number, parse_constant=_refuse)
    except (ValueError, RecursionError):
        start = body[:200].lstrip().lower()
        what = "an HTML page" if start.startswith((b"<!doctype", b"<html")) else "no complete JSON"
        raise SourceMalformed(
            f"{dataset}: the source answered with {what} ({len(body)} bytes); "
            "nothing of this read is kept: ask its owner, or correct the endpoint"
        ) from None


def at(document: object, path: str) -> object:
    """What lies at the dotted `path` (the document itself at ""); a key that has dots itself goes first."""
    if not path:
        return document
    if not isinstance(document, dict):
        return None
    if path in document:
        return document[path]
    head, dot, rest = path.partition(".")
    return at(document.get(head), rest) if dot else None


def text(value: object) -> str | None:
    """The value as text: strings and numbers as they are, what is nested as compact JSON, null as None."""
    if value is None or isinstance(value, str):
        return value if value is None else str(value)
    return _compact(value)


def _compact(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_quoted(str(k))}:{_compact(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_compact, value)) + "]"
    if isinstance(value, Number):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
