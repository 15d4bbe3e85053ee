"""Every kind of wrong contract is refused, with the file, the place in it and the reason."""

from pathlib import Path
from typing import Any

import pytest

from connectors.registry import CONNECTORS
from schemas.catalogue import load_catalogue
from schemas.errors import ContractErrors
from schemas.loading import load_contract
from schemas.refusals import KINDS
from tests.contract_documents import ABSENT, OFFICES, PERMITS, changed, offices, permits, write

COLUMNS = "schema/permits/properties/"
OPTIONS = "logicalTypeOptions"
NUMBER, FEE, VISITS, ISSUED = (
    f"{COLUMNS}{c}" for c in ("permit_number", "fee_amount", "visit_count", "issued_date")
)
UPDATED, STATE, OFFICE = (f"{COLUMNS}{c}" for c in ("updated_at", "state_code", "office_code"))
READ, SYNC, ACCESS = (f"customProperties/{name}/value" for name in ("read", "sync", "access"))
QUALITY = "schema/permits/quality/enough"
LONG = "a" * 70

#: Where the document is changed, to what; where it is refused (None: there), and what the reason says.
Case = tuple[str, Any, str | None, str]

TYPING_ERRORS: list[Case] = [
    ("sevrers", [], None, "did you mean 'servers'"),
    ("schema/permits/propertys", [], None, "or 'properties'"),
    (f"{FEE}/requierd", True, None, "did you mean 'required'"),
    (f"{NUMBER}/primaryKye", True, None, "did you mean 'primaryKey'"),
    (f"{NUMBER}/{OPTIONS}/patern", "x", None, "did you mean 'pattern'"),
    (f"{NUMBER}/{OPTIONS}/minimum", "x", None, "is unknown here"),
    (f"{STATE}/enum/0/lable", "x", None, "did you mean 'label'"),
    (f"{QUALITY}/mustBeGraterThan", 1, None, "did you mean 'mustBeGreaterThan'"),
    ("servers/0/hots", "x", "servers.city.hots", "did you mean 'host'"),
    ("slaProperties/latency/unti", "h", None, "did you mean 'unit'"),
    (f"{READ}/nulltokens", [], "customProperties.read.nulltokens", "did you mean 'nullTokens'"),
    (f"{READ}/paging", {"sise": 5}, "customProperties.read.paging.sise", "did you mean 'size'"),
    (f"{READ}/paging", {"style": "cursor"}, "customProperties.read.paging.nextPath", "is missing"),
    (
        f"{READ}/paging",
        {"nextPath": "a"},
        "customProperties.read.paging.nextPath",
        "is for the styles cursor",
    ),
    (
        f"{READ}/paging",
        {"style": "offset", "pageParam": ""},
        "customProperties.read.paging.pageParam",
        "is empty",
    ),
    (f"{READ}/params", {"after": "{sicne}"}, "customProperties.read.params.after", "stands for nothing"),
    (f"{READ}/allowedHosts", ["http://a.example"], "customProperties.read.allowedHosts", "without scheme"),
    (f"{SYNC}/lookbck", "P1D", "customProperties.sync.lookbck", "did you mean 'lookback'"),
    (f"{ACCESS}/searchKey", [], "customProperties.access.searchKey", "did you mean 'searchKeys'"),
    ("customProperties/3", {"property": "snyc", "value": {}}, "customProperties.snyc", "did you mean 'sync'"),
    ("slaProperties/3", {"property": "latncy", "value": 1}, "slaProperties.latncy", "did you mean 'latency'"),
]

