"""The check by element: what matches is said, what is registered is not. Nobody registered here exists."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbung.identity.verification import ELEMENTS, Answer, ElementAnswer, RegisteredPerson, Request, verify

NIK = "6171016905850001"
PERSON = RegisteredPerson(
    nik=NIK,
    full_name="SITI RINA LESTARI",
    birth_place="PONTIANAK",
    birth_date=date(1985, 5, 29),
    sex_code="2",
    address="JL. AHMAD YANI GG. APEL NO. 12",
    kk_number="6171010101100007",
    province_code="61",
    regency_code="71",
    district_code="1",
    village_code="1002",
)
KEYS = {"response_code", "message", "elements", "refused"}


def _ask(person: RegisteredPerson | None = PERSON, **elements: Any) -> Answer:
    return verify(person, Request(NIK, elements or {"JENIS_KLMIN": "2"}))


@pytest.mark.parametrize(
    ("element", "value", "result", "score"),
    [
        ("NAMA_LGKP", "Hj. Siti Rina Lestari, S.Pd", "Sesuai", 100),
        ("NAMA_LGKP", "Siti Rini Lestari", "Tidak Sesuai", 74),
        ("NAMA_LGKP", "Agus Hartono", "Tidak Sesuai", 0),
        ("TMPT_LHR", "Kota Pontianak", "Sesuai", None),
        ("TMPT_LHR", "Singkawang", "Tidak Sesuai", None),
        ("TGL_LHR", "29-05-1985", "Sesuai", None),
        ("TGL_LHR", "1985-05-29", "Sesuai", None),
        ("TGL_LHR", "05/12/1985", "Tidak Sesuai", None),
        ("JENIS_KLMIN", "Perempuan", "Sesuai", None),
        ("JENIS_KLMIN", "Laki-Laki", "Tidak Sesuai", None),
        ("ALAMAT", "Jalan Ahmad Yani Gang Apel 12", "Sesuai", 100),
        ("ALAMAT", "Jalan Ahmad Yani Gang Apel 14", "Tidak Sesuai", 75),
        ("NO_KK", "6171010101100007", "Sesuai", None),
        ("NO_KK", "6171010101100008", "Tidak Sesuai", None),
        ("NO_PROP", "61", "Sesuai", None),
        ("NO_KAB", "71", "Sesuai", None),
        ("NO_KEC", "01", "Sesuai", None),
        ("NO_KEL", "1003", "Tidak Sesuai", None),
    ],
)
def test_each_element_is_answered(element: str, value: str, result: str, score: int | None) -> None:
    assert _ask(**{element: value}) == Answer("00", {element: ElementAnswer(result, score)})


def test_what_is_not_registered_matches_nothing() -> None:
    values = {
        "NAMA_LGKP": "Agus", "TMPT_LHR": "Sambas", "TGL_LHR": "01-01-1990", "JENIS_KLMIN": "1",
        "ALAMAT": "Jl. Apel", "NO_KK": "6171010101100007", "NO_PROP": "61",
        "NO_KAB": "71", "NO_KEC": "1", "NO_KEL": "1001",
    }  # fmt: skip
    answer = _ask(RegisteredPerson(NIK), **values)
    assert list(answer.elements) == list(ELEMENTS)
    assert {one.result for one in answer.elements.values()} == {"Tidak Sesuai"}


def test_the_threshold_is_the_callers() -> None:
    request = Request(NIK, {"NAMA_LGKP": "Siti Rini Lestari"}, threshold=74)
    assert verify(PERSON, request).elements["NAMA_LGKP"] == ElementAnswer("Sesuai", 74)


@pytest.mark.parametrize(
    ("person", "code"),
    [
        (None, "13"),
        (replace(PERSON, nik="6171016905850002"), "13"),
        (replace(PERSON, is_deceased=True, is_active=False), "11"),
        (replace(PERSON, is_duplicate=True), "12"),
        (replace(PERSON, is_active=False), "14"),
    ],
)
def test_who_is_not_compared_gets_a_code_and_no_more(person: RegisteredPerson | None, code: str) -> None:
    assert _ask(person, NAMA_LGKP="Siti Rina Lestari") == Answer(code)


@pytest.mark.parametrize(
    ("request_", "refused"),
    [
        (Request("617101690585000", {"JENIS_KLMIN": "2"}), ("NIK",)),
        (Request("0" * 16, {"JENIS_KLMIN": "2"}), ("NIK",)),
        (Request(NIK, {}), ("elements",)),
        (Request(NIK, {"JENIS_KLMIN": "2"}, threshold=0), ("threshold",)),
        (Request(NIK, {"NAMA_IBU": "x", "JENIS_KLMIN": "2"}), ("NAMA_IBU",)),
        (Request(NIK, {"Siti Rina": "x"}), ("(unknown element)",)),
        (Request(NIK, {"TGL_LHR": "00-00-0000", "JENIS_KLMIN": "3"}), ("TGL_LHR", "JENIS_KLMIN")),
        (
            Request(NIK, {"NAMA_LGKP": " ", "NO_KK": "0" * 16, "NO_KEC": "x"}),
            ("NAMA_LGKP", "NO_KK", "NO_KEC"),
        ),
        (Request(NIK, {"NAMA_LGKP": None, "TGL_LHR": date(1985, 5, 29)}), ("NAMA_LGKP", "TGL_LHR")),
    ],
)
def test_a_malformed_request_is_refused_by_name_whoever_it_asks_for(
    request_: Request, refused: tuple[str, ...]
) -> None:
    for person in (PERSON, None, replace(PERSON, is_deceased=True)):
        assert verify(person, request_) == Answer("15", refused=refused)


SECRET = st.text(alphabet="QWXZqwxz79", min_size=6, max_size=20)


@given(
    st.builds(
        RegisteredPerson,
        nik=st.just(NIK),
        full_name=SECRET,
        birth_place=SECRET,
        sex_code=SECRET,
        address=SECRET,
        kk_number=SECRET,
        province_code=SECRET,
        village_code=SECRET,
        birth_date=st.dates(),
        is_deceased=st.booleans(),
        is_active=st.booleans(),
    ),
    st.dictionaries(
        st.one_of(st.sampled_from(sorted(ELEMENTS)), st.text()), st.text() | st.none(), max_size=12
    ),
    st.integers(-1, 101),
)
def test_no_answer_holds_a_registered_value(
    person: RegisteredPerson, elements: dict[str, object], threshold: int
) -> None:
    request = Request(NIK, elements, threshold)
    answer = verify(person, request)
    document = answer.document()
    assert document.keys() == KEYS
    said = repr(answer) + json.dumps(document) + repr(person) + repr(request)
    for value in (
        person.full_name,
        person.birth_place,
        person.address,
        person.kk_number,
        person.village_code,
        NIK,
    ):
        assert value not in said
    assert answer.response_code in ("00", "11", "14", "15")
    assert all(one.result in ("Sesuai", "Tidak Sesuai") for one in answer.elements.values())
