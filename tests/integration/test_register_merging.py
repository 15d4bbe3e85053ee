"""Merging two persons and splitting them again leaves every table as it was; what can't be is refused."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from lumbung.errors import DecisionRefused
from lumbung.resolution import merging
from lumbung.resolution.merging import Because
from tests.cli_project import CliProject
from tests.conftest import Servers
from tests.register_project import Registers, Siak, registers, write_project

WHY = Because("Rina (Disdukcapil)", "two NIKs, one person")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("register"))


@pytest.fixture(scope="module")
def another(embedded_servers: Servers, project: Path) -> Iterator[Registers]:
    with registers(embedded_servers, project) as another:
        yield another


@pytest.fixture
def siak(another: Registers) -> Iterator[Siak]:
    """Two NIKs with a history each, on two cards, and others beside them."""
    with another() as siak:
        one, other = siak.card(1), siak.card(2)
        siak.resident(1, one, family_relation_code=1)
        siak.resident(2, other, full_name="SITI")
        siak.resident(3, one, full_name="ANI")
        siak.day("2024-01-01")
        siak.residents[NIK]["kk_number"] = other
        siak.event("PINDAH_KK", NIK, "2024-01-10", kk_number=other, old_kk_number=one)
        siak.residents[OTHER]["occupation_code"] = 15
        siak.day("2024-02-01")
        siak.publish()
        yield siak


NIK, OTHER, THIRD = (f"617101010190000{number}" for number in (1, 2, 3))


def decide(siak: Siak, what: str, one: UUID, other: UUID) -> int:
    with siak.hub.warehouse.connect() as session:
        return {"merge": merging.merge, "split": merging.split}[what](session, one, other, WHY)


def test_merged_and_split_again_every_table_is_back_where_it_was(siak: Siak) -> None:
    before = siak.contents()
    kept, merged = siak.person(NIK), siak.person(OTHER)
    decide(siak, "merge", kept, merged)
    siak.publish()
    assert siak.person(OTHER) == siak.person(NIK) == kept
    now = siak.contents()
    for table in ("integrated.residence", "integrated.person", "integrated.household_member"):
        assert now[table] != before[table]
        assert not any(str(merged) in row for row in now[table])
    # One person is in one place: under the NIK that gives the id.
    assert {row[0] for row in siak.query("SELECT full_name FROM integrated.person")} == {"BUDI", "ANI"}
    decide(siak, "split", merged, kept)
    siak.publish()
    assert siak.contents() == before


def test_persons_merged_in_a_chain_are_known_by_the_last_one_kept(siak: Siak) -> None:
    before = siak.contents()
    one, other, third = (siak.person(nik) for nik in (NIK, OTHER, THIRD))
    decide(siak, "merge", other, one)
    siak.publish()
    decide(siak, "merge", third, other)
    siak.publish()
    assert {siak.person(nik) for nik in (NIK, OTHER, THIRD)} == {third}
    # The first merge is taken back, the second stays.
    decide(siak, "split", one, other)
    siak.publish()
    assert [siak.person(nik) for nik in (NIK, OTHER, THIRD)] == [one, third, third]
    decide(siak, "split", other, third)
    siak.publish()
    assert siak.contents() == before


def test_who_was_split_is_no_candidate_again(siak: Siak) -> None:
    row = siak.residents.pop(THIRD)
    successor = "6171010101900009"
    siak.residents[successor] = row
    siak.day("2024-03-01")
    siak.publish()
    pair = (siak.person(THIRD), siak.person(successor))
    with siak.hub.warehouse.connect() as session:
        (candidate,) = merging.candidates(session)
    assert (candidate.person_id, candidate.other_person_id) == pair
    decide(siak, "merge", *pair)
    siak.publish()
    decide(siak, "split", *pair)
    siak.publish()
    with siak.hub.warehouse.connect() as session:
        assert merging.candidates(session) == []


def test_what_cannot_be_decided_is_refused(siak: Siak) -> None:
    kept, merged = siak.person(NIK), siak.person(OTHER)
    with pytest.raises(DecisionRefused, match="name two"):
        decide(siak, "merge", kept, kept)
    with pytest.raises(DecisionRefused, match="no person's id"):
        decide(siak, "merge", kept, uuid4())
    with pytest.raises(DecisionRefused, match="no decision merged"):
        decide(siak, "split", kept, merged)
    decide(siak, "merge", kept, merged)
    with pytest.raises(DecisionRefused, match="merged already"):
        decide(siak, "merge", merged, kept)


def test_the_commands(
    siak: Siak, project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUMBUNG_WAREHOUSE_URL", siak.hub.warehouse.url)
    monkeypatch.setenv("LUMBUNG_HOME", str(project / "var"))
    lumbung, pair = CliProject(project, capsys), (str(siak.person(NIK)), str(siak.person(OTHER)))
    why = ("--by", "Rina", "--reason", "one person")
    assert lumbung.run("person", "merge", *pair, "--by", " ", "--reason", "x").code == 2
    assert lumbung.run("person", "merge", NIK, OTHER, *why).code == 2
    assert lumbung.run("person", "merge", *pair, *why).code == 0
    assert lumbung.run("person", "split", *pair, *why).code == 0
    assert lumbung.run("person", "split", *pair, *why).code == 1
    said = lumbung.run("person", "decisions", "--json").json
    assert [(d["kind"], d["kept"], d["merged"], d["undoes"]) for d in said] == [
        ("split", *pair, 1),
        ("merge", *pair, None),
    ]
    asked = ("register", "as-of", pair[0], "--date", "2024-01-20", "--json")
    early = lumbung.run(*asked, "--known", "2024-01-15").json
    late = lumbung.run(*asked).json
    assert early["state"]["household_id"] == str(siak.household(f"617101010101{1:04}"))
    assert late["state"] == {
        "person_id": pair[0],
        "status_code": "resident",
        "household_id": str(siak.household(f"617101010101{2:04}")),
        "since": "2024-01-10",
    }
    assert {member["person_id"] for member in late["members"]} == set(pair)
    assert "nothing was known" in lumbung.run(*asked[:-1], "--known", "2023-01-01").out