SHAPES: list[Case] = [
    ("version", ABSENT, None, "is missing"),
    ("version", 1.0, None, "expected a text"),
    ("apiVersion", "v3.1.0", None, "expected v3.2.0"),
    ("kind", "Contract", None, "did you mean 'DataContract'"),
    ("id", "permits", None, "expected source.dataset"),
    ("id", "City.Permits", None, "lower case"),
    ("id", "city.per__mits", None, "single underscores"),
    ("id", f"city.{LONG}", None, "at most 48"),
    ("id", f"published.{LONG}", None, "at most 49"),
    ("team", [{"username": "x"}], None, "owning agency"),
    ("support", [{"channel": "email", "url": "mailto:nobody"}], "support[0].url", "an e-mail address"),
    ("support", [{"channel": "email", "url": "mailto:a@b.example,c d@e"}], "support[0].url", "'c d@e'"),
    ("schema", ABSENT, None, "expected exactly one dataset"),
    ("schema/1", {"name": "other"}, "schema", "expected exactly one dataset, found 2"),
    ("schema/permits/properties", [], "schema.permits.properties", "is empty"),
    ("servers", ABSENT, None, "is missing"),
    ("servers/0/host", ABSENT, "servers.city.host", "is missing"),
    ("servers/0/server", "", "servers.server", "names the connection"),
    ("servers/0/type", "postgress", "servers.city.type", "did you mean 'postgres'"),
    (
        "servers/0",
        {"server": "city", "type": "custom", "format": "dbf"},
        "servers",
        "no connector reads 'dbf'",
    ),
    ("customProperties/3", {"property": "sync", "value": {}}, "customProperties.sync", "more than once"),
    (
        "slaProperties/3",
        {"property": "latency", "value": 1, "unit": "h"},
        "slaProperties.latency",
        "more than once",
    ),
    ("slaProperties/latency/value", "soon", None, "expected a number above 0"),
    ("slaProperties/latency/unit", "m", None, "expected h or d"),
    ("slaProperties/retention/unit", ABSENT, None, "expected d or y"),
    ("slaProperties/frequency/schedule", "0 25 * * *", None, "not a cron expression"),
    ("slaProperties/frequency/schedule", "0 0 31 2 *", None, "not a cron expression"),
    ("slaProperties/frequency/schedule", "0 0 1 * * *", None, "minute hour day month weekday"),
]

COLUMN: list[Case] = [
    (f"{FEE}/logicalType", "nubmer", None, "did you mean 'number'"),
    (f"{FEE}/logicalType", ABSENT, None, "is missing: one of string, integer"),
    (f"{FEE}/logicalType", "money", None, "expected one of string, integer"),
    (f"{FEE}/physicalType", "decimal(18;2)", None, "expected decimal(18,2)"),
    (f"{FEE}/physicalType", "numeric(2,5)", None, "expected decimal(18,2)"),
    (f"{FEE}/{OPTIONS}/format", "f16", None, "did you mean 'f64'"),
    (f"{FEE}/name", "Fee", "schema.permits.properties.Fee", "lower case letters"),
    (f"{FEE}/name", LONG, f"schema.permits.properties.{LONG}", "longer than 63 bytes"),
    (f"{FEE}/name", "source_hash", "schema.permits.properties.source_hash", "the hub uses itself"),
    (f"{FEE}/name", "visit_count", "schema.permits.properties.visit_count", "stands more than once"),
    (f"{FEE}/classification", "secret", None, "public, internal, personal"),
    (f"{FEE}/transformLogic", "a + b", None, "take it out"),
    (f"{NUMBER}/primaryKey", False, f"{NUMBER}/primaryKeyPosition", "without primaryKey"),
    (f"{NUMBER}/primaryKeyPosition", 0, "schema.permits", "counts from 1"),
    (f"{COLUMNS}extra/primaryKey", True, f"{COLUMNS}extra", "a jsonb can't be a key"),
    (f"{STATE}/enum/0/value", 1, f"{STATE}/enum", "write it in quotes"),
    (f"{VISITS}/enum", [{"value": "many"}], None, "expected a whole number"),
    (f"{COLUMNS}is_active/enum", [{"value": "perhaps"}], None, "expected true or false"),
    (f"{ISSUED}/enum", [{"value": "1/1/2024"}], None, "expected a date"),
    (f"{FEE}/enum", [{"value": 1}], None, "can't have an enum"),
]

