"""The population register in a hub of its own: the repository's contracts and models of SIAK, rows by hand.

A `Siak` holds what the register shows; `day` brings it home as on that day of the calendar, so that what is
known when can be told in days.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from psycopg import sql

from connectors.base import Extract, Request, encode_rows
from demo import codes
from demo.model import PROJECT, City
from lumbung import history, landing, ledger, pipeline, validation
from lumbung.hub import Hub
from lumbung.models import Models, load_models
from lumbung.release import build, plan
from lumbung.settings import Settings
from lumbung.views import swap
from lumbung.warehouse import Warehouse
from schemas.catalogue import Catalogue, load_catalogue
from tests.conftest import TEMPLATE, Servers
from tests.loads_project import Rows

Values = dict[str, Any]


class Shown(Rows):
    """Rows in the contract's column order, under the names that the source has for them."""

    @contextmanager
    def open(self, request: Request) -> Iterator[Extract]:
        """The rows as COPY text."""
        contract = request.contract
        yield Extract(contract.names, contract.source_names, encode_rows(self.rows))


MODELS = ("residence", "person", "household", "household_member")
TABLES = tuple(f"integrated.{name}" for name in MODELS)


def write_project(folder: Path) -> Path:
    """The register's contracts and models below `folder`."""
    (folder / "warehouse" / "integrated").mkdir(parents=True)
    shutil.copytree(PROJECT / "schemas" / "sources" / "siak", folder / "schemas" / "sources" / "siak")
    for name in MODELS:
        shutil.copy(PROJECT / "warehouse" / "integrated" / f"{name}.sql", folder / "warehouse" / "integrated")
    return folder


@cache
def catalogue_of(project: Path) -> Catalogue:
    return load_catalogue(project)


@cache
def models_of(project: Path) -> Models:
    return load_models(project, catalogue_of(project))


Registers = Callable[[], AbstractContextManager["Siak"]]


@contextmanager
def registers(servers: Servers, project: Path) -> Iterator[Registers]:
    """Gives empty registers, each on a warehouse of its own in which the code lists are already."""

    @contextmanager
    def another() -> Iterator[Siak]:
        with servers.database(18, urlsplit(first).path.removeprefix("/")) as url:
            yield Siak.at(project, url)

    with servers.database(18, TEMPLATE) as first:
        Siak.at(project, first).bring_codes()
        yield another


