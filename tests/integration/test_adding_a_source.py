"""The walk of docs/adding-a-source.md, with its own file, contract and figures."""

import re
from pathlib import Path

from connectors.connection import parse_connection
from lumbung.pipeline import open_hub, sync
from lumbung.settings import Settings

WALK = (Path(__file__).parents[2] / "docs" / "adding-a-source.md").read_text("utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", WALK, re.DOTALL)
    return str(found)


def test_the_walk_goes_as_it_says(warehouse_url: str, tmp_path: Path) -> None:
    contract = tmp_path / "schemas/sources/reklame/billboards.odcs.yaml"
    file = tmp_path / "incoming/reklame.csv"
    for path, text in ((contract, block("yaml")), (file, block("csv"))):
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    settings = Settings(project=tmp_path, home=tmp_path / "var", warehouse_url=warehouse_url)
    hub = open_hub(settings, lambda name: parse_connection(name, f"file://{file.parent}"))
    first = sync(hub, "reklame.billboards")
    counts = (first.read_count, first.added_count, first.quarantined_count, first.filtered_count)
    assert counts == (5, 3, 1, 1)
    with hub.warehouse.connect() as session:
        reasons = session.execute("SELECT reasons FROM quarantine.entry").fetchall()
    assert reasons == [(["valid_to_date:type"],)]
    second = sync(hub, "reklame.billboards")
    assert (second.added_count, second.changed_count, second.confirmed_count) == (0, 0, 3)