VALUES: list[Case] = [
    (f"{NUMBER}/{OPTIONS}/pattern", "[0-9", None, "bad regular expression"),
    (f"{NUMBER}/{OPTIONS}/pattern", "(?<year>[0-9]{4})", None, "bad regular expression"),
    (f"{NUMBER}/{OPTIONS}/pattern", "(?P<year>[0-9]{4})", None, "PostgreSQL has no named groups"),
    (f"{NUMBER}/{OPTIONS}/pattern", "(?i:a)", None, "PostgreSQL has no flags"),
    (f"{NUMBER}/{OPTIONS}/pattern", "(?>a)b", None, "PostgreSQL has no atomic"),
    (f"{NUMBER}/{OPTIONS}/pattern", "a++b", None, "PostgreSQL has no possessive"),
    (f"{NUMBER}/{OPTIONS}/pattern", r"\bJl\b", None, "the edge of a word is"),
    (f"{NUMBER}/{OPTIONS}/pattern", "a{,3}", None, "write {0,n}"),
    (f"{NUMBER}/{OPTIONS}/pattern", "a{1", None, "closed, or escaped"),
    (f"{NUMBER}/{OPTIONS}/pattern", "a{256}", None, "at most 255"),
    (f"{NUMBER}/{OPTIONS}/pattern", "a{99999999999999999999}", None, "bad regular expression"),
    (f"{NUMBER}/{OPTIONS}/minLength", 9, None, "more than maxLength 8"),
    (f"{NUMBER}/{OPTIONS}/format", "email", None, "isn't checked"),
    (
        f"{COLUMNS}extra/{OPTIONS}",
        {"minProperties": 1},
        f"{COLUMNS}extra/{OPTIONS}/minProperties",
        "isn't checked",
    ),
    (
        f"{COLUMNS}is_active/{OPTIONS}",
        {"pattern": "x"},
        f"{COLUMNS}is_active/{OPTIONS}/pattern",
        "isn't checked",
    ),
    (f"{VISITS}/{OPTIONS}/minimum", 10, None, "leaves no value below maximum 9"),
    (f"{VISITS}/{OPTIONS}/exclusiveMinimum", 9, None, "leaves no value below maximum 9"),
    (f"{VISITS}/{OPTIONS}/minimum", "ten", None, "expected a number"),
    (f"{VISITS}/{OPTIONS}/minimum", float("nan"), None, "expected a number"),
    (f"{VISITS}/{OPTIONS}/multipleOf", 0, None, "minimum of 0"),
    (f"{FEE}/{OPTIONS}", {"format": "f64", "multipleOf": 2}, f"{FEE}/{OPTIONS}/multipleOf", "floating-point"),
    (f"{ISSUED}/{OPTIONS}/format", "dd-Q-yyyy", None, "not a date format the hub reads"),
    (f"{ISSUED}/{OPTIONS}/format", "dd/mm/yyyy", None, "has no month"),
    (f"{ISSUED}/{OPTIONS}/minimum", "1/1/2000", None, "expected a date such as"),
    (f"{ISSUED}/{OPTIONS}/minimum", "20000101", None, "expected a date such as"),
    (f"{ISSUED}/{OPTIONS}/minimum", "2000-02-30", None, "expected a date such as"),
    (
        f"{ISSUED}/{OPTIONS}/maximum",
        "1999-12-31",
        f"{ISSUED}/{OPTIONS}/minimum",
        "leaves no value below maximum",
    ),
    (f"{UPDATED}/{OPTIONS}/minimum", "2000-13-01 00:00", None, "expected a timestamp"),
    (
        f"{UPDATED}/{OPTIONS}",
        {"minimum": "2000-01-01 00:00+07:00"},
        f"{UPDATED}/{OPTIONS}/minimum",
        "expected a timestamp",
    ),
    (
        f"{UPDATED}/{OPTIONS}",
        {"format": "yyyy-MM-dd HH:mm:ssXXX"},
        f"{UPDATED}/{OPTIONS}/format",
        "set timezone: true",
    ),
    (f"{UPDATED}/{OPTIONS}/defaultTimezone", "WIB", None, "no time zone"),
]

