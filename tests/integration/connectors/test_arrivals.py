"""Which files a dataset has: picked, unpacked, and compared with a manifest."""

import hashlib
import io
import os
import resource
import struct
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Connection, FileRead, Request
from connectors.errors import SourceError, SourceMalformed, SourceRefused, SourceUnavailable
from connectors.registry import open_connector
from schemas.contract import Contract, Manifest, Read
from tests.integration.connectors.reading import Line, contract, file_contract, lines_of

Content = bytes | Mapping[str, Any]


class Came(NamedTuple):
    lines: list[Line]
    source_columns: tuple[str, ...]
    files: tuple[FileRead, ...]

    @property
    def rows(self) -> list[tuple[str | None, ...]]:
        return [line.fields for line in self.lines]


def read(of: Contract, root: Path, known: frozenset[str] = frozenset()) -> Came:
    connector = open_connector(of, Connection("test", "file"), root)
    with connector.open(Request(of, known=known)) as extract:
        files = extract.files
        lines = lines_of(extract)
    return Came(lines.lines, lines.source_columns, files)


def folder(root: Path, **read: Any) -> Contract:
    return file_contract("csv", ["a"], Path("in"), **{"files": "*.csv", **read})


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def put(root: Path, files: Mapping[str, Content]) -> Path:
    """Files below `root/in`, each a second younger than the one before; mappings become zip archives."""
    for age, (name, content) in enumerate(files.items()):
        path = root / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for member, inside in content.items():
                    archive.writestr(member, inside)
        os.utime(path, (1_700_000_000 + age, 1_700_000_000 + age))
    return root / "in"


def test_the_newest_file_is_the_one_changed_last_or_the_last_in_name_order(tmp_path: Path) -> None:
    home = put(tmp_path, {"c.csv": b"a\n1\n", "a.csv": b"a\n2\n", "b.csv": b"a\n3\n"})
    came = read(folder(tmp_path, pick="newest"), tmp_path)
    assert came.rows == [("3",)]
    assert came.files == (FileRead("b.csv", sha256(b"a\n3\n"), 4),)
    os.utime(home / "a.csv", (1_700_000_002, 1_700_000_002))
    os.utime(home / "c.csv", (1_700_000_002, 1_700_000_002))
    assert read(folder(tmp_path, pick="newest"), tmp_path).rows == [("1",)]


@pytest.mark.fault(13)
def test_new_files_are_known_by_their_content_and_not_by_their_names(tmp_path: Path) -> None:
    home = put(tmp_path, {"1.csv": b"a\n1\n", "2.csv": b"a\n2\n", "2 (1).csv": b"a\n2\n"})
    of = folder(tmp_path, pick="new")
    first = read(of, tmp_path)
    assert first.rows == [("1",), ("2",)]
    known = frozenset(file.sha256 for file in first.files)
    (home / "1.csv").rename(home / "9.csv")
    nothing = read(of, tmp_path, known)
    assert nothing == ([], ("a",), ())
    (home / "2.csv").write_bytes(b"a\n2\n3\n")
    assert read(of, tmp_path, known).rows == [("2",), ("3",)]


@pytest.mark.fault(23)
def test_a_file_that_changes_while_it_is_read_fails_the_read(tmp_path: Path) -> None:
    home = put(tmp_path, {"1.csv": b"a\n1\n"})
    of = folder(tmp_path)
    with (
        pytest.raises(SourceUnavailable, match=r"1\.csv changed while it was read; try again"),
        open_connector(of, Connection("test", "file"), tmp_path).open(Request(of)) as extract,
    ):
        assert len(list(extract.blocks)) == 1
        (home / "1.csv").write_bytes(b"a\n1\n2\n")


def test_members_are_read_as_files_that_follow_each_other(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "1.zip": {"d/y.csv": b"a\n2\n", "x.CSV": b"a\n3\n", "note.pdf": b"?", "__MACOSX/._x.csv": b"?"},
            "2.csv": b"a\n1\n",
        },
    )
    came = read(folder(tmp_path, files="*"), tmp_path)
    assert came.lines == [(2, None, ("2",)), (10**9 + 2, None, ("3",)), (2 * 10**9 + 2, None, ("1",))]
    assert [file.name for file in came.files] == ["1.zip", "2.csv"]
    assert read(folder(tmp_path, files="*.zip", members="d/*"), tmp_path).rows == [("2",)]


