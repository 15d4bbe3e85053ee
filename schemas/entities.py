"""What a contract says of entities: which columns speak of a person, a place, an organisation, a business.

A *role* is what the entity is to the row: the applicant of a permit, the agency of a budget line. Each
mention below has its role and, by field, the name of the column that tells it; empty where none does.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class PersonRole:
    """A person that each row speaks of; all fields but `role` are names of columns."""

    role: str
    nik: str = ""
    name: str = ""
    birth_date: str = ""
    birth_place: str = ""
    sex: str = ""
    address: str = ""
    rt: str = ""
    rw: str = ""
    kelurahan: str = ""
    kk_number: str = ""
    mother_name: str = ""
    seen_on: str = ""


@dataclass(frozen=True)
class PlaceRole:
    """A kelurahan or kecamatan; `code_system` is the name of a system, the other fields those of columns.

    `code_parts` are the columns of a code that is kept in parts, from the province's down.
    `lists` says that the dataset is the list of that system's codes: what a row's name means, its code means.
    """

    role: str
    kelurahan: str = ""
    kecamatan: str = ""
    code: str = ""
    code_parts: tuple[str, ...] = ()
    code_system: str = ""
    as_of: str = ""
    lists: bool = False


@dataclass(frozen=True)
class OrganisationRole:
    """An agency; all fields but `role` are names of columns."""

    role: str
    code: str = ""
    name: str = ""
    as_of: str = ""


@dataclass(frozen=True)
class BusinessRole:
    """A business; `owner` is a role among the contract's persons, the other fields are names of columns."""

    role: str
    nib: str = ""
    npwp: str = ""
    name: str = ""
    address: str = ""
    kelurahan: str = ""
    owner: str = ""


Role = PersonRole | PlaceRole | OrganisationRole | BusinessRole

#: Fields that name no column.
_NO_COLUMNS = ("role", "code_parts", "code_system", "lists", "owner")


@dataclass(frozen=True)
class Entities:
    """Every mention of an entity in a dataset's rows, by kind and in contract order."""

    persons: tuple[PersonRole, ...] = ()
    places: tuple[PlaceRole, ...] = ()
    organisations: tuple[OrganisationRole, ...] = ()
    businesses: tuple[BusinessRole, ...] = ()

    @property
    def by_kind(self) -> dict[str, tuple[Role, ...]]:
        """The mentions under `persons`, `places`, `organisations`, `businesses`."""
        return dict(vars(self))

    @property
    def all(self) -> tuple[Role, ...]:
        """The mentions of all kinds."""
        return tuple(mention for mentions in self.by_kind.values() for mention in mentions)


def columns_named(mention: Role) -> dict[str, str]:
    """The columns that tell of a mention, by field: `{"nik": "applicant_nik"}`. Parts are numbered."""
    said = vars(mention)
    named = {field: column for field, column in said.items() if column and field not in _NO_COLUMNS}
    parts = mention.code_parts if isinstance(mention, PlaceRole) else ()
    return named | {f"code_parts.{number}": column for number, column in enumerate(parts)}


def role_table(table: str, role: str) -> str:
    """The name in schema `identity` of what becomes of a role: `perizinan__permits__applicant`."""
    return f"{table}__{role}"