READING_AND_SYNCING: list[Case] = [
    (
        f"{READ}/filters",
        [{"column": "permit", "blank": True}],
        "customProperties.read.filters",
        "that isn't there",
    ),
    (
        f"{READ}/filters",
        [{"column": "state_code"}],
        "customProperties.read.filters",
        "expected a pattern, or blank",
    ),
    (
        f"{READ}/filters",
        [{"column": "state_code", "pattern": "["}],
        "customProperties.read.filters",
        "bad regular",
    ),
    (f"{READ}/encoding", "utf-9", "customProperties.read.encoding", "no encoding"),
    (f"{READ}/encoding", "hex", "customProperties.read.encoding", "no encoding"),
    (f"{READ}/groupMark", ".", "customProperties.read.groupMark", "decimal mark too"),
    (f"{READ}/delimiter", ";;", "customProperties.read.delimiter", "too long"),
    (f"{READ}/delimiter", '"', "customProperties.read.delimiter", "the quote too"),
    (f"{SYNC}/mode", "snap", "customProperties.sync.mode", "did you mean 'snapshot'"),
    (f"{SYNC}/maxDeletePct", 101, "customProperties.sync.maxDeletePct", "maximum of 100"),
    (f"{SYNC}/watermark", ABSENT, "customProperties.sync.watermark", "mode incremental needs one"),
    (f"{SYNC}/watermark", "updated", "customProperties.sync.watermark", "that isn't there"),
    (f"{SYNC}/watermark", "state_code", "customProperties.sync.watermark", "a string column can't be"),
    (f"{SYNC}/lookback", "2 hours", "customProperties.sync.lookback", "ISO 8601 duration"),
    (f"{SYNC}/lookback", "P", "customProperties.sync.lookback", "ISO 8601 duration"),
    (
        SYNC,
        {"mode": "append", "watermark": "visit_count", "lookback": "P1D"},
        "customProperties.sync.lookback",
        "whole",
    ),
    (SYNC, {"lookback": "P1D"}, "customProperties.sync.lookback", "there is none"),
    (f"{SYNC}/watermark", ["visit_count", "state_code"], "customProperties.sync.watermark", "be part of a"),
    (f"{SYNC}/deleted", {"column": "gone"}, "customProperties.sync.deleted", "that isn't there"),
    (f"{SYNC}/deleted", {"column": "visit_count"}, "customProperties.sync.deleted.values", "are missing"),
    (f"{SYNC}/reconcile", "weekly", "customProperties.sync.reconcile", "ISO 8601 duration"),
    (SYNC, {"reconcile": "P7D"}, "customProperties.sync.reconcile", "goes with mode incremental"),
    (
        f"{SYNC}/distributionKey",
        "state_code",
        "customProperties.sync.distributionKey",
        "not a column of the key",
    ),
    (f"{ACCESS}/rowPredicate", "true", "customProperties.access.rowPredicate", "is for published tables"),
    (f"{ACCESS}/searchKeys", ["nik"], "customProperties.access.searchKeys", "that isn't there"),
    (f"{QUALITY}/metric", "rowCnt", None, "did you mean 'rowCount'"),
    (f"{QUALITY}/metric", ABSENT, None, "is missing"),
    (f"{QUALITY}/metric", "nullValues", QUALITY, "belongs below the column"),
    (f"{QUALITY}/severity", "fatal", QUALITY, "critical or warning"),
    (f"{QUALITY}/unit", "percent", None, "take it out"),
    (f"{QUALITY}/mustBe", 5, QUALITY, "several of the forms"),
    (f"{QUALITY}/mustBeGreaterThan", "ten", None, "expected a number"),
    (
        "schema/permits/quality/1",
        {"metric": "rowCount", "mustBeBetween": [9, 1]},
        "schema.permits.quality.rowCount.mustBeBetween",
        "the smaller first",
    ),
    (
        "schema/permits/quality/1",
        {"name": "enough", "metric": "rowCount", "mustBe": 1},
        QUALITY,
        "more than once",
    ),
]

