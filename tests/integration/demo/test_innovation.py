"""Scores, classes and stages of innovations are what the sources add up to; what does not fit is found."""

import sqlite3
from collections import defaultdict
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from tests.published_city import PublishedCity

pytestmark = pytest.mark.slow


def rows_of(city: PublishedCity, table: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(city.systems / "inovasi.db")) as link:
        link.row_factory = sqlite3.Row
        return [dict(row) for row in link.execute(f"SELECT * FROM {table}")]


def points(city: PublishedCity) -> dict[tuple[int, int], list[Decimal]]:
    """Points of each innovation and year that a correct hub takes in."""
    refused, found = city.refused("inovasi.scores"), defaultdict(list)
    for row in rows_of(city, "skor"):
        if f"{row['id_inovasi']}|{row['tahun']}|{row['no_indikator']}" not in refused:
            found[int(row["id_inovasi"]), int(row["tahun"])].append(Decimal(row["skor"]))
    return found


def class_of(score: Decimal) -> str:
    return "very_innovative" if score > 60 else "innovative" if score >= 35 else "less_innovative"


def known(city: PublishedCity, kind: str) -> set[str]:
    return {text for each, text in city.manifest["known"] if each == kind}


def test_scores_and_classes_are_the_sum_of_36_points(published_city: PublishedCity) -> None:
    expected = {
        key: (sum(each), len(each) == 36, class_of(sum(each, Decimal())) if len(each) == 36 else None)
        for key, each in points(published_city).items()
    }
    found = published_city.rows(
        "SELECT innovation_id, score_year, score, is_complete, class_code FROM published.innovation_index"
        " WHERE level_code = 'inovasi'"
    )
    assert {row[:2]: row[2:] for row in found} == expected
    incomplete = {f"{innovation}|{year}" for innovation, year, _, is_complete, _ in found if not is_complete}
    assert incomplete >= known(published_city, "innovation_score_incomplete")
    for year in {key[1] for key in expected}:
        whole = [score for (_, of), (score, is_complete, _) in expected.items() if of == year and is_complete]
        mean = (sum(whole, Decimal()) / Decimal(len(whole))).quantize(Decimal("0.01"))
        (city,) = published_city.rows(
            "SELECT score, class_code, indicator_count FROM published.innovation_index"
            f" WHERE level_code = 'kota' AND score_year = {year}"
        )
        assert abs(city[0] - mean) <= Decimal("0.01")
        assert city[1:] == (class_of(city[0]), len(whole))


def test_stages_out_of_order_are_found_exactly(published_city: PublishedCity) -> None:
    found = published_city.rows(
        "SELECT innovation_id::text FROM published.innovation_pipeline WHERE NOT is_in_order"
    )
    assert {row[0] for row in found} == known(published_city, "innovation_not_in_order")
    listed = published_city.rows("SELECT count(*), count(skpd_code) FROM published.innovation_pipeline")
    good = len({str(row["id"]) for row in rows_of(published_city, "inovasi")}
               - published_city.refused("inovasi.innovations"))  # fmt: skip
    assert listed == [(good, good)]


def test_the_city_is_ranked_among_its_peers(published_city: PublishedCity) -> None:
    refused, peers = published_city.refused("inovasi.competitiveness"), defaultdict(list)
    for row in rows_of(published_city, "daya_saing"):
        if f"{row['kode_indeks']}|{row['tahun']}|{row['kode_daerah']}" not in refused:
            peers[row["kode_indeks"], int(row["tahun"])].append(Decimal(row["nilai"]))
    found = published_city.rows(
        "SELECT index_code, index_year, index_score, peer_rank, peer_count"
        " FROM published.competitiveness_index"
    )
    assert len(found) == sum(map(len, peers.values()))
    for index, year, score, rank, count in found:
        others = peers[index, year]
        assert (rank, count) == (1 + sum(other > score for other in others), len(others))