def test_a_workbook_is_no_archive_but_may_be_in_one(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a"])  # type: ignore[union-attr]
    book.active.append(["7"])  # type: ignore[union-attr]
    book.save(tmp_path / "book.xlsx")
    put(tmp_path, {"b.zip": {"book.xlsx": (tmp_path / "book.xlsx").read_bytes()}})
    of = file_contract("xlsx", ["a"], Path("in"), files="*.zip")
    assert read(of, tmp_path).rows == read(file_contract("xlsx", ["a"], Path("book.xlsx")), tmp_path).rows


def test_tabs_stand_between_the_fields_of_tsv(tmp_path: Path) -> None:
    put(tmp_path, {"a.tsv": b'a\tb\n1,5\t"x\ty"\n', "b.zip": {"c.tab": b"a\tb\n2\t\n"}})
    of = file_contract("tsv", ["a", "b"], Path("in"), files="*")
    assert read(of, tmp_path).rows == [("1,5", "x\ty"), ("2", "")]


def zipped(content: Mapping[str, Any], path: Path) -> bytes:
    put(path, {"z.zip": content})
    return (path / "in" / "z.zip").read_bytes()


def flagged(content: bytes, field: int, value: int) -> bytes:
    """The archive with a field of its only member's two headers set: 0 flags, 2 method, 18 unpacked size."""
    changed = bytearray(content)
    form = "<I" if field > 2 else "<H"
    for mark, start in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into(form, changed, changed.index(mark) + start + field - (2 if field > 2 else 0), value)
    return bytes(changed)


@pytest.mark.fault(11)
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"../a.csv": b"a\n1\n"}, r"names a place outside itself, '../a.csv'"),
        ({"/etc/a.csv": b"a\n1\n"}, r"names a place outside itself, '/etc/a.csv'"),
        ({"C:\\a.csv": b"a\n1\n"}, r"names a place outside itself, 'C:"),
        ({"inner.zip": b"PK"}, r"inner\.zip is an archive within the archive"),
        ({"a.pdf": b"?"}, r"has no member \.csv or \.txt; it has a\.pdf\. Correct read\.members"),
        ({}, r"has no member .*; it has nothing"),
        (b"PK\x03\x04 half of it", "is damaged or no zip archive"),
        (b"a,b\n1,2\n", "is damaged or no zip archive"),
        (b"7z\xbc\xaf\x27\x1c", "is a 7z archive; of archives only zip is read"),
        (b"Rar!\x1a\x07", "is a RAR archive"),
    ],
)
def test_archives_that_can_not_be_read_say_why(tmp_path: Path, content: Content, message: str) -> None:
    put(tmp_path, {"a.zip": content})
    with pytest.raises(SourceMalformed, match=rf"^test\.dataset: a\.zip.*{message}"):
        read(folder(tmp_path, files="*.zip"), tmp_path)


@pytest.mark.fault(11)
@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        (0, 1, r"m\.csv is locked by a password"),
        (2, 12, r"m\.csv is packed by method 12, which is not read"),
        (2, 9, r"m\.csv is packed by method 9"),
        (18, 10, r"m\.csv unpacks to more than the 10 bytes that it claims"),
        (18, 50_000, r"m\.csv is damaged: 40002 bytes, not 50000"),
    ],
)
def test_members_that_can_not_be_unpacked_say_why(
    tmp_path: Path, field: int, value: int, message: str
) -> None:
    archive = zipped({"m.csv": b"a\n" + b"1234567\n" * 5000}, tmp_path / "made")
    put(tmp_path, {"a.zip": flagged(archive, field, value)})
    with pytest.raises(SourceMalformed, match=message):
        read(folder(tmp_path, files="*.zip"), tmp_path)


@pytest.mark.fault(11)
def test_a_damaged_member_is_noticed(tmp_path: Path) -> None:
    archive = bytearray(zipped({"m.csv": os.urandom(5000).hex()}, tmp_path / "made"))
    archive[1000] ^= 0xFF
    put(tmp_path, {"a.zip": bytes(archive)})
    with pytest.raises(SourceMalformed, match=r"a\.zip is damaged"):
        read(folder(tmp_path, files="*.zip"), tmp_path)


def _archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("d/", "")
        archive.writestr("a.csv", "a\n1\n22\n")
        archive.writestr("note.pdf", "?" * 30)
    return made.getvalue()


ARCHIVE = _archive()


@pytest.mark.fault(11)
@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=4),
    st.integers(1, 400),
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_is_wrong_with_an_archive_it_is_refused_or_read(
    tmp_path: Path, changes: list[tuple[int, int]], end: int
) -> None:
    archive = bytearray(ARCHIVE[: max(end, 5)] if end < 100 else ARCHIVE)
    for place, value in changes:
        archive[place % len(archive)] = value
    (tmp_path / "a.zip").write_bytes(archive)
    try:
        came = read(file_contract("csv", ["a"], Path("a.zip")), tmp_path)
    except SourceError:
        return
    assert came.rows == [("1",), ("22",)]


