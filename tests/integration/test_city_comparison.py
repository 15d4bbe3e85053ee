"""The ministry's real files become a published comparison of Pontianak with other cities."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest

from connectors.connection import from_environment
from lumbung import pipeline
from lumbung.adoption import Selection, select, write
from lumbung.hub import Hub
from lumbung.models import Models, load_models
from lumbung.settings import Settings
from schemas.catalogue import load_catalogue
from tests.services import corpus

PROJECT = Path(__file__).resolve().parents[2]
TABLE = "published.city_comparison"


def only(models: Models, table: str) -> Selection:
    """The project that makes this one published table."""
    needed, wanted = set[str](), [table]
    while wanted:
        needed.add(name := wanted.pop())
        wanted += models[name].models
    selection = select(models, ["djpk", "sipd"])
    return replace(selection, models=tuple(m for m in selection.models if m.name in needed))


@pytest.fixture
def hub(warehouse_url: str, tmp_path: Path) -> Hub:
    """A hub of that project, its files those of the ministry."""
    write(only(load_models(PROJECT, load_catalogue(PROJECT)), TABLE), PROJECT, tmp_path / "city")
    files = {"conn_type": "fs", "extra": {"path": str(corpus() / "tabular")}}
    environment = {"LUMBUNG_HOME": str(tmp_path / "home"), "LUMBUNG_WAREHOUSE_URL": warehouse_url}
    settings = Settings.from_environment(tmp_path / "city", environment)
    resolve = partial(from_environment, environment={"AIRFLOW_CONN_DJPK": json.dumps(files)})
    return pipeline.open_hub(settings, resolve)


def independently() -> pd.DataFrame:
    """Our accounts with amount, rank and median, from the files alone."""
    text = pd.read_csv(corpus() / "tabular" / "apbd_2023_all_pemda.csv", dtype=str, keep_default_na=False)
    file = corpus() / "tabular" / "contoh_template_apbd.xlsx"
    workbook = pd.read_excel(file, sheet_name="nilai APBD", dtype=str, engine="openpyxl")
    names = workbook.drop_duplicates("Kodepemda").set_index("Kodepemda")["Namapemda"]
    rows = text[text["Kodepemda"].map(names).str.startswith("Kota ")].drop_duplicates()
    rows = rows.assign(amount=rows["nilai"].astype("int64"))
    grouped = rows.groupby("standarjenis_APBD_id")["amount"]
    rows = rows.assign(
        rank=grouped.rank(ascending=False, method="min").astype(int), cities=grouped.transform("size")
    )
    return rows[rows["wilayah"] == "6171"].set_index("standarjenis_APBD_id")


@pytest.mark.corpus
def test_pontianak_among_all_cities(hub: Hub) -> None:
    for dataset in ("reference.region", "reference.region_alias", "reference.region_code"):
        pipeline.sync(hub, dataset)
    loads = [pipeline.sync(hub, f"djpk.{name}") for name in ("budgets", "government_budgets")]
    assert [load.read_count for load in loads] == [11_743, 11_743]
    pipeline.publish(hub)
    with psycopg.connect(hub.warehouse.url) as link:
        query = f"SELECT account_code, budget_amount, rank_number, city_count FROM {TABLE} WHERE is_own_city"
        found: dict[str, Any] = {code: rest for code, *rest in link.execute(query.encode()).fetchall()}
    wanted = independently()
    assert len(found) == 23
    assert {code: row[0] for code, row in found.items()} == wanted["amount"].to_dict()
    assert {code: row[1:] for code, row in found.items()} == {
        code: [rank, cities] for code, rank, cities in wanted[["rank", "cities"]].itertuples()
    }
