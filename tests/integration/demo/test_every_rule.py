"""Every rule that the city's faults break is needed: without it, other rows are refused than were planted."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from psycopg import sql

from demo.planted import every_fault
from lumbung import history, ledger, pipeline, quarantine, validation
from lumbung.hub import Hub
from lumbung.ledger import Load
from lumbung.warehouse import Session
from schemas.contract import Column, Contract
from tests.conftest import Servers
from tests.demo_city import DemoCity, a_demo_city

pytestmark = pytest.mark.slow

EVENTS = "perizinan.permit_events"
RULES = sorted({(fault.dataset, fault.kind) for fault in every_fault()})
#: The options of a column that state a rule.
OPTIONS = {
    "pattern": ("pattern",),
    "minimum": ("minimum", "exclusiveMinimum"),
    "maximum": ("maximum", "exclusiveMaximum"),
    "length": ("minLength", "maxLength"),
}

Refused = set[tuple[str, str, str]]


@dataclass(frozen=True)
class Landed:
    """A city's hub with a landed load of each dataset on its first day, and what was planted in them.

    `edited` are the events as landed on the second day: before, none can have been edited. No event is in
    history, so that contracts of mode append may change their types.
    """

    hub: Hub
    loads: dict[str, int]
    edited: int
    planted: dict[str, Refused]
    planted_later: Refused

    def refused(self, contract: Contract, *, is_readable: bool = False) -> Refused:
        """Who is refused, and why, under this contract. Nothing of it stays.

        With `is_readable` the connector's word that a row can't be read is taken away.
        """
        with self.hub.warehouse.open() as session:
            load = ledger.get(session, self.loads[contract.id])
            if is_readable:
                landing = load.relation(contract, "landing")
                session.execute(sql.SQL("UPDATE {} SET row_fault = NULL").format(landing))
            found = judged(session, contract, load)
            session.rollback()
        return found

    def refused_later(self, contract: Contract) -> Refused:
        """As `refused`, of the events on the second day, when history has those of the first."""
        with self.hub.warehouse.open() as session:
            kept(session, self.hub.dataset(EVENTS), self.loads[EVENTS])
            found = judged(session, contract, ledger.get(session, self.edited))
            session.rollback()
        return found


def judged(session: Session, contract: Contract, load: Load) -> Refused:
    validation.validate(session, contract, load)
    rows = session.execute(
        sql.SQL("SELECT coalesce({}, 'row:' || row_number), unnest(reasons) FROM {} AS s").format(
            quarantine.key_text(contract), load.relation(contract, "staging")
        )
    ).fetchall()
    return {(contract.id, key, code) for key, code in rows}


def kept(session: Session, contract: Contract, load_id: int) -> None:
    """Bring the load into history as `pipeline.sync` does, without the gate; its landed rows stay."""
    history.apply(session, contract, validation.validate(session, contract, ledger.get(session, load_id)))


def planted(demo: DemoCity, day: int) -> dict[str, Refused]:
    found: dict[str, Refused] = {dataset: set() for dataset, _ in RULES}
    for fault in demo.planted(day):
        found[fault["dataset"]].add((fault["dataset"], fault["key"], fault["kind"]))
    return found


@pytest.fixture(scope="module")
def city(embedded_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Landed]:
    """The city's first day, and the events of its second."""
    with a_demo_city(embedded_servers, tmp_path_factory.mktemp("city")) as demo:
        hub, loads = demo.hub, dict[str, int]()
        for contract in hub.catalogue.sources.values():
            loads[contract.id] = pipeline.land(hub, contract.id)
            if contract.sync.mode != "append":
                with hub.warehouse.connect() as session:
                    kept(session, contract, loads[contract.id])
        demo.show(1)
        pipeline.sync(hub, "perizinan.permits")
        edited = pipeline.land(hub, EVENTS)
        yield Landed(hub, loads, edited, planted(demo, 0), planted(demo, 1)[EVENTS])


def test_all_rules_together_refuse_what_was_planted(city: Landed) -> None:
    for dataset, expected in city.planted.items():
        assert city.refused(city.hub.dataset(dataset)) == expected
    assert city.refused_later(city.hub.dataset(EVENTS)) == city.planted_later


@pytest.mark.parametrize(("dataset", "code"), RULES)
def test_without_the_rule_the_manifest_is_not_met(city: Landed, dataset: str, code: str) -> None:
    contract = without(city.hub.dataset(dataset), code)
    if code == ":immutable":
        found, expected = city.refused_later(contract), city.planted_later
    else:
        found, expected = city.refused(contract, is_readable=code == ":malformed"), city.planted[dataset]
    assert code in {reason for _, _, reason in expected}
    assert code not in {reason for _, _, reason in found}


def without(contract: Contract, code: str) -> Contract:
    """The contract as if it did not state the rule."""
    column, rule = code.split(":")
    if rule == "malformed":
        return contract
    if rule == "duplicate_key":
        return replace(contract, sync=replace(contract.sync, duplicates="last"))
    if rule == "immutable":
        return replace(contract, sync=replace(contract.sync, mode="incremental"))
    if rule == "future":
        return replace(contract, sync=replace(contract.sync, watermark=()))
    if rule == "reference":
        kept = tuple(each for each in contract.references if each.columns[0] != column)
        return replace(contract, references=kept)
    columns = tuple(laxer(each, rule) if each.name == column else each for each in contract.columns)
    return replace(contract, columns=columns)


def laxer(column: Column, rule: str) -> Column:
    changes: dict[str, dict[str, Any]] = {
        "required": {"required": False},
        "unique": {"unique": False},
        "enum": {"enum": ()},
        "scale": {"pg_type": "numeric"},
        "type": {"logical_type": "string", "pg_type": "text", "options": {}},
    }
    kept = {name: value for name, value in column.options.items() if name not in OPTIONS.get(rule, ())}
    return replace(column, **changes.get(rule, {"options": kept}))
