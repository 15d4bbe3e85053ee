"""XML files: rows are elements at one path, columns what lies within them by local names."""

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from connectors.base import Request
from connectors.documents import FILE, DocumentConnector, Seen, binary, paths
from connectors.errors import SourceMalformed
from connectors.records import Record

CHUNK = 1 << 16
#: The longest row or single tag (characters, bytes), its most elements, the deepest nesting.
LONGEST = 1 << 23
MANY = 1 << 20
DEEPEST = 200

_NIL = ("true", "1")


class XmlConnector(DocumentConnector):
    """Reads the elements at `read.recordsPath` (the root's children when it is absent), numbered in order."""

    def records(self, path: Path, request: Request, where: str, seen: Seen) -> Iterator[Record]:
        """The rows of one file, which may declare neither a document type nor entities."""
        reader = _Reader(request, where, seen)
        with binary(path, where, "XML") as file:
            while chunk := file.read(CHUNK):
                yield from reader.fed(chunk)
            yield from reader.fed(b"", is_last=True)


class _Reader:
    """The rows that a text's elements make as it is fed. Undeclared elements are passed over."""

    def __init__(self, request: Request, where: str, seen: Seen) -> None:
        self._where = where
        self._seen = seen
        self._rows_at = tuple(request.contract.read.records_path.strip("/").split("/"))
        if self._rows_at == ("",):
            self._rows_at = ()
        self._row_name = ""
        self._paths = paths(request)
        self._declared = frozenset(self._paths) - {FILE}
        self._stack: list[str] = []
        self._row: _Row | None = None
        self._done: list[Record] = []
        self._count = self._fed = 0
        self._met: dict[str, None] = {}
        self._parser = _parser(self, request.contract.read.encoding)

    def fed(self, chunk: bytes, is_last: bool = False) -> list[Record]:
        """The rows that end in this piece of the text. Raises `SourceMalformed`."""
        self._fed += len(chunk)
        try:
            self._parser.Parse(chunk, is_last)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise SourceMalformed(
                f"{self._where} is no complete XML: {error}; nothing of it is kept: ask for it again"
            ) from None
        if self._fed - self._parser.CurrentByteIndex > LONGEST:
            self.refuse(f"a tag or comment is longer than {LONGEST} bytes")
        if is_last and self._rows_at and not self._count:
            places = ", ".join(list(self._met)[:10])
            self.refuse(f"no element is at {'/'.join(self._rows_at)}; correct recordsPath. It has {places}")
        done, self._done = self._done, []
        return done

    def refuse(self, reason: str) -> NoReturn:
        """Raise `SourceMalformed`."""
        raise SourceMalformed(f"{self._where}: {reason}")

    def declares_type(self, name: str, *_: object) -> None:
        """A document type, within which entities are declared, may make a small file huge or read others."""
        if name.lower() == "html":
            self.refuse("it is an HTML page, not XML: a login or error page, most likely; ask for it again")
        self.refuse("it declares a document type (DTD), which is refused; ask for the file without")

    def starts(self, tag: str, attributes: list[str]) -> None:
        """An element begins."""
        name = _local(tag)
        if self._row is not None:
            self._row.starts(name)
            if self._row.elements > MANY:
                self.refuse(f"row {self._count} has more than {MANY} elements")
        self._stack.append(name)
        if len(self._stack) > DEEPEST:
            self.refuse(f"elements are nested more than {DEEPEST} deep")
        if self._row is None and self._is_row():
            self._count += 1
            self._row = _Row(self._declared)
        elif self._row is None and len(self._met) < DEEPEST:
            self._met["/".join(self._stack)] = None
        if self._row is not None:
            for place in range(0, len(attributes), 2):
                if not attributes[place].startswith("xmlns"):
                    self._row.has(_local(attributes[place]), attributes[place + 1])

    def _is_row(self) -> bool:
        if self._rows_at:
            return tuple(self._stack) == self._rows_at
        if len(self._stack) != 2:
            return False
        self._row_name = self._row_name or self._stack[1]
        if self._row_name != self._stack[1]:
            self.refuse(
                f"the root holds both {self._row_name} and {self._stack[1]}; say recordsPath in the contract"
            )
        return True

    def ends(self, tag: str) -> None:
        """An element ends, and with it perhaps a row."""
        self._stack.pop()
        if self._row is not None and not self._row.ends():
            if self._seen.curious:
                self._seen.note(self._row.names)
            self._done.append(self._row.record(self._count, self._paths))
            self._row = None

    def says(self, text: str) -> None:
        """A piece of text."""
        if self._row is not None:
            self._row.says(text)
            if self._row.size > LONGEST:
                self.refuse(f"row {self._count} is longer than {LONGEST} characters")