NUMBERS, EXTRACT = f"{READ}/numbers", f"{READ}/extract"
TEXTS: list[Case] = [
    (NUMBERS, {"curency": ["Rp"]}, "customProperties.read.numbers.curency", "did you mean 'currency'"),
    (NUMBERS, {"negatives": ["brackets"]}, "customProperties.read.numbers.negatives.0", "parentheses"),
    *(
        (NUMBERS, {"currency": [text]}, "customProperties.read.numbers.currency", reason)
        for text, reason in (
            ("R1", "no digits"),
            ("(", "no digits, signs"),
            ("Rp ", "blanks beside"),
            ("-", "name or sign"),
            (".", "name or sign"),
            ("Rp-", "name or sign"),
        )
    ),
    *(
        (NUMBERS, {"zeroTokens": [text]}, "customProperties.read.numbers.zeroTokens", reason)
        for text, reason in (("0,1", "hide a number"), (" nihil", "blanks around"), ("-", "nullTokens too"))
    ),
    (EXTRACT, {"floor": "(a)"}, "customProperties.read.extract.floor", "that isn't there"),
    (EXTRACT, {"state_code": "(["}, "customProperties.read.extract.state_code", "bad regular expression"),
    (
        EXTRACT,
        {"state_code": "(?<a>x)"},
        "customProperties.read.extract.state_code",
        "bad regular expression",
    ),
    (
        EXTRACT,
        {"state_code": "^[0-9]"},
        "customProperties.read.extract.state_code",
        "has 0 groups; expected one",
    ),
    (EXTRACT, {"state_code": "(a)(b)"}, "customProperties.read.extract.state_code", "has 2 groups"),
    (EXTRACT, {"state_code": "(?:a)[(]"}, "customProperties.read.extract.state_code", "has 0 groups"),
    (EXTRACT, {"updated_at": "^(.*)$"}, "customProperties.read.extract.updated_at", "is the watermark"),
    *(
        (f"{ISSUED}/{OPTIONS}/format", text, None, reason)
        for text, reason in (
            ("dd/MM/yyyy | dd-Q-yyyy", "'dd-Q-yyyy' is not a date format"),
            ("dd/MM/yyyy |", "'' is not a date format"),
            ("dd/MM/yyyy | exel", "'exel' is not a date format"),
            ("excel | MM/yyyy", "'MM/yyyy' has no day"),
            ("excel | dd/MM/yyyy XXX", "offset from UTC"),
            ("d/M/yyyy | M/d/yyyy", "the same text as different values"),
            ("dd/MM/yyyy | M/d/yyyy", "the same text as different values"),
            ("ddMMyy | yyMMdd", "the same text as different values"),
            ("excel | ddMMyy", "the same text as different values"),
        )
    ),
]

REFERENCES: list[Case] = [
    (
        f"{OFFICE}/relationships/0/to",
        "city.buildings.code",
        "schema.permits.relationships",
        "no such dataset",
    ),
    (
        f"{OFFICE}/relationships/0/to",
        "city.offices.code",
        "schema.permits.relationships",
        "has no column 'code'",
    ),
    (
        f"{OFFICE}/relationships/0/to",
        "city.offices.office_name",
        "schema.permits.relationships",
        "neither its key",
    ),
    (
        f"{OFFICE}/relationships/0/to",
        "city.offices.floor_number",
        "schema.permits.relationships",
        "can't be compared",
    ),
    (f"{OFFICE}/relationships/0/to", "offices", f"{OFFICE}/relationships/0/to", "expected dataset.column"),
    (f"{OFFICE}/relationships/0/too", "x", f"{OFFICE}/relationships/0/too", "is unknown here"),
    (
        "schema/permits/relationships",
        [{"from": "permits.office", "to": "offices.office_code"}],
        None,
        "'office' that isn't there",
    ),
]


