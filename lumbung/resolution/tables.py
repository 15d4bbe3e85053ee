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

    `dataset` is the source dataset that its key is of, None for the hub's own. What is `permanent` can't be
    made anew from the sources: it holds ids that were drawn by chance.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    dataset: str | None = None
    permanent: bool = False

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

#: What is written of a place or an agency and can't be told, how often, since which run, and whose it is.
FINDING = IdentityTable(
    "finding",
    (
        ("kind", "text"),
        ("dataset", "text"),
        ("role", "text"),
        ("owner", "text"),
        ("written_code", "text"),
        ("written_name", "text"),
        ("written_area", "text"),
        ("reason", "text"),
        ("candidates", "text"),
        ("row_count", "bigint"),
        ("since", "timestamp with time zone"),
    ),
    ("kind", "dataset", "role", "written_code", "written_name", "written_area", "reason"),
)

#: The random id that each key was given when it was first seen; nothing ever changes or closes it. A
#: person's id is that of one of the keys: the one that the others follow.
PERSON_ORIGIN = IdentityTable(
    "person_origin",
    (("source", "text"), ("key", "text"), ("own_id", "uuid")),
    ("source", "key"),
    permanent=True,
)
HOUSEHOLD_ORIGIN = IdentityTable(
    "household_origin", (("kk_number", "text"), ("own_id", "uuid")), ("kk_number",), permanent=True
)
#: Persons who are possibly one, for people to decide: a NIK went and another came with the same facts.
PERSON_CANDIDATE = IdentityTable(
    "person_candidate",
    (("person_id", "uuid"), ("other_person_id", "uuid"), ("reason", "text")),
    ("person_id", "other_person_id"),
)
#: NIB, NPWP (taxpayer) or, where no number is known, a record -> the business.
BUSINESS_KEY = IdentityTable(
    "business_key",
    (("system", "text"), ("key", "text"), ("business_id", "uuid")),
    ("system", "key"),
    permanent=True,
)
#: What stands for a business, by the rules of `survivorship.yaml`; NULL where they abstain.
BUSINESS = IdentityTable(
    "business",
    (
        ("business_id", "uuid"),
        ("nib", "text"),
        ("npwp", "text"),
        ("name", "text"),
        ("address", "text"),
        ("region_code", "text"),
        ("owner_person_id", "uuid"),
        ("datasets", "text[]"),
        ("abstained", "text[]"),
    ),
    ("business_id",),
)
#: NIKs of which the check by element says this and no more: `deceased`, `duplicate` (one of several).
NIK_STATE = IdentityTable("nik_state", (("nik", "text"), ("state", "text")), ("nik",))
#: Where a record and what the hub knows of the same entity say different things: both values, who says
#: which, since when, and the agency that has to look. `record` is the record's key as a JSON list.
RECORD_FINDING = IdentityTable(
    "record_finding",
    (
        ("kind", "text"),
        ("subject", "text"),
        ("subject_id", "text"),
        ("field", "text"),
        ("owner", "text"),
        ("other_owner", "text"),
        ("dataset", "text"),
        ("role", "text"),
        ("record", "text"),
        ("is_record_personal", "boolean"),
        ("value", "text"),
        ("since", "timestamp with time zone"),
        ("other_dataset", "text"),
        ("other_role", "text"),
        ("other_record", "text"),
        ("other_value", "text"),
        ("other_since", "timestamp with time zone"),
        ("score", "integer"),
    ),
    ("kind", "field", "dataset", "role", "record", "other_dataset", "other_record"),
)
#: By person and field, the value that stands where agencies know the person too; NULL where rules abstain.
PERSON_GOLDEN = IdentityTable(
    "person_golden",
    (
        ("person_id", "uuid"),
        ("field", "text"),
        ("value", "text"),
        ("outcome", "text"),
        ("dataset", "text"),
        ("said_by", "text[]"),
    ),
    ("person_id", "field"),
)

STATIC = (
    FINDING, PERSON_KEY, HOUSEHOLD_KEY, PERSON_ORIGIN, PERSON_CANDIDATE, HOUSEHOLD_ORIGIN, BUSINESS_KEY,
    BUSINESS, RECORD_FINDING, PERSON_GOLDEN, NIK_STATE,
)  # fmt: skip

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
