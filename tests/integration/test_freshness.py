"""The alarm for late datasets: it speaks of what the source gave, not of what the hub did since."""

from dataclasses import replace
from pathlib import Path

import pytest

from lumbung import upkeep
from lumbung.errors import StaleData
from lumbung.warehouse import Warehouse
from tests.loads_project import Loads, catalogue, column, contract

KEY = column("id", key=1)
ROWS = replace(contract(KEY), latency_hours=26.0)


def test_late_datasets_are_named_and_a_replay_makes_none_fresh(warehouse_url: str, tmp_path: Path) -> None:
    warehouse = Warehouse(warehouse_url)
    loads, known = Loads(warehouse, ROWS), catalogue(ROWS)
    upkeep.refuse_stale(warehouse, known)
    load = loads.sync(["a"])
    upkeep.refuse_stale(warehouse, known)
    loads.run("UPDATE ops.load SET finished_at = now() - interval '30 hours'")
    replay = loads.sync(["b"])
    loads.run(f"UPDATE ops.load SET kind = 'replay' WHERE load_id = {replay.load_id}")
    assert replay.load_id > load.load_id
    with pytest.raises(StaleData, match=r"^Late: test\.rows is 30 h old, promised within 26 h\. "):
        upkeep.refuse_stale(warehouse, known)
    loads.sync(["c"])
    upkeep.refuse_stale(warehouse, known)
