"""`lumbung links`: how links stand, what to look at, decisions; personal values only when asked for."""

import json
from pathlib import Path

import pytest
import typer

from lumbung.cli.app import command
from lumbung.cli.session import Session
from lumbung.errors import DecisionRefused
from tests.links_project import Person, Town

TJIA = Person("6171021203750003", "TJIA KIM LIONG", "1975-03-12", "JL. GAJAH MADA NO. 88", "LIE MOI")
WHY = ["--by", "Rina", "--reason", "card seen"]
PERSONAL = (TJIA.nik, "TJIA", "Sungkup", "GAJAH", TJIA.birth_date, "LIE MOI")


def test_from_doubt_to_decision_and_back(
    warehouse_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town = Town(warehouse_url, tmp_path)

    def lumbung(*arguments: str) -> str:
        session = Session()
        session.__dict__.update(hub=town.hub, settings=town.hub.settings)
        capsys.readouterr()
        command().main(args=["links", *arguments], obj=session, standalone_mode=False)
        return capsys.readouterr().out

    assert "0 of 0 records to look at" in lumbung("review")
    town.people([TJIA])
    town.applications(["a1", TJIA.nik, "Yohanes Sungkup"], ["a2", TJIA.nik, "Tjia Kim Liong"])
    town.identify()
    person = str(town.person_id(TJIA.nik))

    found = json.loads(lumbung("status", "--json"))
    assert [(one["outcome"], one["method"], one["count"]) for one in found["links"]] == [
        ("match", "nik", 1), ("conflict", "nik", 1),
    ]  # fmt: skip
    assert "The last run looked at 2 records of bansos__applications__applicant" in lumbung("status")
    listed = lumbung("review")
    assert "bansos.applications a1 (applicant): conflict" in listed
    assert f"{person}  nik" in listed
    assert "nik: same; name: differs" in listed
    assert "1 of 1 record to look at" in listed
    told = listed + lumbung("review", "bansos.applications", "--json") + lumbung("status")
    assert [value for value in PERSONAL if value in told] == []
    shown = lumbung("review", "--show")
    assert [value for value in PERSONAL if value not in shown] == []

    said = lumbung("decide", "bansos.applications", "a1", person, *WHY)
    assert f"the record is {person}, from the next `lumbung publish` on" in said
    town.identify()
    assert "0 of 0 records to look at" in lumbung("review")
    [decision] = json.loads(lumbung("decisions", "--json"))
    assert (decision["kind"], decision["key"], decision["decided_by"]) == ("match", "a1", "Rina")
    lumbung("undo", str(decision["decision_id"]), *WHY)
    town.identify()
    assert "1 of 1 record to look at" in lumbung("review")
    assert "undone by" in lumbung("decisions")
    lumbung("decide", "bansos.applications", "a1", person, "--not", *WHY)
    town.identify()
    assert town.links()["a1"].outcome == "none"


def test_what_cannot_be(warehouse_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    town = Town(warehouse_url, tmp_path)
    nobody = "0b7c91e4-52f8-4c7d-9f0e-6f2f3f0a1c11"

    def refused(*arguments: str) -> str:
        session = Session()
        session.__dict__.update(hub=town.hub, settings=town.hub.settings)
        with pytest.raises((typer.BadParameter, DecisionRefused)) as error:
            command().main(args=["links", *arguments], obj=session, standalone_mode=False)
        return getattr(error.value, "message", str(error.value))

    assert "did you mean bansos.applications" in refused("review", "bansos.application")
    assert "--show is for the screen" in refused("review", "--show", "--json")
    assert "names no people" in refused("decide", "siak.residents", "x", nobody, *WHY)
    wrong_role = refused("decide", "bansos.applications", "a", nobody, "--role", "owner", *WHY)
    assert "--role: expected applicant" in wrong_role
    assert "no record with this key" in refused("decide", "bansos.applications", "a", nobody, *WHY)
    empty = refused("decide", "bansos.applications", "a", nobody, "--by", "Rina", "--reason", " ")
    assert "may not be empty" in empty
