"""Normal forms of names and addresses, and how alike two are. The names are nobody's."""

import pytest

from lumbung.identity import addresses
from lumbung.identity.likeness import likeness, similarity
from lumbung.identity.names import name_of, normal_name


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Drs. H. Budi Santoso, S.E., M.Si", "BUDI SANTOSO"),
        ("DR.IR.H. HENDRA WIBOWO, MT", "HENDRA WIBOWO"),
        ("Hj. Rina Lestari S. Pd. I", "RINA LESTARI"),
        ("RINA LESTARI SPd.", "RINA LESTARI"),
        ("Rina Lestari, S.Pd.M.Pd", "RINA LESTARI"),
        ("Rina Lestari A.Md. Kep", "RINA LESTARI"),
        ("Prof. Dr. Hartono, Ph.D", "HARTONO"),
        ("Alm. Hadi Gunawan", "HADI GUNAWAN"),
        ("Hadi Gunawan (alm)", "HADI GUNAWAN"),
        ("Moh. Hadi", "MUHAMAD HADI"),
        ("MOHD HADI", "MUHAMAD HADI"),
        ("Mochammad Hadi", "MUHAMAD HADI"),
        ("H.M.Hadi", "M HADI"),
        ("M.A. Rahman", "M A RAHMAN"),
        ("St. Rina", "SITI RINA"),
        ("Hadi, ST", "HADI"),
        ("Soerja Widjaja", "SURYA WIJAYA"),
        ("Tjahjo Soedjono", "CAHYO SUJONO"),
        ("Njoman Sjamsoeddin", "NYOMAN SYAMSUDIN"),
        ("Joko Anjani", "JOKO ANJANI"),
        ("Joel", "JOEL"),
        ("Achmad Chairul", "AHMAD KHAIRUL"),
        ("Christina", "KRISTINA"),
        ("Nur\u2019aini", "NURAINI"),
        ("Ren\u00e9e  AL-FATIH", "RENE AL FATIH"),
        ("Hadi bin H. Umar", "HADI UMAR"),
        ("Rina bt. Umar", "RINA UMAR"),
        ("Bin Umar", "BIN UMAR"),
        ("H.", "H"),
        ("-", ""),
    ],
)
def test_normal_names(written: str, normal: str) -> None:
    assert normal_name(written) == normal


def test_parts_keys_and_the_fathers_name() -> None:
    name = name_of("M. Zainal binti Umar")
    assert name.parts == ("M", "ZAINAL", "UMAR")
    assert name.without_father == ("M", "ZAINAL")
    assert name.initials == ("M",)
    assert name.sorted_text == "M UMAR ZAINAL"
    assert name.keys == name_of("A. Jaenal Umar").keys
    assert repr(name) == "Name()"


@pytest.mark.parametrize(
    ("a", "b", "least", "most"),
    [
        ("Ir. Soerja Widjaja", "surya wijaya, MM", 100, 100),
        ("M. Hadi", "Muhammad Hadi", 95, 99),
        ("A. Hartono", "Agus Hartono", 88, 95),
        ("Hartono Agus", "Agus Hartono", 95, 99),
        ("Siti Nur Aini", "Siti Nuraini", 95, 99),
        ("Abdul Rahman", "Abdurrahman", 88, 95),
        ("Ahmad Fauzi", "Achmad Pauzi", 88, 97),
        ("Rahmawati Lestari", "Rahmawti Lestrai", 85, 95),
        ("Hadi bin Umar", "Hadi", 90, 95),
        ("Muhammad Hadi Hartono", "Hadi Hartono", 90, 96),
        ("Siti Rina Lestari", "Rina Lestari", 80, 90),
        ("Siti Aminah", "Aminah", 60, 79),
        ("A H", "Agus Hartono", 50, 79),
        ("Budi Santoso", "Rudi Santoso", 50, 79),
        ("Rina Lestari", "Rini Lestari", 50, 79),
        ("Halim", "Salim", 50, 79),
        ("Nahendra", "Mahendra", 80, 90),
        ("Ani", "Adi", 0, 50),
        ("Lim", "Lin", 0, 50),
        ("Siti Aminah", "Siti Rahayu", 0, 40),
        ("Agus", "Hartono", 0, 30),
        ("", "Agus", 0, 0),
        ("", "-", 0, 0),
    ],
)
def test_names_as_alike_as_people_find_them(a: str, b: str, least: int, most: int) -> None:
    assert least <= similarity(a, b) <= most
    assert similarity(b, a) == similarity(a, b)


@pytest.mark.parametrize(
    ("a", "b", "evidence"),
    [
        ("Hadi", "HADI", ("same normal form",)),
        ("Hartono A.", "Agus Hartono", ("initial", "parts in another order")),
        ("Rahmawati", "Rahmawari", ("typo",)),
        ("Hadi bin Umar", "Hadi", ("father's name on one side",)),
        ("Siti Rina Lestari", "Rina Lestari", ("a part is missing",)),
        ("Budi", "Rudi", ("a part differs",)),
    ],
)
def test_evidence_says_why_without_the_names(a: str, b: str, evidence: tuple[str, ...]) -> None:
    assert likeness(name_of(a), name_of(b)).evidence == evidence


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Jln. Ahmad Yani Gg. Apel no 012, RT.03/RW.5", "AHMAD YANI GANG APEL NO 12 RT 3 RW 5"),
        ("JL AHMAD YANI GANG APEL NO.12 RT/RW 003/005", "AHMAD YANI GANG APEL NO 12 RT 3 RW 5"),
        ("Jalan Apel 12 A", "APEL 12 A"),
        ("Jl. Apel No. 12 A RT3RW5", "APEL NO 12A RT 3 RW 5"),
        ("Jl. Apel 12", "APEL NO 12"),
        ("Komp. Apel Blk. C2 No 4-5", "KOMPLEKS APEL BLOK C2 NO 4-5"),
        ("Apel, Kel. Sungai Jawi Kec. Pontianak Kota", "APEL KEL SUNGAIJAWI KEC PONTIANAKKOTA"),
        ("Sei. Raya Dlm RT 000 RW 000", "SUNGAI RAYA DALAM"),
        ("Jl. Apel No. 0A", "APEL"),
        ("", ""),
    ],
)
def test_normal_addresses(written: str, normal: str) -> None:
    assert addresses.normal_address(written) == normal
    assert repr(addresses.address_of(written)) == "Address()"


@pytest.mark.parametrize(
    ("a", "b", "least", "most"),
    [
        ("Jl. Ahmad Yani No. 12", "JALAN AHMAD YANI NOMOR 12", 100, 100),
        ("Jl. Ahmad Yani No. 12", "Jl. A. Yani No. 12 RT 1 RW 2", 85, 99),
        ("Jl. Tanjungpura 5", "Jl. Tanjung Pura No 5", 95, 99),
        ("Jl. Purnama No. 12", "Jl. Purnamma No. 12", 85, 99),
        ("Jl. Ahmad Yani No. 12", "Jl. Ahmad Yani No. 13", 50, 79),
        ("Jl. Ahmad Yani No. 12", "Jl. Merdeka No. 12", 0, 60),
        ("RT 1 RW 2", "Jl. Merdeka RT 1 RW 2", 0, 50),
        ("Jl. Merdeka", "RT 1", 0, 0),
        ("", "", 0, 0),
    ],
)
def test_addresses_as_alike_as_people_find_them(a: str, b: str, least: int, most: int) -> None:
    assert least <= addresses.similarity(a, b) <= most
    assert addresses.similarity(b, a) == addresses.similarity(a, b)