@pytest.mark.parametrize(
    "case",
    TYPING_ERRORS + SHAPES + COLUMN + VALUES + READING_AND_SYNCING + TEXTS + REFERENCES,
    ids=lambda case: f"{case[0].replace('/', '.')}={'absent' if case[1] is ABSENT else str(case[1])[:30]}",
)
def test_refused(tmp_path: Path, case: Case) -> None:
    path, value, where, reason = case
    where = (where or path).replace("/", ".")
    _, file = write(tmp_path, offices(), changed(permits(), path, value))
    errors = refused(tmp_path)
    assert {error.file for error in errors} == {file}
    assert where in [error.where for error in errors]
    (said,) = [error for error in errors if error.where == where and reason in error.reason]
    assert str(said).startswith(f"{file}: ")
    assert "\n" not in str(said) and len(said.reason) < 300


def refused(root: Path) -> list[Any]:
    """The errors for which the project is refused."""
    with pytest.raises(ContractErrors) as caught:
        load_catalogue(root)
    return caught.value.errors


def test_the_unspoilt_documents_are_taken(tmp_path: Path) -> None:
    write(tmp_path, permits(), offices())
    assert list(load_catalogue(tmp_path).sources) == ["city.offices", "city.permits"]


@pytest.mark.parametrize(
    "form",
    [
        "dd/MM/yyyy | d-MMM-yy | d MMMM yyyy | excel",
        "dd/MM/yyyy | d/M/yyyy",
        "yyyyMMdd | dd/MM/yy",
        "'|'ddMMyyyy",
    ],
)
def test_formats_that_never_contradict_each_other_are_taken(tmp_path: Path, form: str) -> None:
    write(tmp_path, offices(), changed(permits(), f"{ISSUED}/{OPTIONS}/format", form))
    assert "city.permits" in load_catalogue(tmp_path).sources


def test_a_spreadsheets_date_cells_are_read_as_the_day_they_are(tmp_path: Path) -> None:
    sheet = {"server": "city", "type": "local", "format": "xlsx", "path": "in.xlsx"}
    document = changed(permits(), "servers/0", sheet)
    write(tmp_path, offices(), changed(document, f"{ISSUED}/{OPTIONS}/format", "dd/MM/yyyy | yyyy-dd-MM"))
    (error,) = refused(tmp_path)
    assert error.reason == "'yyyy-dd-MM' would read true cells, which come as yyyy-MM-dd, as something else"


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    spoilt = changed(changed(permits(), f"{FEE}/requierd", True), "slaProperties/latency/unti", "h")
    write(tmp_path, spoilt, changed(offices(), "version", ABSENT))
    assert [error.where for error in refused(tmp_path)] == [
        "version",
        "schema.permits.properties.fee_amount.requierd",
        "slaProperties.latency.unti",
    ]


def test_no_key(tmp_path: Path) -> None:
    document = changed(permits(), f"{NUMBER}/primaryKey", ABSENT)
    write(tmp_path, offices(), changed(document, f"{NUMBER}/primaryKeyPosition", ABSENT))
    (error,) = refused(tmp_path)
    assert error.reason == "has no key: mark its columns with primaryKey"


def test_two_key_columns_in_one_place(tmp_path: Path) -> None:
    document = changed(permits(), f"{FEE}/primaryKey", True)
    write(tmp_path, offices(), changed(document, f"{FEE}/primaryKeyPosition", 1))
    (error,) = refused(tmp_path)
    assert error.reason == "two key columns have the same primaryKeyPosition"