@pytest.mark.fault(11)
@pytest.mark.parametrize("claimed", [None, 1000])
def test_a_zip_bomb_is_refused_in_little_memory(tmp_path: Path, claimed: int | None) -> None:
    """700 MiB of zeros, honest about its size or not, in a process of its own whose memory is measured."""
    home = put(tmp_path, {})
    home.mkdir()
    with (
        zipfile.ZipFile(home / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("m.csv", "w", force_zip64=False) as member,
    ):
        for _ in range(700):
            member.write(bytes(1 << 20))
    if claimed is not None:
        path = home / "bomb.zip"
        path.write_bytes(flagged(path.read_bytes(), 18, claimed))
    script = (
        "import re, sys\n"
        "from pathlib import Path\n"
        "from tests.integration.connectors.test_arrivals import folder, read\n"
        "from connectors.errors import SourceMalformed\n"
        "try:\n    read(folder(Path(sys.argv[1]), files='*.zip'), Path(sys.argv[1]))\n"
        "except SourceMalformed as error:\n    print(error)\n"
        "status = Path('/proc/self/status').read_text()\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', status)[1])\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60
    )
    said, kilobytes = run.stdout.splitlines()
    assert "unpacks to more than" in said
    assert int(kilobytes) < 500_000


@pytest.mark.fault(11)
def test_an_archive_of_very_many_members_is_refused_before_its_contents_are_read(tmp_path: Path) -> None:
    put(tmp_path, {"a.zip": {f"{'m' * 200}{i}.csv": b"" for i in range(40_000)}})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SourceMalformed, match="too many members"):
        read(folder(tmp_path, files="*.zip"), tmp_path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_a_folder_that_the_hub_may_not_look_into_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, {"1.csv": ONE, "sub/2.csv": TWO, "other/3.txt": TWO})
    scan = os.scandir

    def closed(path: Any) -> Any:
        if str(path).endswith("sub"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", closed)
    assert len(read(folder(tmp_path), tmp_path).rows) == 2
    with pytest.raises(SourceRefused, match="sub: Permission denied; make the files readable for the hub"):
        read(folder(tmp_path, files="**/*.csv"), tmp_path)
    monkeypatch.undo()
    assert len(read(folder(tmp_path, files="**/*.csv"), tmp_path).rows) == 3


MANIFEST = Manifest("manifest*.csv", "Berkas", "Baris", "Hash")
ONE, TWO = b"a\n1\n2\n", b"a\n3\n"


def manifest(*lines: str) -> bytes:
    return "\r\n".join(["\ufeffBerkas;Baris;Hash", *lines, ""]).encode()


def test_what_the_manifest_announces_is_read(tmp_path: Path) -> None:
    home = put(
        tmp_path,
        {
            "manifest-1.csv": manifest(f"1.csv;99;{sha256(ONE)}"),
            "manifest-2.csv": manifest(
                f"1.csv;2;{sha256(ONE)}", f"./sub/2.csv;1;{sha256(TWO).upper()}", "", f"m.csv;1;{sha256(TWO)}"
            ),
            "1.csv": ONE,
            "sub/2.csv": TWO,
            "3.zip": {"m.csv": TWO},
        },
    )
    os.utime(home / "manifest-1.csv", (1, 1))
    came = read(folder(tmp_path, files="**/*", manifest=MANIFEST), tmp_path)
    assert came.rows == [("1",), ("2",), ("3",), ("3",)]


@pytest.mark.fault(9)
def test_an_archive_is_announced_with_the_rows_of_all_its_members(tmp_path: Path) -> None:
    put(tmp_path, {"a.zip": {"1.csv": ONE, "2.csv": TWO}, "manifest.csv": b"file,n\na.zip,3\n"})
    assert (
        len(read(folder(tmp_path, files="*.zip", manifest=Manifest("manifest.csv", rows="n")), tmp_path).rows)
        == 3
    )
    put(tmp_path, {"manifest.csv": b"file,n\na.zip,4\n"})
    with pytest.raises(SourceMalformed, match=r"announces 4 rows of a\.zip, 3 are there: possibly truncated"):
        read(folder(tmp_path, files="*.zip", manifest=Manifest("manifest.csv", rows="n")), tmp_path)


@pytest.mark.fault(9)
def test_rows_are_counted_once_though_a_column_is_sought_in_all_files(tmp_path: Path) -> None:
    """A column that is in no row of the first file is looked for in the others before anything is read."""
    put(tmp_path, {"1.jsonl": b'{"a": 1}\n', "2.jsonl": b'{"a": 2, "b": 3}\n'})
    # Line ends of old Macs.
    put(tmp_path, {"manifest.csv": b"file,n\r1.jsonl,1\r2.jsonl,1\r"})
    announced = Manifest("manifest.csv", rows="n")
    of = file_contract("jsonl", ["a", "b"], Path("in"), files="*.jsonl", manifest=announced)
    assert read(of, tmp_path).rows == [("1", None), ("2", "3")]


@pytest.mark.fault(9)
@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            [f"1.csv;3;{sha256(ONE)}"],
            r"manifest\.csv announces 3 rows of 1\.csv, 2 are there: possibly truncated",
        ),
        ([f"1.csv;1;{sha256(ONE)}"], r"announces 1 rows of 1\.csv, 2 are there"),
        ([f"1.csv;2;{sha256(TWO)}"], r"1\.csv has the SHA-256 [0-9a-f]{12}\.\.\., announced is"),
        ([f"1.csv;2;{sha256(ONE)}", f"2.csv;1;{sha256(TWO)}"], r"announces 2\.csv, not there"),
        ([f"2.csv;1;{sha256(TWO)}"], r"announces 2\.csv, not there"),
        ([f"1.csv;dua;{sha256(ONE)}"], "line 2: expected a file's name and a whole number"),
        (["1.csv;2;abc"], "line 2: expected a SHA-256"),
        ([f"1.csv;2;{sha256(ONE)}"] * 2, r"line 3 repeats 1\.csv"),
        ([], "announces nothing"),
    ],
)
def test_a_delivery_that_is_not_as_announced_is_refused(
    tmp_path: Path, lines: list[str], message: str
) -> None:
    put(tmp_path, {"1.csv": ONE, "manifest.csv": manifest(*lines)})
    with pytest.raises(SourceMalformed, match=message):
        read(folder(tmp_path, manifest=MANIFEST), tmp_path)


