"""JSON in which every number stays the text that the document has, and no key is lost to its double."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple, NoReturn

from connectors.errors import SourceMalformed
from connectors.records import Record

#: The longest value that is held in memory (characters), and the most values within it.
LONGEST = 1 << 23
MANY = 1 << 20

_MARGIN = 16


class Number(str):
    """A number's text: `1.10` and `12345678901234567890` stay what they are."""

    __slots__ = ()


class Row(NamedTuple):
    """A value, the keys that stand twice in one of its objects, and then the text that it was read from."""

    value: object
    twice: frozenset[str] = frozenset()
    raw: str = ""


class Damaged(ValueError):
    """A text that is no JSON; `is_cut` when it may only lack its end."""

    def __init__(self, reason: str, place: int = 0, is_cut: bool = False) -> None:
        super().__init__(reason)
        self.place = place
        self.is_cut = is_cut


class Decoder:
    """Takes one value after the other out of a text."""

    def __init__(self) -> None:
        self._twice: set[str] = set()
        self._json = json.JSONDecoder(
            object_pairs_hook=self._object, parse_int=Number, parse_float=Number, parse_constant=_refuse
        )

    def value(self, text: str, start: int = 0) -> tuple[Row, int]:
        """The value that begins at `start`, and where it ends. Raises `Damaged`."""
        self._twice.clear()
        try:
            value, end = self._json.raw_decode(text, start)
        except json.JSONDecodeError as error:
            is_cut = error.msg.startswith("Unterminated string") or error.pos >= len(text) - _MARGIN
            raise Damaged(error.msg, error.pos, is_cut) from None
        except RecursionError:
            raise Damaged("nested too deeply", start) from None
        except Damaged as damage:
            damage.place = start
            raise
        if self._twice:
            return Row(value, frozenset(self._twice), text[start:end]), end
        return Row(value), end

    def _object(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            self._twice.update(name for name, count in counts.items() if count > 1)
        return found


def is_crowded(text: str) -> bool:
    """Whether the text holds so many values that they would fill the memory."""
    return len(text) > MANY and sum(map(text.count, ",[{")) > MANY


def parsed(body: bytes, dataset: str) -> object:
    """The small document in `body`; raises `SourceMalformed` for what is no JSON."""
    try:
        text = body.decode(json.detect_encoding(body)).strip()
        row, end = Decoder().value(text)
    except ValueError:
        row, end, text = Row(None), 0, " "
    if end < len(text):
        raise SourceMalformed(f"{dataset}: the source answered with no complete JSON ({len(body)} bytes)")
    return row.value


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


def has(document: object, path: str) -> bool:
    """Whether there is anything at the dotted `path`, be it null."""
    if not isinstance(document, dict):
        return False
    head, dot, rest = path.partition(".")
    return path in document or (bool(dot) and has(document.get(head), rest))


def text(value: object) -> str | None:
    """The value as text: strings and numbers as they are, what is nested as compact JSON, null as None."""
    if value is None or isinstance(value, str):
        return value if value is None else str(value)
    return _compact(value)


def record(number: int, row: Row, paths: Sequence[str], marks: Mapping[int, str]) -> Record:
    """The row's values at `paths` as texts, decimals of the numbers at the places of `marks` behind them.

    `1.234` would else be taken for a text with thousands. What is doubtful is NULL, and the record's fault.
    """
    value, twice, raw = row
    try:
        if not isinstance(value, dict):
            return Record(number, (), f"expected an object, found: {text(value)}")
        found = [value[path] if path in value else at(value, path) for path in paths]
        fields = list(map(text, found))
    except RecursionError:
        return Record(number, (), "nested too deeply")
    for place, mark in marks.items():
        cell = found[place]
        if isinstance(cell, Number):
            fields[place] = cell.replace(".", mark)
    if None in found and (blocked := _blocked(value, paths)):
        return Record(
            number, fields, f"{', '.join(blocked)}: expected an object with keys, found another value"
        )
    if not twice:
        return Record(number, fields)
    fault = f"{', '.join(sorted(twice))}: the key stands more than once: {raw}"
    sound = [
        None if twice.intersection(path.split(".")) or isinstance(at(value, path), dict | list) else field
        for path, field in zip(paths, fields, strict=True)
    ]
    return Record(number, sound, fault)


def _blocked(document: dict[str, object], paths: Sequence[str]) -> list[str]:
    """Of the paths that lead into objects, the parts at which there is a value without keys."""
    blocked = []
    for path in (path for path in paths if "." in path):
        inside: object = document
        done, rest = "", path
        while isinstance(inside, dict) and rest and rest not in inside:
            head, _, rest = rest.partition(".")
            inside, done = inside.get(head), f"{done}.{head}" if done else head
        if rest and inside is not None and not isinstance(inside, dict):
            blocked.append(done)
    return sorted(set(blocked))


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
    raise Damaged(f"{constant} is no JSON")
