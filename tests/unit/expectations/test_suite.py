"""A rule that is misspelt, misplaced or named twice is refused before it could be left out."""

from dataclasses import replace
from pathlib import Path

import great_expectations.expectations as gxe
import pytest

from expectations import sql
from expectations.discovery import suite
from expectations.errors import RuleError
from expectations.modules import refuse_orphans, suite_fingerprint
from expectations.rules import RuleContext
from schemas.contract import Column, Contract, Quality

CONTRACT = Contract(
    id="siak.people",
    kind="source",
    version="1.0.0",
    status="active",
    title="People",
    description="",
    owner="disdukcapil",
    tags=(),
    file=Path("people.odcs.yaml"),
    physical_name="people",
    columns=(Column("code", "CODE", "string", "text", key_position=1),),
)


def project_with(folder: Path, body: str, name: str = "people") -> Path:
    file = folder / "expectations" / "sources" / "siak" / f"{name}.py"
    file.parent.mkdir(parents=True)
    file.write_text(body)
    return folder


def test_a_project_outside_the_repository_adds_rules(tmp_path: Path) -> None:
    bare = suite_fingerprint(CONTRACT, tmp_path)
    project = project_with(
        tmp_path,
        "from expectations.rules import within\n"
        "def rules(context):\n    return [within('few', 'warning', 'count(*)', (1, 9))]\n",
    )
    rules = suite(RuleContext(CONTRACT), project)
    assert [rule.name for rule in rules] == ["columns", "column types", "not empty", "few"]
    assert suite_fingerprint(CONTRACT, project) != bare


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("def rule(context):\n    return []\n", "expected a function rules"),
        (
            "from expectations.rules import within\n"
            "def rules(context):\n    return [within('not empty', 'warning', 'count(*)', (1, 9))]\n",
            "several rules are called not empty",
        ),
        (
            "import great_expectations.expectations as gxe\nfrom expectations.rules import Rule\n"
            "def rules(context):\n"
            "    return [Rule('codes', 'warning', 'x', gxe.ExpectColumnValuesToNotBeNull(column='kode'))]\n",
            "no column 'kode'",
        ),
    ],
)
def test_a_module_that_would_not_run_as_written_is_refused(tmp_path: Path, body: str, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        suite(RuleContext(CONTRACT), project_with(tmp_path, body))


def test_a_misspelt_argument_is_refused_by_the_typed_class() -> None:
    with pytest.raises(ValueError, match="extra fields not permitted"):
        gxe.ExpectTableRowCountToBeBetween(min_valu=1)


def test_a_module_without_a_contract_is_refused(tmp_path: Path) -> None:
    project = project_with(tmp_path, "def rules(context):\n    return []\n", name="poeple")
    with pytest.raises(RuleError, match=r"poeple\.py: no contract"):
        refuse_orphans([CONTRACT], project)
    refuse_orphans([replace(CONTRACT, id="siak.poeple")], project)


def test_a_column_metric_without_its_column_is_refused() -> None:
    quality = Quality("gaps", "nullValues", "critical", {"mustBe": 0})
    with pytest.raises(RuleError, match="belongs to a column"):
        suite(RuleContext(replace(CONTRACT, quality=(quality,))), Path("nowhere"))


def test_names_and_values_stay_data() -> None:
    assert sql.quoted('a"b{c}') == '"a""b{{c}}"'
    assert sql.literal("it's {x} :y 12:30 z::int") == "'it''s {{x}} \\:y 12:30 z::int'"
