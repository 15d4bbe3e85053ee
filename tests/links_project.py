"""A small register, an agency's applications, and the step that links them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from lumbung.pipeline import Hub
from lumbung.resolution.links import link_records
from lumbung.resolution.links_decisions import Kind, Record, decide, undo
from lumbung.resolution.merging import Because, merge, split
from lumbung.resolution.register import register
from lumbung.resolution.stage import identify
from lumbung.settings import Settings
from lumbung.warehouse import Warehouse
from schemas.entities import Entities, PersonRole
from schemas.register import Register
from tests.loads_project import Loads, catalogue, column, contract

BECAUSE = Because("Rina", "card seen")
PERSONAL = {"classification": "personal"}
RESIDENTS = contract(
    column("nik", key=1, **PERSONAL),
    column("kk_number", **PERSONAL),
    column("full_name", **PERSONAL),
    column("sex_code", **PERSONAL),
    column("birth_date", "date", options={"format": "yyyy-MM-dd"}, **PERSONAL),
    column("birth_place", **PERSONAL),
    column("mother_name", **PERSONAL),
    name="siak.residents",
    register=Register(
        "residents", key="nik", kk_number="kk_number", name="full_name", birth_date="birth_date",
        birth_place="birth_place", sex="sex_code", mother_name="mother_name",
    ),
)  # fmt: skip
CARDS = contract(
    column("kk_number", key=1, **PERSONAL),
    column("address", **PERSONAL),
    name="siak.family_cards",
    register=Register("family_cards", kk_number="kk_number", address="address"),
)
APPLICATIONS = contract(
    column("application_id", key=1),
    column("nik", **PERSONAL),
    column("name", **PERSONAL),
    column("birth_date", "date", options={"format": "yyyy-MM-dd"}, **PERSONAL),
    column("address", **PERSONAL),
    column("mother_name", **PERSONAL),
    column("note"),
    name="bansos.applications",
    entities=Entities(
        persons=(
            PersonRole(
                "applicant", nik="nik", name="name", birth_date="birth_date", address="address",
                mother_name="mother_name",
            ),
        )
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """A resident of the small register, with all that the register says."""

    nik: str
    name: str
    birth_date: str
    address: str = ""
    mother: str = ""
    sex: str = "1"
    card: str = ""

    @property
    def kk_number(self) -> str:
        return self.card or self.nik[:6] + "0101" + self.nik[10:]


def _others() -> list[Person]:
    """A thousand people more: what a name tells depends on how many bear it."""
    rng = Random(4)
    syllables = [first + last for first in "BRSMTKLWNPDGHJ" for last in "AIU"]

    def part() -> str:
        return "".join(rng.choices(syllables, k=3))

    return [
        Person(
            f"61710{1 + n % 6}{1 + n % 28:02}{1 + n % 12:02}{n % 90 + 10:02}{9000 - n:04}",
            f"{part()} {part()}", f"19{n % 90 + 10:02}-{1 + n % 12:02}-{1 + n % 28:02}",
            f"JL. {part()} NO. {n}", f"{part()} {part()}", "12"[n % 2],
        )
        for n in range(1000)
    ]  # fmt: skip


OTHERS = _others()


@dataclass(frozen=True)
class Link:
    """What a record came to."""

    person: str | None
    outcome: str
    method: str | None
    score: float
    evidence: dict[str, Any] = field(hash=False)

    @property
    def short(self) -> tuple[str | None, str, str | None]:
        """Whom, how sure, and how it was told."""
        return self.person, self.outcome, self.method


@dataclass
class Town:
    """A warehouse with the register and the applications."""

    url: str
    folder: Path

    def __post_init__(self) -> None:
        self.warehouse = Warehouse(self.url)
        self.hub = Hub(
            Settings(self.folder, self.folder, self.url), self.warehouse,
            catalogue(RESIDENTS, CARDS, APPLICATIONS), lambda name: None,  # type: ignore[arg-type,return-value]
        )  # fmt: skip

    def people(self, people: Iterable[Person]) -> None:
        """The register is as these people from now on."""
        there = [*people, *OTHERS]
        cards = {p.kk_number: p.address for p in there}
        Loads(self.warehouse, CARDS).sync(*[[number, address] for number, address in cards.items()])
        Loads(self.warehouse, RESIDENTS).sync(
            *[[p.nik, p.kk_number, p.name, p.sex, p.birth_date, "PONTIANAK", p.mother] for p in there]
        )

    def applications(self, *rows: list[str | None]) -> None:
        """The applications are these: id, NIK, name, birth date, address, mother's name, note."""
        padded = [[*row, *[None] * (len(APPLICATIONS.columns) - len(row))] for row in rows]
        Loads(self.warehouse, APPLICATIONS).sync(*padded)

    def identify(self) -> int | None:
        """A run; returns how many applications it looked at, None when it had no reason to look at any."""
        run_id = identify(self.hub, (register, link_records))
        [(looked_at,)] = self.rows(f"SELECT looked_at FROM identity.run WHERE run_id = {run_id}")
        found: int | None = looked_at.get("bansos__applications__applicant")
        return found

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query."""
        with self.warehouse.connect() as session:
            return session.execute(query.encode()).fetchall()

    def person_id(self, nik: str) -> UUID:
        """The person whose NIK this is."""
        [(found,)] = self.rows(
            f"SELECT person_id FROM identity.person_key WHERE key = '{nik}' AND to_run_id IS NULL"
        )
        return UUID(str(found))

    def links(self) -> dict[str, Link]:
        """What each application came to; people by the NIK that was first theirs."""
        rows = self.rows(
            "SELECT t.application_id, o.key, t.outcome, t.method, t.score, t.evidence "
            "FROM identity.bansos__applications__applicant t "
            "LEFT JOIN identity.person_origin o ON o.own_id = t.person_id WHERE t.to_run_id IS NULL"
        )
        return {key: Link(*rest) for key, *rest in rows}

    def run(self, statement: str) -> None:
        """A statement that gives no rows."""
        with self.warehouse.connect() as session:
            session.execute(statement.encode())

    def record(self, application: str) -> Record:
        """How a decision names an application."""
        return Record(APPLICATIONS, APPLICATIONS.entities.persons[0], {"application_id": application})

    def decide(self, kind: Kind, application: str, nik: str) -> int:
        """Somebody decides about an application."""
        person = self.person_id(nik)
        with self.warehouse.connect() as session:
            return decide(session, self.record(application), person, kind, BECAUSE)

    def undo(self, decision_id: int) -> None:
        """Somebody takes a decision back."""
        with self.warehouse.connect() as session:
            undo(session, decision_id, BECAUSE)

    def merge(self, kept: str, merged: str) -> None:
        """The two are one."""
        persons = self.person_id(kept), self.person_id(merged)
        self._merged = persons
        with self.warehouse.connect() as session:
            merge(session, *persons, BECAUSE)

    def split(self) -> None:
        """The two that were merged last are two."""
        with self.warehouse.connect() as session:
            split(session, *self._merged, BECAUSE)
