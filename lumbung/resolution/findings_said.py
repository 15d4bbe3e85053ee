"""What the records of a run say of people and businesses, field by field, in one temporary table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from psycopg import sql

from lumbung.history_rows import versions_until
from lumbung.resolution.links_people import PEOPLE, make_people, text_of
from lumbung.resolution.register import parts
from lumbung.resolution.run import Run
from lumbung.resolution.survivorship import REGISTER
from lumbung.resolution.tables import role_table
from lumbung.resolution.versions import as_of, listed
from schemas.contract import Contract
from schemas.entities import BusinessRole, PersonRole

PERSON, BUSINESS = "person", "business"
#: kind and id of the subject, field, who says it (source: a dataset or `register`; role; the record's key as
#: a JSON list), the value and since when the row is as it is.
SAID = sql.Identifier("pg_temp", "finding_said")
#: What was found, in the columns of `identity.record_finding`.
FOUND = sql.Identifier("pg_temp", "finding_found")
#: Fields of people that are compared; of businesses those that differ in meaning have names of their own.
PERSON_FIELDS = ("name", "birth_date", "birth_place", "sex", "address", "kk_number", "mother_name")

_CREATE = """
CREATE TEMP TABLE finding_said (subject text, subject_id uuid, field text, source text, dataset text,
    role text, record text, value text, since timestamptz) ON COMMIT DROP
"""
# Of the register the moment is looked up for what becomes a finding.
_NO_MOMENT = sql.SQL("'1970-01-01Z'::timestamptz")


@dataclass(frozen=True)
class Speaker:
    """A role of a dataset, with the expressions of what it says, by field, of a row `r`."""

    contract: Contract
    role: str
    subject: str
    says: Mapping[str, sql.Composable]

    @property
    def record(self) -> sql.Composed:
        """The record's key as a JSON list, as text."""
        return sql.SQL("jsonb_build_array({})::text").format(listed(self.contract.key, "r"))

    @property
    def is_record_personal(self) -> bool:
        """Whether the record's key is personal."""
        return any(self.contract.column(name).is_personal for name in self.contract.key)

    def links(self, run: Run) -> sql.Composed:
        """A SELECT of the links of its rows."""
        kind = "persons" if self.subject == PERSON else "businesses"
        return as_of(role_table(self.contract, kind, self.role), run.run_id)

    def versions(self, run: Run) -> sql.Composed:
        """A SELECT of all versions of its rows up to the run's load."""
        return versions_until(self.contract, run.pins[self.contract.id])


def speakers(run: Run) -> list[Speaker]:
    """Every role of a person or business in the datasets that have rows."""
    found = []
    for contract in run.catalogue.sources.values():
        if run.has(contract.id):
            entities = contract.entities
            found += [Speaker(contract, p.role, PERSON, _of_person(p)) for p in entities.persons]
            found += [Speaker(contract, b.role, BUSINESS, _of_business(b)) for b in entities.businesses]
    return found


def make_said(run: Run) -> None:
    """Make `SAID`: what matched records say, and what the register says of the people among them."""
    run.session.execute("DROP TABLE IF EXISTS pg_temp.finding_said")
    run.session.execute(_CREATE)
    for speaker in speakers(run):
        run.session.execute(sql.SQL("INSERT INTO finding_said {}").format(_said_by(run, speaker)))
        for owners in _owners(run, speaker):
            run.session.execute(sql.SQL("INSERT INTO finding_said {}").format(owners))
    if any(speaker.subject == PERSON for speaker in speakers(run)):
        known = run.session.execute("SELECT to_regclass('pg_temp.link_person') IS NOT NULL").fetchone()
        if known != (True,):
            make_people(run)
        run.session.execute(sql.SQL("INSERT INTO finding_said {}").format(_said_by_register(run)))
    run.session.execute("ANALYZE finding_said")


def street(address: sql.Composable, rt: sql.Composable, rw: sql.Composable) -> sql.Composed:
    """An address of a street, an RT and an RW; empty without a street."""
    return sql.SQL(
        "CASE WHEN {address} <> '' THEN concat_ws(' ', {address}, 'RT ' || nullif({rt}, ''), "
        "'RW ' || nullif({rw}, '')) ELSE '' END"
    ).format(address=address, rt=rt, rw=rw)


def _of_person(role: PersonRole) -> dict[str, sql.Composable]:
    named = {name: getattr(role, name) for name in PERSON_FIELDS if getattr(role, name)}
    says: dict[str, sql.Composable] = {name: _text(column) for name, column in named.items()}
    if role.address:
        says["address"] = street(_text(role.address), _text(role.rt), _text(role.rw))
    return says