@pytest.mark.fault(9)
def test_files_without_manifest_and_files_it_does_not_know_are_refused(tmp_path: Path) -> None:
    put(tmp_path, {"1.csv": ONE, "2.csv": TWO})
    with pytest.raises(SourceMalformed, match=r"no manifest manifest\*\.csv in in; wait for it"):
        read(folder(tmp_path, manifest=MANIFEST), tmp_path)
    put(tmp_path, {"manifest.csv": manifest(f"1.csv;2;{sha256(ONE)}")})
    with pytest.raises(SourceMalformed, match=r"manifest\.csv doesn't announce 2\.csv"):
        read(folder(tmp_path, manifest=MANIFEST), tmp_path)
    with pytest.raises(SourceRefused, match=r"manifest\.csv lacks a column file; it has Berkas;Baris;Hash"):
        read(folder(tmp_path, manifest=Manifest("manifest*.csv")), tmp_path)


def test_a_manifest_of_what_is_new_leaves_older_files_alone(tmp_path: Path) -> None:
    put(tmp_path, {"1.csv": ONE, "2.csv": TWO, "manifest.csv": manifest(f"2.csv;1;{sha256(TWO)}")})
    of = folder(tmp_path, pick="new", manifest=MANIFEST)
    assert read(of, tmp_path, frozenset({sha256(ONE)})).rows == [("3",)]
    assert read(of, tmp_path, frozenset({sha256(ONE), sha256(TWO)})).rows == []


@pytest.mark.fault(9)
def test_rows_are_counted_in_workbooks_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for value in ("a", "1", "2"):
        book.active.append([value])  # type: ignore[union-attr]
    put(tmp_path, {"manifest.csv": b"file,n\nbook.xlsx,3\n"})
    book.save(tmp_path / "in" / "book.xlsx")
    of = file_contract("xlsx", ["a"], Path("in/book.xlsx"), manifest=Manifest("manifest.csv", rows="n"))
    with pytest.raises(SourceMalformed, match=r"announces 3 rows of book\.xlsx, 2 are there"):
        read(of, tmp_path)


def test_a_location_wants_a_connection_of_its_kind(tmp_path: Path) -> None:
    of = contract("csv", "", ["a"], settings={"location": "s3://bucket/x.csv"}, read=Read())
    with pytest.raises(
        SourceRefused, match=r"location is s3://\.\.\.; set AIRFLOW_CONN_TEST to one of kind s3"
    ):
        read(of, tmp_path)