@dataclass
class Siak:
    """The register as its source shows it, by key, and the hub it comes home to."""

    hub: Hub
    residents: dict[str, Values] = field(default_factory=dict)
    cards: dict[str, Values] = field(default_factory=dict)
    foreigners: dict[str, Values] = field(default_factory=dict)
    events: list[Values] = field(default_factory=list)
    #: What came home last, by dataset.
    brought: dict[str, list[Values]] = field(default_factory=dict)
    #: Noon of the last day, when the hub was told.
    now: datetime = datetime(2020, 1, 1, tzinfo=UTC)

    @classmethod
    def at(cls, project: Path, warehouse_url: str) -> "Siak":
        """An empty register on this warehouse."""
        settings = Settings(project, project / "var", warehouse_url)
        return cls(Hub(settings, Warehouse(warehouse_url), catalogue_of(project)))

    def bring_codes(self) -> None:
        """The code lists come home."""
        lists = City(1)
        codes.populate(lists)
        for dataset, rows in lists.tables.items():
            self._sync(dataset, [tuple(map(str, row.values())) for row in rows.values()])

    def card(self, number: int, **said: Any) -> str:
        """A family card; its number."""
        kk = f"617101010101{number:04}"
        self.cards[kk] = {"head_name": "BUDI", "district_code": 1, "village_code": 1002} | said
        return kk

    def resident(self, number: int, kk: str, **said: Any) -> str:
        """A resident on a card; the NIK."""
        nik = f"617101010190{number:04}"
        self.residents[nik] = {
            "kk_number": kk, "full_name": "BUDI", "sex_code": 1, "birth_date": "01-01-1990",
            "family_relation_code": 4, "district_code": 1, "village_code": 1002, "religion_code": 1,
        } | said  # fmt: skip
        return nik

    def event(self, kind: str, nik: str, on: str, **said: Any) -> int:
        """Something that happened on that day (`2024-05-17`); the event's number."""
        day = date.fromisoformat(on).strftime("%d-%m-%Y")
        number = len(self.events) + 1
        self.events.append({"event_id": number, "event_code": kind, "nik": nik, "event_date": day} | said)
        return number

    def day(self, on: str) -> None:
        """All that the register came to show comes home at noon of that day; events first."""
        self.now = datetime.combine(date.fromisoformat(on), time(5), UTC)
        self._bring("siak.events", self.events)
        self._bring("siak.family_cards", [{"kk_number": kk} | row for kk, row in self.cards.items()])
        self._bring("siak.residents", [{"nik": nik} | row for nik, row in self.residents.items()])
        self._bring("siak.foreigners", [{"document_number": n} | row for n, row in self.foreigners.items()])

    def publish(self) -> None:
        """Identify, and make the tables anew."""
        warehouse, models = self.hub.warehouse, models_of(self.hub.settings.project)
        release_id = plan(warehouse, models, self.now.date(), pipeline.identify(self.hub))
        for model in models:
            build(warehouse, models, release_id, model.name)
        swap(warehouse, release_id)

    def _bring(self, dataset: str, rows: list[Values]) -> None:
        if self.brought.get(dataset) == rows:
            return
        self.brought[dataset] = [dict(row) for row in rows]
        names = self.hub.dataset(dataset).names
        texts = [tuple(None if row.get(n) is None else str(row[n]) for n in names) for row in rows]
        load_id = self._sync(dataset, texts)
        history_table = sql.Identifier("history", self.hub.dataset(dataset).table)
        with self.hub.warehouse.connect() as session:
            for recorded, of in (("recorded_from", "from_load_id"), ("recorded_to", "to_load_id")):
                session.execute(
                    sql.SQL("UPDATE {} SET {} = %s WHERE {} = %s").format(
                        history_table, sql.Identifier(recorded), sql.Identifier(of)
                    ),
                    [self.now, load_id],
                )

    def _sync(self, dataset: str, rows: list[tuple[str | None, ...]]) -> int:
        """Land, validate and apply, without the gate."""
        contract = self.hub.dataset(dataset)
        load_id = landing.land(self.hub.warehouse, contract, Shown(rows))
        with self.hub.warehouse.connect() as session:
            validation.validate(session, contract, ledger.get(session, load_id))
            ledger.note(session, load_id, gate_seconds=0.0, accepted_by="test")
            load = history.apply(session, contract, ledger.get(session, load_id))
        assert load.state == "applied", load.reason
        assert not load.quarantined_count, f"{dataset}: {load.quarantined_count} rows refused"
        return load_id

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of a query on the warehouse."""
        with self.hub.warehouse.connect() as session:
            return session.execute(statement.encode(), values).fetchall()

    def person(self, key: str) -> UUID:
        """Who has this NIK or document."""
        (found,) = self.query(
            "SELECT person_id FROM identity.person_key WHERE key = %s AND to_run_id IS NULL", key
        )
        return UUID(str(found[0]))

    def household(self, kk: str) -> UUID:
        """Whose card this is."""
        (found,) = self.query(
            "SELECT household_id FROM identity.household_key WHERE kk_number = %s AND to_run_id IS NULL", kk
        )
        return UUID(str(found[0]))

    def contents(self) -> dict[str, list[str]]:
        """All rows of every integrated table, and all open ones of the identity tables."""
        found = {t: self.query(f"SELECT t::text FROM {t} AS t ORDER BY 1") for t in TABLES}
        for table in ("person_key", "household_key", "person_candidate"):
            found[table] = self.query(
                f"SELECT (to_jsonb(t) - 'from_run_id')::text FROM identity.{table} AS t "
                "WHERE to_run_id IS NULL ORDER BY 1"
            )
        return {table: [str(row[0]) for row in rows] for table, rows in found.items()}
