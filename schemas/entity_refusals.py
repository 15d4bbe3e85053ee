"""What no JSON schema can say about a contract's entities: columns, roles and names that can't work."""

import re
from collections.abc import Iterator

from schemas.contract import MAX_IDENTIFIER, Contract
from schemas.entities import BusinessRole, PersonRole, PlaceRole, Role, columns_named, role_table

Refusal = tuple[str, str]

#: Systems whose codes have a part for each level.
PARTED_SYSTEMS = ("kemendagri", "bps")

_WHERE = "customProperties.entities"
_ROLE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
#: Of these a mention needs at least one, or nothing could be found.
_ENOUGH = {
    "persons": ("nik", "name"),
    "places": ("kelurahan", "kecamatan", "code", "code_parts.0"),
    "organisations": ("code", "name"),
    "businesses": ("nib", "npwp", "name"),
}
#: What identifies a person; a column of it that were not personal would come into logs and check results.
_PERSONAL = ("nik", "name", "birth_date", "kk_number", "mother_name")
#: Columns of the tables in `identity` beside a dataset's key.
LINK_COLUMNS = frozenset(
    {"person_id", "place_id", "region_code", "organisation_id", "business_id", "outcome", "method", "score"}
    | {"evidence", "candidates", "from_run_id", "to_run_id"}
)


def entity_refusals(contract: Contract) -> Iterator[Refusal]:
    """Each (where, reason) for which the contract's entities can't be used."""
    entities = contract.entities
    if not entities.all:
        return
    if contract.kind != "source":
        yield _WHERE, "is for datasets of sources; published tables take entities from schema integrated"
    for name in sorted(set(contract.key) & LINK_COLUMNS):
        yield _WHERE, f"the key column {name!r} has a name that the tables of links use; call it otherwise"
    roles = [mention.role for mention in entities.all]
    for kind, mentions in entities.by_kind.items():
        for mention in mentions:
            where = f"{_WHERE}.{kind}.{mention.role}"
            yield from _role(where, contract, mention, roles)
            yield from _columns(where, contract, kind, mention)
            if isinstance(mention, BusinessRole):
                yield from _owner(where, contract, mention)
            if isinstance(mention, PlaceRole):
                yield from _codes(where, mention)


def _role(where: str, contract: Contract, mention: Role, roles: list[str]) -> Iterator[Refusal]:
    if not _ROLE.fullmatch(mention.role):
        yield where, "a role is lower case letters and digits, single underscores between words"
    if roles.count(mention.role) > 1:
        yield where, "this role stands more than once; each mention needs one of its own, over all kinds"
    name = role_table(contract.table, mention.role)
    if len(name.encode()) > MAX_IDENTIFIER:
        yield where, f"{name!r} is longer than {MAX_IDENTIFIER} bytes; choose a shorter role"


def _columns(where: str, contract: Contract, kind: str, mention: Role) -> Iterator[Refusal]:
    named = columns_named(mention)
    if not any(field in named for field in _ENOUGH[kind]):
        enough = " or ".join(_camel(field.removesuffix(".0")) for field in _ENOUGH[kind])
        yield where, f"says too little to find anything: expected {enough}"
    for field, name in named.items():
        if name not in contract.names:
            yield f"{where}.{_camel(field)}", f"names a column {name!r} that isn't there"
            continue
        column = contract.column(name)
        if column.logical_type not in (expected := _types(field)):
            said = f"{name!r} is of type {column.logical_type}; expected {' or '.join(expected)}"
            yield f"{where}.{_camel(field)}", said
        if isinstance(mention, PersonRole) and field in _PERSONAL and not column.is_personal:
            yield f"{where}.{_camel(field)}", f"{name!r} identifies a person: classify it as personal"


def _types(field: str) -> tuple[str, ...]:
    if field == "birth_date":
        return ("date",)
    if field == "seen_on":
        return ("date", "timestamp")
    if field == "as_of":
        return ("date", "integer")
    # A NIK, NIB or NPWP as a number has lost digits before anyone looks at it.
    return ("string", "integer") if field.startswith("code") else ("string",)


def _owner(where: str, contract: Contract, mention: BusinessRole) -> Iterator[Refusal]:
    persons = [person.role for person in contract.entities.persons]
    if mention.owner and mention.owner not in persons:
        known = ", ".join(persons) or "there are none"
        yield f"{where}.owner", f"{mention.owner!r} is no role among this contract's persons ({known})"


def _codes(where: str, mention: PlaceRole) -> Iterator[Refusal]:
    if mention.code_parts and mention.code_system not in PARTED_SYSTEMS:
        yield f"{where}.codeParts", f"needs a codeSystem that has parts: {' or '.join(PARTED_SYSTEMS)}"
    if mention.code_parts and mention.code:
        yield f"{where}.codeParts", "stands beside code; name either"
    named = mention.kelurahan or mention.kecamatan
    if mention.lists and not (mention.code and mention.code_system and named):
        yield f"{where}.lists", "a list of codes needs code, codeSystem and kelurahan or kecamatan"


def _camel(field: str) -> str:
    return re.sub("_([a-z])", lambda letter: letter[1].upper(), field)
