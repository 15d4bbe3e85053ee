"""What the JSON schemas find wrong in a contract, in words for whoever writes contracts.

A JSON schema validator says one fault several times over (a wrong type makes every neighbour
"unevaluated"), and lists whole objects. Here each fault is one short line at the place where it is.
"""

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from jsonschema import ValidationError
from jsonschema.exceptions import best_match

from schemas.types import LOGICAL_TYPES

Fault = tuple[str, str]
Path = tuple[Any, ...]

#: JSON's types as those call them who write YAML.
_KINDS = {
    "string": "a text (in quotes if it looks like something else)",
    "array": "a list",
    "object": "a mapping",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
}
_UNKNOWN = ("additionalProperties", "unevaluatedProperties")
#: What items of lists are called by.
_NAMED = ("name", "property", "server")
#: Longer lists of what was expected help nobody.
_MOST = 12
_LONGEST = 60


def faults(document: Any, errors: Iterable[ValidationError], vocabulary: frozenset[str]) -> Iterator[Fault]:
    """Each (where, reason) that the validator's `errors` in `document` amount to, once.

    `vocabulary` is every property name of the schema: what is not in it is a misspelling, what is in
    it may only seem out of place because of another fault.
    """
    found = [best_match([error]) or error for error in errors]
    untyped = {path for path in _properties(document) if not _at(document, path).get("logicalType")}
    closed = {tuple(e.absolute_path) for e in found if e.validator == "additionalProperties"}
    said: dict[Fault, None] = {}
    for path in sorted(untyped):
        said[_where(document, (*path, "logicalType")), f"is missing: one of {', '.join(LOGICAL_TYPES)}"] = (
            None
        )
    for error in found:
        path = tuple(error.absolute_path)
        if any(path[: len(parent)] == parent for parent in untyped) or (
            error.validator == "unevaluatedProperties" and path in closed
        ):
            continue
        others = [e for e in found if e.validator != "unevaluatedProperties" and _below(e, path)]
        for where, reason in _said(error, path, vocabulary, bool(others)):
            said[_where(document, where), reason] = None
    yield from said


def short(value: object) -> str:
    """The value in one line of bounded length."""
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def meant(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` when one of `known` is spelt much like `name`, else nothing."""
    close = difflib.get_close_matches(name, list(known), n=2)
    return f"; did you mean {' or '.join(map(repr, close))}?" if close else ""


def _said(
    error: ValidationError, path: Path, vocabulary: frozenset[str], has_others: bool
) -> Iterator[tuple[Path, str]]:
    if error.validator in _UNKNOWN:
        yield from _unknown(error, path, vocabulary, has_others)
    elif error.validator == "required":
        # The validator raises an error for each missing name, and names it first.
        name = next(n for n in _sequence(error.validator_value) if error.message.startswith(repr(n)))
        yield (*path, name), "is missing"
    else:
        yield path, _reason(error, path)


def _unknown(
    error: ValidationError, path: Path, vocabulary: frozenset[str], has_others: bool
) -> Iterator[tuple[Path, str]]:
    allowed = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
    is_closed = error.validator == "additionalProperties"
    for name in _sequence(error.instance):
        if is_closed and name not in allowed:
            yield (*path, name), f"is unknown here{meant(str(name), allowed)}"
        elif not is_closed and name not in vocabulary:
            yield (*path, name), f"is unknown here{meant(str(name), vocabulary)}"
        elif not is_closed and not has_others and repr(name) in error.message:
            yield (*path, name), "doesn't belong here"


def _sequence(value: Any) -> Iterable[Any]:
    # jsonschema types everything as possibly unset.
    return value  # type: ignore[no-any-return]


def _reason(error: ValidationError, path: Path) -> str:
    value, wanted = short(error.instance), error.validator_value
    if error.validator in ("enum", "const"):
        choices = wanted if isinstance(wanted, list) else [wanted]
        if path[-1:] == ("logicalType",):
            choices = list(LOGICAL_TYPES)
        return f"{value}: {_expected(str(error.instance), choices)}"
    if error.validator == "type":
        return (
            f"{value}: expected {_KINDS.get(wanted, 'another type') if isinstance(wanted, str) else wanted}"
        )
    if path[-1:] in (("to",), ("from",)):
        return f"{value}: expected dataset.column or source.dataset.column"
    if error.validator in ("oneOf", "anyOf"):
        return f"{value}: fits {'several' if 'each of' in error.message else 'none'} of the forms it may have"
    return " ".join(error.message.split())[:200]


def _expected(value: str, wanted: Iterable[Any]) -> str:
    listed = [str(item) for item in wanted]
    guess = meant(value, listed)
    if guess:
        return guess.removeprefix("; ")
    more = ", ..." if len(listed) > _MOST else ""
    return f"expected {'one of ' * (len(listed) > 1)}{', '.join(listed[:_MOST])}{more}"


def _below(error: ValidationError, path: Path) -> bool:
    return tuple(error.absolute_path)[: len(path)] == path


def _properties(document: Any) -> Iterator[Path]:
    """The path of every column that is described by a mapping."""
    datasets = document.get("schema") if isinstance(document, dict) else None
    for i, dataset in enumerate(datasets if isinstance(datasets, list) else ()):
        columns = dataset.get("properties") if isinstance(dataset, dict) else None
        for j, column in enumerate(columns if isinstance(columns, list) else ()):
            if isinstance(column, dict):
                yield "schema", i, "properties", j


def _at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


def _where(document: Any, path: Path) -> str:
    """`schema.residents.properties.nik.logicalType`: list items by their name rather than number."""
    parts: list[str] = []
    here = document
    for step in path:
        here = here[step] if isinstance(here, list) or (isinstance(here, dict) and step in here) else None
        names = [here.get(k) for k in _NAMED] if isinstance(here, dict) and isinstance(step, int) else []
        parts.append(str(next((name for name in names if isinstance(name, str)), step)))
    return ".".join(parts) or "document"
