"""What a published table has to say of itself, beyond what the hub needs to make it."""

from collections.abc import Iterator
from pathlib import Path

from lumbung.errors import ModelError
from lumbung.lineage import columns_read
from lumbung.models import Model, Models
from schemas.contract import Column, Contract
from schemas.errors import ContractError
from schemas.glossary import FILE

#: Endings of columns that measure something: each is counted in a unit.
_MEASURES = ("_amount", "_pct", "_count", "_days", "_hours", "_area", "_score", "_index", "_rate")


def gaps(models: Models, project: Path) -> Iterator[ContractError]:
    """What is missing, one error each; none when every published column is wholly described.

    A table needs names in both languages, a description, an owner, the roles that may read it and how
    fresh it is; a column names in both languages, a description, a classification of its own, a unit if
    it measures, and lineage.
    """
    for model in models:
        if model.contract is not None:
            for where, reason in (*_table(model.contract), *_columns(models, model)):
                yield ContractError(model.contract.file, where, reason)
    glossary = project / "schemas" / FILE
    for entry in models.catalogue.glossary.unused(models.catalogue.published):
        yield ContractError(glossary, entry, "names no published table or column; take it out")


def _table(contract: Contract) -> Iterator[tuple[str, str]]:
    wanted = {
        "name": contract.title != contract.id and contract.title,
        f"glossary tables.{contract.name}.en": contract.english_title,
        "description.purpose": contract.description,
        "team.name": contract.owner,
        "team.description": contract.owner_name,
        "tags": contract.tags,
        "roles": contract.roles,
        "slaProperties.latency": contract.latency_hours,
    }
    for where, said in wanted.items():
        if not said:
            yield where, "is missing"


def _columns(models: Models, model: Model) -> Iterator[tuple[str, str]]:
    assert model.contract is not None
    try:
        traced = columns_read(models, model.name)
    except ModelError as error:
        yield "lineage", str(error)
        traced = {}
    for column in model.contract.columns:
        where = f"schema.{model.table}.properties.{column.name}"
        for name, reason in _column(column):
            yield f"{where}.{name}", reason
        if traced and column.name not in traced:
            yield f"{where}.lineage", "can't be traced"


def _column(column: Column) -> Iterator[tuple[str, str]]:
    if not column.business_name:
        yield "businessName", "is missing; write it there or as id: in the glossary"
    if not column.english_name:
        yield "en", "is missing in the glossary"
    if not column.description:
        yield "description", "is missing"
    if not column.is_classified:
        yield "classification", "is not stated"
    if not column.unit and column.name.endswith(_MEASURES):
        yield "unit", "is missing in the glossary: what is it counted in?"
