"""Normal forms of business names, and how alike two are. The names are nobody's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbung.businesses.names import FORM, NUMBER, ORDER, likeness, name_of, normal_name, similarity


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("PT. Sumber Rejeki, Tbk", "PT SUMBER REZEKI"),
        ("SUMBER REDJEKI P.T.", "PT SUMBER REZEKI"),
        ("Perseroan Terbatas Sumber Rezki (Persero)", "PT SUMBER REZEKI"),
        ("Sinar Abadi, C. V.", "CV SINAR ABADI"),
        ("Fa. Tjahaja", "FIRMA CAHAYA"),
        ("Usaha Dagang Sari & Putra", "UD SARI DAN PUTRA"),
        ("Koperasi Simpan Pinjam Melati", "KOPERASI MELATI"),
        ("KSP Melati", "KOPERASI MELATI"),
        ("Yay. Melati", "YAYASAN MELATI"),
        ("RM. Apotik", "RUMAH MAKAN APOTEK"),
        ("TOKO", "TOKO"),
        ("--", ""),
    ],
)
def test_normal_forms(written: str, normal: str) -> None:
    assert normal_name(written) == normal


@pytest.mark.parametrize(
    ("one", "other", "at_least"),
    [
        ("UD Sinar", "Toko Sinar", 95),
        ("Sinar Abadi", "CV Sinar Abadi", 95),
        ("Mega Jayaraya", "Mega Jaya Raya", 95),
        ("Toko Roti Anugerah", "Toko Roti Anugrah", 90),
    ],
)
def test_one_business_in_two_ways(one: str, other: str, at_least: int) -> None:
    assert similarity(one, other) >= at_least


@pytest.mark.parametrize(
    ("one", "other", "below", "why"),
    [
        ("CV Maju Jaya", "PT Maju Jaya", 60, FORM),
        ("CV Maju Jaya", "CV Jaya Maju", 90, ORDER),
        ("Apotek Indah 1", "Apotek Indah 2", 65, NUMBER),
        ("Apotek Indah", "Apotek Indah II", 65, NUMBER),
        ("UD. Sari", "UD. Sri", 60, "a word differs"),
        ("PT Kapuas Makmur", "PT Kapuas Makmur Sejahtera", 80, "a word is missing"),
        ("PT", "CV", 1, "no name to compare"),
    ],
)
def test_two_businesses(one: str, other: str, below: int, why: str) -> None:
    found = likeness(name_of(one), name_of(other))
    assert found.score < below
    assert why in found.evidence


WORDS = st.lists(
    st.sampled_from(["PT", "CV", "Toko", "Maju", "Jaya", "Madju", "2", "II", "&", "Sinar", "Tbk", "RM", "."]),
    max_size=6,
).map(" ".join)


@given(WORDS, WORDS)
def test_either_way_round_and_whole_only_for_equals(one: str, other: str) -> None:
    score = similarity(one, other)
    assert score == similarity(other, one)
    same = name_of(one) == name_of(other) and bool(name_of(one).words)
    assert (score == 100) == same


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_text_is_too_strange(one: str, other: str) -> None:
    assert 0 <= similarity(one, other) <= 100
    assert len(name_of(one).words) == 0 or one not in repr(name_of(one)) or not one.strip()