class _Row:
    """One row's values by path, as they come."""

    def __init__(self, declared: frozenset[str]) -> None:
        self._declared = declared
        #: The paths of the elements that are open, the row's own first.
        self._open = [""]
        self._values: dict[str, list[str]] = {}
        self._nil: set[str] = set()
        self._faults: dict[str, str] = {}
        self.names: dict[str, None] = {}
        self.size = self.elements = 0

    def starts(self, name: str) -> None:
        """A child, at whatever depth."""
        self.elements += 1
        above = self._open[-1]
        if above in self._declared:
            self._faults[above] = "holds elements; name the one that is meant"
        path = f"{above}/{name}" if above else name
        self._open.append(path)
        if path in self.names and any(d == path or d.startswith(f"{path}/") for d in self._declared):
            self._faults[path] = "stands more than once"
        self._met(path)
        if path in self._declared:
            self._values.setdefault(path, [])

    def has(self, name: str, value: str) -> None:
        """An attribute of the element that began last."""
        if name == "nil" and value in _NIL:
            self._nil.add(self._open[-1])
        path = f"{self._open[-1]}/@{name}" if self._open[-1] else f"@{name}"
        self._met(path)
        if path in self._declared:
            if path in self._values:
                self._faults[path] = "stands more than once"
            self._values.setdefault(path, []).append(value)
            self.size += len(value)

    def says(self, text: str) -> None:
        """Text of the element that is open."""
        found = self._values.get(self._open[-1])
        if found is not None:
            found.append(text)
            self.size += len(text) + 1

    def ends(self) -> bool:
        """Whether it was a child that ended, not the row itself."""
        self._open.pop()
        return bool(self._open)

    def record(self, number: int, paths: tuple[str, ...]) -> Record:
        """The row; columns that are doubtful are NULL, and its fault."""
        for path in self._nil:
            if "".join(self._values.get(path, [])).strip():
                self._faults[path] = "is nil, and has a text"
        fields = [self._value(path) for path in paths]
        fault = "; ".join(f"{path}: {said}" for path, said in self._faults.items())
        return Record(number, fields, fault or None)

    def _value(self, path: str) -> str | None:
        if self._faults and any(path == fault or path.startswith(f"{fault}/") for fault in self._faults):
            return None
        found = self._values.get(path)
        return None if found is None or path in self._nil else "".join(found)

    def _met(self, path: str) -> None:
        # What repeats and is no column, as a list of thousands, needs no memory.
        if len(self.names) < DEEPEST * 10 or path in self._declared:
            self.names[path] = None


def _parser(reader: _Reader, declared: str) -> expat.XMLParserType:
    is_said_by_file = declared.lower().replace("_", "-") in ("utf-8", "utf8")
    parser = expat.ParserCreate(None if is_said_by_file else declared)
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.declares_type
    parser.StartElementHandler = reader.starts
    parser.EndElementHandler = reader.ends
    parser.CharacterDataHandler = reader.says
    return parser


def _local(name: str) -> str:
    return name.rpartition(":")[2]
