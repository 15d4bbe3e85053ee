"""Office days are counted by the calendar: weekends, holidays and collective leave are none."""

from collections.abc import Iterator
from datetime import date

import pytest

from tests.conftest import Servers
from tests.reference_city import ReferenceCity, a_template

AS_OF = date(2026, 9, 15)


@pytest.fixture(scope="module")
def city(embedded_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferenceCity]:
    with (
        a_template(embedded_servers, "legal_basis", "office_calendar", "office_hours") as template,
        embedded_servers.database(18, template) as url,
    ):
        city = ReferenceCity(url)
        city.integrate(tmp_path_factory.mktemp("models"), AS_OF, "office_day")
        yield city


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2026-09-11", "2026-09-14", 1),  # Friday to Monday
        ("2025-03-27", "2025-04-08", 1),  # over Nyepi and Idul Fitri
        ("2026-08-14", "2026-08-26", 6),  # over 17 and 25 August
        ("2026-09-12", "2026-09-13", 0),  # a weekend
    ],
)
def test_a_distance_is_the_difference_of_two_numbers(
    city: ReferenceCity, first: str, last: str, days: int
) -> None:
    query = (
        "SELECT b.office_day_number - a.office_day_number FROM office_day a, office_day b "
        f"WHERE a.calendar_date = '{first}' AND b.calendar_date = '{last}'"
    )
    assert city.rows(query) == [(days,)]


def test_every_day_of_the_years_stands_once(city: ReferenceCity) -> None:
    query = (
        "SELECT count(*), count(DISTINCT calendar_date), min(calendar_date), max(calendar_date) "
        "FROM office_day"
    )
    assert city.rows(query) == [(1461, 1461, date(2023, 1, 1), date(2026, 12, 31))]


def test_the_counter_is_open_longer_on_fridays(city: ReferenceCity) -> None:
    query = (
        "SELECT DISTINCT weekday_name FROM office_day WHERE counter_closes_at = '20:00' AND is_office_day "
        "UNION ALL SELECT kind_code FROM office_day WHERE NOT is_office_day AND opens_at IS NOT NULL"
    )
    assert city.rows(query) == [("Jumat",)]
