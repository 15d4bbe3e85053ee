"""Profile and scorecard agree with the tables and sources that they are made from."""

import pytest

from tests.published_city import PublishedCity

pytestmark = pytest.mark.slow


def test_each_kelurahan_is_profiled_with_its_residents(published_city: PublishedCity) -> None:
    rows = published_city.rows(
        "SELECT p.resident_count, (SELECT count(*) FROM current.siak__residents s"
        " WHERE s.district_code = split_part(p.kelurahan_code, '.', 3)::int"
        " AND s.village_code = split_part(p.kelurahan_code, '.', 4)::int)"
        " FROM published.kelurahan_profile p"
    )
    assert len(rows) == 29
    hidden = [there for shown, there in rows if shown is None]
    assert len(hidden) != 1
    assert all(shown == there for shown, there in rows if shown is not None)


def test_the_budget_of_kelurahan_is_that_of_lines_that_name_one(published_city: PublishedCity) -> None:
    (found,) = published_city.rows(
        "SELECT (SELECT sum(budget_amount) FROM published.kelurahan_profile),"
        " (SELECT sum(budget_amount) FROM published.budget_line WHERE kelurahan_code LIKE '61.71.__.____'"
        " AND budget_year = 2026 AND version_code = 'perubahan')"
    )
    assert found[0] == found[1] > 0


def test_the_scorecard_counts_what_is_published(published_city: PublishedCity) -> None:
    (found,) = published_city.rows(
        "SELECT sum(late_count), sum(complaint_count), min(skpd_name),"
        " count(*) FILTER (WHERE achieved_count > 0)"
        " FROM published.opd_scorecard"
    )
    (listed,) = published_city.rows(
        "SELECT (SELECT count(*) FROM published.late_activity),"
        " (SELECT count(*) FROM published.complaint_handling WHERE skpd_code IS NOT NULL)"
    )
    assert found[:2] == listed
    assert found[2] != "Tidak dikenali"
    assert found[3] > 0