def test_a_cycle_of_references(tmp_path: Path) -> None:
    back = [{"to": "city.permits.permit_number"}]
    write(
        tmp_path, permits(), changed(offices(), "schema/offices/properties/office_name/relationships", back)
    )
    (error,) = refused(tmp_path)
    assert error.reason in (
        "form a cycle: city.offices -> city.permits -> city.offices",
        "form a cycle: city.permits -> city.offices -> city.permits",
    )


def test_a_dataset_may_refer_to_itself(tmp_path: Path) -> None:
    itself = [{"to": "city.offices.office_code"}]
    write(tmp_path, changed(offices(), "schema/offices/properties/office_name/relationships", itself))
    assert list(load_catalogue(tmp_path).sources) == ["city.offices"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{NUMBER}/{OPTIONS}/pattern", r"^(?!0000)(?:[[:alpha:]]|\d)\\b[?][)+]{1,255}$"),
        (f"{NUMBER}/{OPTIONS}/pattern", r"a\++[a+]+b"),
        (f"{VISITS}/{OPTIONS}/maximum", 0),
        (f"{ISSUED}/{OPTIONS}/maximum", "2000-01-01"),
        (f"{UPDATED}/{OPTIONS}/minimum", "2000-01-01T00:00:00+07:00"),
        (f"{UPDATED}/{OPTIONS}/format", "dd MMMM yyyy HH:mm:ss XXX"),
        (f"{ISSUED}/{OPTIONS}/format", "excel"),
        (f"{SYNC}/lookback", "P1DT12H"),
        (f"{READ}/encoding", "windows-1252"),
        ("slaProperties/frequency/schedule", "*/15 6-18 * * 1-5"),
        ("slaProperties", ABSENT),
        ("customProperties/access", ABSENT),
    ],
)
def test_what_looks_odd_and_is_right(tmp_path: Path, path: str, value: Any) -> None:
    write(tmp_path, offices(), changed(permits(), path, value))
    assert len(load_catalogue(tmp_path).sources) == 2


@pytest.mark.parametrize(
    ("text", "where", "reason"),
    [
        (OFFICES.replace("version:", "id: city.other\nversion:"), "line", "the key 'id' stands twice"),
        (OFFICES + "   bad: [", "line", ""),
        (OFFICES.replace("1.0.0", "1\x00"), "file", "characters are not allowed"),
        ("- a list", "file", "is not a contract"),
        ("", "file", "is not a contract"),
        ("version: " + "9" * 5000, "file", "can't be read"),
        ("a: !!python/name:os.system x", "line", "could not determine a constructor"),
    ],
)
def test_unreadable_yaml(tmp_path: Path, text: str, where: str, reason: str) -> None:
    file = tmp_path / "offices.odcs.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ContractErrors) as caught:
        load_contract(file)
    (error,) = caught.value.errors
    assert error.where.startswith(where) and reason in error.reason and "\n" not in str(error)


def test_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    file = tmp_path / "offices.odcs.yaml"
    file.write_bytes(PERMITS.replace("Izin", "Izin é").encode("latin-1"))
    with pytest.raises(ContractErrors, match="can't be read"):
        load_contract(file)


def test_a_file_in_the_wrong_place(tmp_path: Path) -> None:
    (file,) = write(tmp_path, offices())
    moved = file.rename(file.with_name("office.odcs.yaml"))
    (error,) = refused(tmp_path)
    assert (error.file, error.where) == (moved, "id")
    assert error.reason == "'city.offices' belongs in schemas/sources/city/offices.odcs.yaml"


def test_two_files_with_one_id(tmp_path: Path) -> None:
    (file,) = write(tmp_path, offices())
    copy = file.with_name("copy.odcs.yaml")
    copy.write_bytes(file.read_bytes())
    assert any(e.file == file and e.reason == f"'city.offices' is also in {copy}" for e in refused(tmp_path))


def test_the_kinds_that_contracts_may_name_are_those_with_a_connector() -> None:
    assert set(KINDS) == set(CONNECTORS)
