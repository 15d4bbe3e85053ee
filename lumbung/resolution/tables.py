"""The hub's versioned tables in schema `identity`: what each holds, and by which key.

A row's version is open from one run of entity resolution to another: `from_run_id`, `to_run_id` (NULL
while it is open). Models read a table as the run that their release pins left it.
"""

from dataclasses import dataclass

from schemas import entities
from schemas.catalogue import Catalogue
from schemas.contract import Contract


@dataclass(frozen=True)
class IdentityTable:
    """A versioned table: `columns` are (name, PostgreSQL type) pairs, `key` tells open rows apart.

    `dataset` is the source dataset that its key is of, None for the hub's own.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    dataset: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, without those of the versions."""
        return tuple(name for name, _ in self.columns)


#: NIK or a foreigner's document number -> the person; several keys may name one person.
PERSON_KEY = IdentityTable(
    "person_key", (("source", "text"), ("key", "text"), ("person_id", "uuid")), ("source", "key")
)
#: Number of a family card -> the household.
HOUSEHOLD_KEY = IdentityTable(
    "household_key", (("kk_number", "text"), ("household_id", "uuid")), ("kk_number",)
)

STATIC = (PERSON_KEY, HOUSEHOLD_KEY)

#: What the table of a contract's role holds beside the dataset's key, by kind of entity.
ROLE_COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "persons": (
        ("person_id", "uuid"),
        ("outcome", "text"),
        ("method", "text"),
        ("score", "double precision"),
        ("evidence", "jsonb"),
    ),
    "places": (("region_code", "text"), ("outcome", "text"), ("evidence", "jsonb")),
    "organisations": (("organisation_id", "text"), ("outcome", "text"), ("evidence", "jsonb")),
    "businesses": (
        ("business_id", "uuid"),
        ("outcome", "text"),
        ("method", "text"),
        ("score", "double precision"),
        ("evidence", "jsonb"),
    ),
}


def role_table(contract: Contract, kind: str, role: str) -> IdentityTable:
    """The table that says whom or what the dataset's rows mean in one role: one row per key."""
    key = tuple((name, contract.column(name).pg_type) for name in contract.key)
    name = entities.role_table(contract.table, role)
    return IdentityTable(name, (*key, *ROLE_COLUMNS[kind]), contract.key, dataset=contract.id)


def tables_of(catalogue: Catalogue) -> dict[str, IdentityTable]:
    """Every versioned table of a project, by name: the hub's own, and one per role in its contracts."""
    roles = (
        role_table(contract, kind, mention.role)
        for contract in catalogue.sources.values()
        for kind, mentions in contract.entities.by_kind.items()
        for mention in mentions
    )
    return {table.name: table for table in (*STATIC, *roles)}
