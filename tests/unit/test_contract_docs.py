"""docs/contracts.md says of each field what the JSON schemas and the dataclasses say."""

import re
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

import pytest

from schemas.column_refusals import CLASSES, OPTIONS
from schemas.contract import Access, Manifest, Numbers, Paging, Read, Sync, Unpivot
from schemas.entities import BusinessRole, Entities, OrganisationRole, PersonRole, PlaceRole
from schemas.loading import SLA, custom_schema
from schemas.properties import METRICS, OPERATORS, UNSUPPORTED, UNSUPPORTED_IN_QUALITY
from schemas.refusals import KINDS
from schemas.register import Register
from schemas.types import LOGICAL_TYPES, postgres_type

DOCS = Path(__file__).parents[2] / "docs"
CONTRACTS = (DOCS / "contracts.md").read_text("utf-8")

READ, SYNC, ACCESS = (custom_schema(name).schema["properties"] for name in ("read", "sync", "access"))
ENTITIES = custom_schema("entities").schema["properties"]
MENTIONS = {kind: said["items"]["properties"] for kind, said in ENTITIES.items()}
TABLES = {
    "read": (READ, Read),
    "read.manifest": (READ["manifest"]["properties"], Manifest),
    "read.unpivot": (READ["unpivot"]["properties"], Unpivot),
    "read.numbers": (READ["numbers"]["properties"], Numbers),
    "read.paging": (READ["paging"]["properties"], Paging),
    "sync": (SYNC, Sync),
    "access": (ACCESS, Access),
    "entities": (ENTITIES, Entities),
    "register": (custom_schema("register").schema["properties"], Register),
    "entities.persons": (MENTIONS["persons"], PersonRole),
    "entities.places": (MENTIONS["places"], PlaceRole),
    "entities.organisations": (MENTIONS["organisations"], OrganisationRole),
    "entities.businesses": (MENTIONS["businesses"], BusinessRole),
}


@pytest.mark.parametrize("name", TABLES)
def test_table_of_a_custom_property(name: str) -> None:
    expected = table(*TABLES[name])
    assert expected in CONTRACTS, f"docs/contracts.md should have this table:\n\n{expected}"


@pytest.mark.parametrize(("properties", "described"), TABLES.values(), ids=TABLES)
def test_schema_and_dataclass_have_the_same_fields(properties: dict[str, Any], described: type) -> None:
    assert {snake(name) for name in properties} == {field.name for field in fields(described)}


@pytest.mark.parametrize("logical_type", LOGICAL_TYPES)
def test_each_type_with_its_options(logical_type: str) -> None:
    options = ", ".join(f"`{option}`" for option in OPTIONS[logical_type]) or "none"
    (row,) = re.findall(rf"^\| `{logical_type}` \| .* \| (.*) \|$", CONTRACTS, re.MULTILINE)
    assert row == options
    pg_type = postgres_type(logical_type, "", {})
    assert re.search(rf"^\| `{logical_type}` \| `{pg_type}`", CONTRACTS, re.MULTILINE)


@pytest.mark.parametrize(
    "words", [KINDS, CLASSES, METRICS, OPERATORS, SLA, sorted(UNSUPPORTED), sorted(UNSUPPORTED_IN_QUALITY)]
)
def test_every_word_is_explained(words: list[str]) -> None:
    assert [word for word in words if f"`{word}`" not in CONTRACTS] == []


def test_the_example_is_a_contract(tmp_path: Path) -> None:
    from schemas.loading import load_contract

    (example,) = re.findall(r"```yaml\n(apiVersion.*?)```", CONTRACTS, re.DOTALL)
    file = tmp_path / "example.odcs.yaml"
    file.write_text(example, encoding="utf-8")
    assert load_contract(file).id == "perizinan.permits"


def test_no_link_leads_nowhere() -> None:
    for page in DOCS.glob("*.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def table(properties: dict[str, Any], described: type) -> str:
    """The Markdown table of a custom property's fields, in the order of its JSON schema."""
    defaults = {field.name: default(field) for field in fields(described)}
    rows = [
        f"| `{name}` | {defaults[snake(name)]} | {said['description']} |" for name, said in properties.items()
    ]
    return "\n".join(["| field | default | meaning |", "|---|---|---|", *rows])


def default(field: Field[Any]) -> str:
    value = field.default
    if value is MISSING or value in (None, "", ()) or value in (Paging(), Numbers(), False):
        return ""
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def snake(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
