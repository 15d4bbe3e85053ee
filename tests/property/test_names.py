"""Whatever stands in a name or an address: nothing raises, and likeness is the same either way round."""

from hypothesis import given
from hypothesis import strategies as st

from lumbung.identity import addresses
from lumbung.identity.likeness import likeness, similarity
from lumbung.identity.names import name_of, normal_name
from lumbung.identity.titles import AFTER, BEFORE

WORDS = (
    *sorted(BEFORE | AFTER), "BIN", "binti", "bt.", "S. Pd", "M.A.", "Moh.", "M", "Abd.", "Ahmad", "Soedjono",
    "S.Pd. I", "Tjahja", "Njoman", "OOEE", "DJJ", "Sjj", "CCHR",
    "Nur'aini", "AL-", "St.", "DDR", "SSE", "\u00df", "\u0130",
    "\ufb01", "\u0645\u062d\u0645\u062f", "\u674e", "2", "Budi", "Rudi", "Rina", "Rini",
)  # fmt: skip
GLUE = st.sampled_from((" ", " ", " ", ".", ", ", ",", "-", "'", "  "))
NAMES = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="ACDEHIJKMNOSTUY .,'", max_size=30),
    st.lists(st.tuples(st.sampled_from(WORDS), GLUE), max_size=9).map(lambda w: "".join(a + b for a, b in w)),
)
PLACES = (
    "Jl.", "JALAN", "Gg", "No.", "NOMOR", "12", "012A", "A", "4-5", "RT", "RW", "RT/RW", "003/005", "RT3RW5",
    "RT000",
    "Kel.", "Kec", "KAB", "Sungai Jawi", "H.", "Haji", "Ahmad Yani", "BLOK", "C2", "78121", "\u0663",
    "KEL-", "0", "1B",
)  # fmt: skip
ADDRESSES = st.one_of(
    st.text(max_size=40),
    st.lists(st.tuples(st.sampled_from(PLACES), GLUE), max_size=9).map(
        lambda w: "".join(a + b for a, b in w)
    ),
)


@given(NAMES)
def test_the_normal_form_of_a_normal_form_is_itself(name: str) -> None:
    normal = normal_name(name)
    assert normal_name(normal) == normal
    assert bool(normal) == any(c.isalnum() for part in name_of(name).parts for c in part)
    assert len(name_of(name).keys) <= len(name_of(name).parts)


@given(NAMES, NAMES)
def test_likeness_of_names_is_symmetric_and_bounded(a: str, b: str) -> None:
    found = likeness(name_of(a), name_of(b))
    assert found == likeness(name_of(b), name_of(a))
    assert 0 <= found.score <= 100
    assert (found.score == 100) == (normal_name(a) == normal_name(b) != "")


@given(NAMES)
def test_case_and_blanks_say_nothing(name: str) -> None:
    assert normal_name(f"  {name} ") == normal_name(name)
    if name.isascii():
        assert normal_name(name.lower()) == normal_name(name)


@given(ADDRESSES)
def test_the_normal_address_of_a_normal_address_is_itself(address: str) -> None:
    normal = addresses.normal_address(address)
    assert addresses.normal_address(normal) == normal


@given(ADDRESSES, ADDRESSES)
def test_likeness_of_addresses_is_symmetric_and_bounded(a: str, b: str) -> None:
    found = addresses.similarity(a, b)
    assert found == addresses.similarity(b, a)
    assert 0 <= found <= 100
    if addresses.normal_address(a) == addresses.normal_address(b) != "":
        assert found == 100


def test_a_long_text_costs_little() -> None:
    long = "AB CD " * 20_000
    assert similarity(long, long + "X") < 100
    assert addresses.similarity(long + "KEL " * 20_000, "RT " * 20_000) == 0
