"""Places of real code lists: the 29 kelurahan in every code system and spelling, a whole province by name."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator

import pytest

from lumbung.places.codes import BPS, KEMENDAGRI, level_of
from lumbung.places.crosswalk import NAME, Crosswalk, Row
from lumbung.places.resolve import Finding, Kind, Mention, Resolved, resolve
from tests.services import corpus

pytestmark = pytest.mark.corpus

CITY = "61.71"
PROVINCE = "61"
Asked = Iterable[tuple[str, Mention]]


@pytest.fixture(scope="module")
def kelurahan() -> list[dict[str, str]]:
    """The 29 kelurahan with the codes of Kemendagri and BPS and three spellings."""
    path = corpus() / "regions" / "pontianak_crosswalk_kemendagri_bps.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def dump() -> dict[str, str]:
    """Every region of the province, by code, as a MySQL dump of 2022 spells it."""
    text = (corpus() / "regions" / "wilayah_2022.sql").read_text(encoding="utf-8")
    return {code: name for code, name in _inserted(text) if code.split(".")[0] == PROVINCE}


@pytest.fixture(scope="module")
def crosswalk(kelurahan: list[dict[str, str]], dump: dict[str, str]) -> Crosswalk:
    """Both codes, and one official name each: every other spelling has to be read by rule."""
    rows = [
        Row(code, NAME, name) for code, name in dump.items() if code.startswith(CITY) and level_of(code) == 3
    ]
    for place in kelurahan:
        code = place["kode_kemendagri"]
        rows += [Row(code, KEMENDAGRI, code), Row(code, BPS, place["kode_bps10"])]
        rows.append(Row(code, NAME, place["nama_2025"]))
        area = code.rpartition(".")[0]
        rows += [Row(area, KEMENDAGRI, area), Row(area, BPS, place["kode_kec_bps"])]
    return Crosswalk(dict.fromkeys(rows))


def _inserted(text: str) -> Iterator[tuple[str, str]]:
    for code, name in re.findall(r"^\('([0-9.]+)','((?:[^']|'')*)'\)[,;]$", text, flags=re.MULTILINE):
        yield code, name.replace("''", "'")


def _counted(crosswalk: Crosswalk, asked: Asked) -> Counter[str]:
    """How many are resolved and how many are findings of each kind; not one may be another place."""
    counts: Counter[str] = Counter()
    for place, mention in asked:
        answer = resolve(crosswalk, mention)
        assert isinstance(answer, Finding) or answer.code == place, (place, answer)
        counts["resolved" if isinstance(answer, Resolved) else answer.kind.value] += 1
    return counts


def test_all_kelurahan_resolve_from_every_code_system_and_spelling(
    crosswalk: Crosswalk, kelurahan: list[dict[str, str]], dump: dict[str, str]
) -> None:
    by_code = {place["kode_kemendagri"]: place for place in kelurahan}
    villages = {code: name for code, name in dump.items() if code.startswith(CITY) and level_of(code) == 4}
    assert len(by_code) == 29
    assert villages.keys() == by_code.keys()
    systems: dict[str, Asked] = {
        "Kemendagri, dotted": [(code, Mention(code)) for code in by_code],
        "Kemendagri, undotted": [
            (code, Mention(code.replace(".", ""), system=KEMENDAGRI)) for code in by_code
        ],
        "BPS": [(code, Mention(place["kode_bps10"], system=BPS)) for code, place in by_code.items()],
        "NOP": [(code, Mention(f"{place['kode_bps10']}01300010")) for code, place in by_code.items()],
        "dump of 2022": [(code, Mention(name=name)) for code, name in villages.items()],
    }
    for column in ("nama_2025", "nama_kemendagri_2018", "nama_bps"):
        systems[column] = [(code, Mention(name=place[column])) for code, place in by_code.items()]
    for column in ("nama_2025", "nama_bps"):
        systems[f"BPS, no system, and {column}"] = [
            (code, Mention(place["kode_bps10"], place[column])) for code, place in by_code.items()
        ]
    table = {system: _counted(crosswalk, asked) for system, asked in systems.items()}
    _print(table)
    assert table == {system: Counter(resolved=29) for system in systems}


def test_ten_digits_without_a_system_resolve_only_where_no_other_system_may_mean_them(
    crosswalk: Crosswalk, kelurahan: list[dict[str, str]]
) -> None:
    codes = [(place["kode_kemendagri"], place["kode_bps10"]) for place in kelurahan]
    statistics = {f"{code[:2]}.{code[2:4]}.{code[4:6]}.{code[6:]}" for _, code in codes}
    collide = statistics & {ministry for ministry, _ in codes}
    # BPS's 6171011 and 6171031 are 9 villages that look like Kemendagri's 61.71.01 and 61.71.03, also 9.
    table = {
        "BPS, no system": _counted(crosswalk, [(m, Mention(code)) for m, code in codes]),
        "Kemendagri undotted, no system": _counted(
            crosswalk, [(m, Mention(m.replace(".", ""))) for m, _ in codes]
        ),
    }
    _print(table)
    assert len(collide) == 7
    assert table["BPS, no system"] == Counter(resolved=20, ambiguous=9)
    assert table["Kemendagri undotted, no system"] == Counter(resolved=20, ambiguous=9)


def test_the_kecamatan_resolve_from_both_systems_and_by_name(
    crosswalk: Crosswalk, kelurahan: list[dict[str, str]]
) -> None:
    areas = {place["kode_kemendagri"].rpartition(".")[0]: place for place in kelurahan}
    assert len(areas) == 6
    asked = [(code, Mention(place["kode_kec_bps"])) for code, place in areas.items()]
    asked += [(code, Mention(code.replace(".", ""))) for code in areas]
    asked += [(code, Mention(name=f"KEC. {place['kecamatan']}")) for code, place in areas.items()]
    assert _counted(crosswalk, asked) == Counter(resolved=18)


def test_no_village_of_a_whole_province_is_taken_for_another(dump: dict[str, str]) -> None:
    province = Crosswalk(Row(code, NAME, name) for code, name in dump.items())
    villages = [code for code in dump if level_of(code) == 4]
    areas = {code: dump[code.rpartition(".")[0]] for code in villages}
    alone = [(code, Mention(name=f"Kel. {dump[code]}")) for code in villages]
    beside = [(code, Mention(name=f"Kel. {dump[code]}", kecamatan=areas[code])) for code in villages]
    table = {"name": _counted(province, alone), "name and kecamatan": _counted(province, beside)}
    _print(table)
    assert len(villages) > 2000
    assert set(table["name"]) == {"resolved", Kind.AMBIGUOUS.value}
    assert table["name and kecamatan"]["resolved"] > 0.99 * len(villages)


def _print(table: dict[str, Counter[str]]) -> None:
    print()  # noqa: T201
    for system, counts in table.items():
        unresolved = counts.total() - counts["resolved"]
        print(f"{system:34} resolved {counts['resolved']:5}   unresolved {unresolved:4}")  # noqa: T201
