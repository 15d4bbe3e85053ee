"""The city on a given day: what every source shows, and what a correct hub makes of it."""

from dataclasses import dataclass

from demo import (
    budget,
    buildings,
    business_registers,
    cash_plan,
    codes,
    comparison,
    complaints,
    disagreements,
    foreigners,
    innovation,
    letters,
    licensing,
    licensing_steps,
    local_taxes,
    people,
    performance,
    planning,
    realisation,
    receipts,
    reports,
    tax_disagreements,
    tax_objects,
    treasury,
)
from demo.differences import differences
from demo.expected import Expected
from demo.faults import Planter
from demo.layout import lay_out
from demo.model import City, Row
from demo.planted import every_fault
from demo.shapes import shapes

#: Applications for permits per resident.
_PERMITS = 0.2
#: In a smaller city the faults would be so large a part that the guards refuse the loads.
SMALLEST = 1000


@dataclass(frozen=True)
class Day:
    """`shown` are the rows of each dataset as its source shows them, each with its planted fault."""

    city: City
    shown: dict[str, list[tuple[Row, str | None]]]
    manifest: dict[str, object]

    def rows(self, dataset: str) -> list[Row]:
        """The dataset's rows as its source shows them."""
        return [row for row, _ in self.shown[dataset]]


def simulate(seed: int, residents: int, day: int) -> Day:
    """The city on `day`, by living through every day before it: the same arguments, the same rows.

    Raises ValueError for fewer than `SMALLEST` residents.
    """
    if residents < SMALLEST:
        raise ValueError(f"a city needs at least {SMALLEST} residents, not {residents}")
    city = City(seed)
    planter, expected = Planter(every_fault(), shapes()), Expected(shapes())
    _begin(city, residents)
    while True:
        planter.next_day(city)
        shown = {name: lay_out(name, list(planter.rows(city, name))) for name in city.tables}
        expected.load(shown)
        if city.day == day:
            said = {"day": day, "seed": seed, "residents": residents, "known": sorted(city.known)}
            said |= {"differences": differences(expected.current)}
            return Day(city, shown, said | expected.manifest())
        city.day += 1
        _live(city)


def _begin(city: City, residents: int) -> None:
    codes.populate(city)
    people.populate(city, residents)
    foreigners.populate(city, residents)
    budget.populate(city)
    comparison.populate(city)
    treasury.populate(city)
    receipts.populate(city)
    realisation.populate(city)
    cash_plan.populate(city)
    disagreements.plant(city)
    licensing.populate(city, int(residents * _PERMITS))
    tax_objects.populate(city, residents)
    local_taxes.populate(city, residents)
    tax_disagreements.plant(city)
    business_registers.populate(city, residents)
    buildings.populate(city, residents)
    licensing_steps.populate(city)
    letters.populate(city)
    reports.populate(city)
    planning.populate(city)
    performance.populate(city)
    complaints.populate(city, residents)
    innovation.populate(city)


def _live(city: City) -> None:
    people.next_day(city)
    foreigners.next_day(city)
    budget.next_day(city)
    treasury.next_day(city)
    receipts.next_day(city)
    licensing.next_day(city)
    tax_objects.next_day(city)
    local_taxes.next_day(city)
    business_registers.follow(city)
    buildings.follow(city)
    licensing_steps.follow(city)
    letters.follow(city)
    reports.next_day(city)
    planning.next_day(city)
    performance.next_day(city)
    complaints.next_day(city)
    innovation.next_day(city)
