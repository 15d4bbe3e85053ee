"""Every published column is wholly described, and what is missing is told with its place."""

from dataclasses import replace
from pathlib import Path

import pytest

from lumbung.models import Models, load_models
from lumbung.strictness import gaps
from schemas.catalogue import load_catalogue
from schemas.errors import ContractErrors
from schemas.glossary import Glossary, Term, load_glossary
from tests.release_project import Project

PROJECT = Path(__file__).resolve().parents[2]


def test_the_projects_own_tables_lack_nothing() -> None:
    assert list(gaps(load_models(PROJECT, load_catalogue(PROJECT)), PROJECT)) == []


def test_every_gap_is_told(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.source("simda.sp2d", "id bigint, amount numeric")
    project.table("paid", "id bigint, paid_amount numeric", "SELECT s.id, s.amount AS paid_amount "
                  "FROM current.simda__sp2d s")  # fmt: skip
    models = project.load()
    glossary = Glossary({"gone": Term(en="Gone")}, {"paid_amount": Term("Dibayar", "Paid"), "x": Term()})
    named = {name: glossary.named(contract) for name, contract in models.catalogue.published.items()}
    published = replace(models.catalogue, published=named, glossary=glossary)
    described = {m.name: replace(m, contract=m.contract and named["paid"]) for m in models}
    found = {
        (error.where, error.reason.split(";")[0].split(":")[0])
        for error in gaps(Models(described, published), tmp_path)
    }
    column = "schema.paid.properties."
    assert found == {
        ("name", "is missing"),
        ("glossary tables.paid.en", "is missing"),
        ("description.purpose", "is missing"),
        ("team.description", "is missing"),
        ("tags", "is missing"),
        ("roles", "is missing"),
        ("slaProperties.latency", "is missing"),
        (f"{column}id.businessName", "is missing"),
        (f"{column}id.en", "is missing in the glossary"),
        (f"{column}id.description", "is missing"),
        (f"{column}id.classification", "is not stated"),
        (f"{column}paid_amount.description", "is missing"),
        (f"{column}paid_amount.classification", "is not stated"),
        (f"{column}paid_amount.unit", "is missing in the glossary"),
        ("tables.gone", "names no published table or column"),
        ("columns.x", "names no published table or column"),
    }


def test_a_tables_own_term_wins_and_the_contract_over_both(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.table("paid", "id bigint, label text", "SELECT 1::bigint AS id, 'a' AS label")
    contract = project.published["paid"]
    terms = {"label": Term("Nama", "Name", "letters"), "paid.label": Term("Uraian", "Description")}
    column = Glossary(columns=terms).named(contract).column("label")
    assert (column.business_name, column.english_name, column.unit) == ("Uraian", "Description", "")
    told = replace(contract, columns=(replace(contract.column("label"), business_name="Sendiri"),))
    assert Glossary(columns=terms).named(told).column("label").business_name == "Sendiri"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("columns: [a]", "columns: expected names"),
        ("columns: {a: {en: 1}}", "columns.a: expected texts for id, en, unit"),
        ("columns: {a: {eng: A}}", "columns.a: eng: unknown; expected id, en, unit"),
        ("column: {}", "column: is unknown; expected tables and columns"),
        ("- a", "file: expected tables: and columns:"),
        ("a: [", "file: can't be read"),
    ],
)
def test_a_bad_glossary_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "glossary.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ContractErrors) as refused:
        load_glossary(tmp_path)
    assert said in str(refused.value)