def _of_business(role: BusinessRole) -> dict[str, sql.Composable]:
    named = {"business_name": role.name, "npwp": role.npwp, "address": role.address}
    return {name: _text(column) for name, column in named.items() if column}


def _text(column: str) -> sql.Composable:
    return text_of(sql.Identifier("r", column)) if column else sql.SQL("''::text")


def _said_by(run: Run, speaker: Speaker) -> sql.Composed:
    values = sql.SQL(", ").join(
        sql.SQL("({}, {})").format(sql.Literal(name), value) for name, value in speaker.says.items()
    )
    return sql.SQL(
        "SELECT {subject}, l.{id}, v.field, {dataset}, {dataset}, {role}, {record}, v.value, r.recorded_from "
        "FROM ({versions}) AS r JOIN ({links}) AS l ON ({l_key}) = ({r_key}) "
        "CROSS JOIN LATERAL (VALUES {values}) AS v (field, value) "
        "WHERE r.recorded_to = 'infinity' AND l.outcome = 'match' AND v.value <> ''"
    ).format(
        subject=sql.Literal(speaker.subject), id=sql.Identifier(f"{speaker.subject}_id"),
        dataset=sql.Literal(speaker.contract.id), role=sql.Literal(speaker.role), record=speaker.record,
        versions=speaker.versions(run), links=speaker.links(run), l_key=listed(speaker.contract.key, "l"),
        r_key=listed(speaker.contract.key, "r"), values=values or sql.SQL("(NULL, NULL)"),
    )  # fmt: skip


def _owners(run: Run, speaker: Speaker) -> Iterator[sql.Composed]:
    """Whom a business's record names as its owner, by the owner's id."""
    roles = [b for b in speaker.contract.entities.businesses if b.role == speaker.role and b.owner]
    for role in roles if speaker.subject == BUSINESS else []:
        owner = as_of(role_table(speaker.contract, "persons", role.owner), run.run_id)
        yield sql.SQL(
            "SELECT {subject}, l.business_id, 'owner', {dataset}, {dataset}, {role}, {record}, "
            "o.person_id::text, r.recorded_from FROM ({versions}) AS r "
            "JOIN ({links}) AS l ON ({l_key}) = ({r_key}) JOIN ({owner}) AS o ON ({o_key}) = ({r_key}) "
            "WHERE r.recorded_to = 'infinity' AND l.outcome = 'match' AND o.outcome = 'match'"
        ).format(
            subject=sql.Literal(BUSINESS), dataset=sql.Literal(speaker.contract.id),
            role=sql.Literal(speaker.role), record=speaker.record, versions=speaker.versions(run),
            links=speaker.links(run), owner=owner, l_key=listed(speaker.contract.key, "l"),
            o_key=listed(speaker.contract.key, "o"), r_key=listed(speaker.contract.key, "r"),
        )  # fmt: skip


def _said_by_register(run: Run) -> sql.Composed:
    """What the register says of those of whom agencies say something; each value once."""
    values = [sql.SQL("({}, p.{})").format(sql.Literal(name), sql.Identifier(name)) for name in PERSON_FIELDS]
    values[PERSON_FIELDS.index("address")] = sql.SQL("('address', {})").format(
        street(*(sql.Identifier("p", name) for name in ("address", "rt", "rw")))
    )
    return sql.SQL(
        "SELECT DISTINCT ON (p.person_id, v.field, v.value) 'person', p.person_id, v.field, {register}, "
        "CASE WHEN p.nik <> '' THEN {residents} ELSE {foreigners} END, {register}, "
        "jsonb_build_array(p.nik)::text, v.value, {moment} FROM {people} AS p "
        "CROSS JOIN LATERAL (VALUES {values}) AS v (field, value) WHERE v.value <> '' "
        "AND (p.person_id, v.field) IN (SELECT subject_id, field FROM {said} WHERE subject = 'person') "
        "ORDER BY p.person_id, v.field, v.value, p.entry"
    ).format(
        register=sql.Literal(REGISTER), residents=_dataset(run, "residents"), people=PEOPLE, said=SAID,
        foreigners=_dataset(run, "foreigners"), values=sql.SQL(", ").join(values), moment=_NO_MOMENT,
    )  # fmt: skip


def part(run: Run, name: str) -> Contract | None:
    """The first dataset that is this part of the register; None without one."""
    return next(iter(parts(run, name)), None)


def _dataset(run: Run, name: str) -> sql.Literal:
    contract = part(run, name)
    return sql.Literal(contract.id if contract else REGISTER)
