"""Whatever happens to residents and cards, an unchanged NIK keeps its person, and everybody's days add up."""

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lumbung import pipeline
from lumbung.resolution import merging
from lumbung.resolution.merging import Because
from tests.conftest import Servers
from tests.register_project import Registers, Siak, registers, write_project

PEOPLE, CARDS, DAYS = 5, 3, 4
STEP = st.tuples(
    st.sampled_from(
        ["arrive", "leave", "die", "move", "move untold", "correct nik", "replace card", "change", "merge"]
    ),
    st.integers(0, PEOPLE - 1),
    st.integers(0, CARDS - 1),
)
HISTORIES = st.lists(st.lists(STEP, max_size=4), min_size=2, max_size=DAYS)


@pytest.fixture(scope="module")
def another(embedded_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registers]:
    with registers(embedded_servers, write_project(tmp_path_factory.mktemp("register"))) as another:
        yield another


class Life:
    """Random things that happen, as SIAK would show them; `moved` are NIKs whose person may be another."""

    def __init__(self, siak: Siak) -> None:
        self.siak, self.moved = siak, set[str]()
        self.cards = [siak.card(number) for number in range(CARDS)]
        self.niks = [f"617101010190{number + 1:04}" for number in range(PEOPLE)]
        self.issued = PEOPLE
        for number in range(PEOPLE):
            self._list(number, self.cards[0])

    def take(self, step: tuple[str, int, int], on: dt.date) -> None:
        """Let one thing happen, if it can."""
        what, who, where = step
        act = getattr(self, f"_{what.replace(' ', '_')}")
        act(who, self.cards[where], on.isoformat())

    def _list(self, who: int, kk: str) -> None:
        # Each by another name, so that nobody seems to be another's successor.
        self.siak.resident(int(self.niks[who][-4:]), kk, full_name="ABCDE"[who])

    def _here(self, who: int) -> dict[str, Any] | None:
        return self.siak.residents.get(self.niks[who])

    def _arrive(self, who: int, kk: str, on: str) -> None:
        if self._here(who) is None:
            self._list(who, kk)
            self.siak.event("DATANG", self.niks[who], on, kk_number=kk)

    def _leave(self, who: int, kk: str, on: str, kind: str = "PINDAH") -> None:
        if gone := self.siak.residents.pop(self.niks[who], None):
            self.siak.event(kind, self.niks[who], on, old_kk_number=gone["kk_number"])

    def _die(self, who: int, kk: str, on: str) -> None:
        self._leave(who, kk, on, "MATI")

    def _move(self, who: int, kk: str, on: str) -> None:
        if (row := self._here(who)) and row["kk_number"] != kk:
            self.siak.event("PINDAH_KK", self.niks[who], on, kk_number=kk, old_kk_number=row["kk_number"])
            row["kk_number"] = kk

    def _move_untold(self, who: int, kk: str, on: str) -> None:
        if row := self._here(who):
            row["kk_number"] = kk

    def _change(self, who: int, kk: str, on: str) -> None:
        if row := self._here(who):
            row["occupation_code"] = row.get("occupation_code", 0) % 88 + 1

    def _correct_nik(self, who: int, kk: str, on: str) -> None:
        if row := self._here(who):
            self.issued += 1
            old, new = self.niks[who], f"617101010190{self.issued:04}"
            self.siak.residents[new] = row
            del self.siak.residents[old]
            self.siak.event("UBAH_NIK", new, on, old_nik=old)
            self.niks[who] = new

    def _replace_card(self, who: int, kk: str, on: str) -> None:
        self.issued += 1
        new = self.siak.card(self.issued)
        del self.siak.cards[kk]
        for row in self.siak.residents.values():
            if row["kk_number"] == kk:
                row["kk_number"] = new
        self.siak.event("GANTI_KK", self.niks[who], on, kk_number=new, old_kk_number=kk)
        self.cards[self.cards.index(kk)] = new

    def _merge(self, who: int, kk: str, on: str) -> None:
        """What people decide moves ids on purpose: the two are taken out of the promise, and split again."""
        known = dict(
            self.siak.query("SELECT key, person_id FROM identity.person_key WHERE to_run_id IS NULL")
        )
        one, other = known.get(self.niks[who]), known.get(self.niks[who - 1])
        if one is None or other is None or one == other:
            return
        why = Because("test", "test")
        with self.siak.hub.warehouse.connect() as session:
            merging.merge(session, one, other, why)
        pipeline.identify(self.siak.hub)
        assert self.siak.person(self.niks[who - 1]) == one
        with self.siak.hub.warehouse.connect() as session:
            merging.split(session, one, other, why)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=HISTORIES)
def test_an_unchanged_nik_keeps_its_person(another: Registers, history: list[list[Any]]) -> None:
    with ExitStack() as stack:
        siak = stack.enter_context(another())
        life, first = Life(siak), dt.date(2024, 1, 1)
        persons: dict[str, Any] = {}
        households: dict[str, Any] = {}
        for number, steps in enumerate([[], *history]):
            today = first + dt.timedelta(days=10 * number)
            for step in steps:
                life.take(step, today)
            siak.day(today.isoformat())
            pipeline.identify(siak.hub)
            found = dict(siak.query("SELECT key, person_id FROM identity.person_key WHERE to_run_id IS NULL"))
            assert {nik: found[nik] for nik in persons} == persons
            cards = dict(
                siak.query(
                    "SELECT kk_number, household_id FROM identity.household_key WHERE to_run_id IS NULL"
                )
            )
            assert {kk: cards[kk] for kk in households} == households
            persons, households = found, cards
        # However often it was corrected, each of the people is one person; nobody else is.
        assert len(set(persons.values())) == PEOPLE
        assert len(set(households.values())) == CARDS
        siak.publish()
        everybody_is_somewhere(siak, life)


def everybody_is_somewhere(siak: Siak, life: Life) -> None:
    """On every day and at every moment, a person is in one state at most; today, where the register says."""
    twice = """
        SELECT count(*) FROM integrated.person a JOIN integrated.person b USING (person_id)
        WHERE a.ctid < b.ctid AND a.valid_from < b.valid_to AND b.valid_from < a.valid_to
        AND a.recorded_from < b.recorded_to AND b.recorded_from < a.recorded_to
    """
    twice = twice.replace(
        "integrated.person a", "(SELECT *, row_number() OVER () AS n FROM integrated.person) a"
    )
    twice = twice.replace(
        "integrated.person b", "(SELECT *, row_number() OVER () AS n FROM integrated.person) b"
    )
    assert siak.query(twice.replace("a.ctid < b.ctid", "a.n < b.n")) == [(0,)]
    now = siak.query(
        "SELECT k.key, p.household_id FROM integrated.person p JOIN identity.person_key k USING (person_id) "
        "WHERE k.to_run_id IS NULL AND p.recorded_to = 'infinity' AND p.valid_to = 'infinity' "
        "AND p.status_code = 'resident'"
    )
    homes = {nik: household for nik, household in now if nik in siak.residents}
    assert homes == {nik: siak.household(row["kk_number"]) for nik, row in siak.residents.items()}
