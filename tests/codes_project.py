"""The repository's code lists and models of budget codes as a project, without the demo's systems.

What SIPD and the treasury say comes from CSV files with the columns of the repository's contracts.
"""

import csv
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from lumbung import pipeline
from lumbung.hub import Hub, open_hub
from lumbung.ledger import Load
from lumbung.models import load_models
from lumbung.release import build, plan
from lumbung.settings import Settings

ROOT = Path(__file__).parents[1]
MODELS = (
    *("account", "account_mapping", "sub_activity", "sub_activity_listing", "sub_activity_mapping"),
    *("budget_code_regulation", "budget_code_finding", "budget", "disbursement"),
)
SYSTEMS = ("sipd/sub_activities", "sipd/budget_lines", "simda/sp2d")
LISTS = ("account_code", "sub_activity_code", "sub_activity_nomenclature")
CODES = ("regulation", "account_mapping", *LISTS)
DAY = date(2026, 9, 15)


@dataclass(frozen=True)
class CodesProject:
    """The project's folder and its warehouse."""

    folder: Path
    warehouse_url: str

    @property
    def reference(self) -> Path:
        """The folder of the code lists."""
        return self.folder / "warehouse" / "reference"

    @property
    def hub(self) -> Hub:
        """The project's hub."""
        return open_hub(Settings(self.folder, self.folder / "var", self.warehouse_url))

    def says(self, system: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """What a system has: rows by the column names of its contract."""
        contract = yaml.safe_load((self.folder / "schemas" / "sources" / f"{system}.odcs.yaml").read_text())
        columns = contract["schema"][0]["properties"]
        source = {column["name"]: column.get("physicalName", column["name"]) for column in columns}
        file = self.folder / "data" / f"{system}.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8", newline="") as text:
            writer = csv.DictWriter(text, list(source.values()), lineterminator="\n")
            writer.writeheader()
            writer.writerows({source[name]: value for name, value in row.items()} for row in rows)

    def synced(self, *datasets: str) -> dict[str, Load]:
        """Sync these datasets, or all, and hold each load's books to account for every row."""
        hub, loads = self.hub, {}
        for dataset in datasets or tuple(hub.catalogue.sources):
            load = loads[dataset] = pipeline.sync(hub, dataset)
            parts = (load.staged_count, load.quarantined_count, load.filtered_count, load.superseded_count)
            assert load.read_count == sum(part or 0 for part in parts), dataset
        return loads

    def built(self) -> None:
        """Build every model; `query` finds them by name from then on."""
        hub = self.hub
        models = load_models(self.folder, hub.catalogue)
        release_id = plan(hub.warehouse, models, DAY)
        for model in models:
            build(hub.warehouse, models, release_id, model.name)

    def query(self, text: str) -> list[tuple[Any, ...]]:
        """Rows of a query in which `integrated.<entity>` is the table that was built last."""
        with self.hub.warehouse.connect() as session:
            relations = session.execute(
                "SELECT DISTINCT ON (table_name) table_name, relation FROM ops.release_table "
                "WHERE table_schema = 'integrated' ORDER BY table_name, release_id DESC"
            ).fetchall()
            built = {f"integrated.{table}": f'release."{relation}"' for table, relation in relations}
            named = re.sub(r"integrated\.\w+", lambda found: built[found[0]], text)
            return session.execute(named).fetchall()


def made(folder: Path, warehouse_url: str) -> CodesProject:
    """The project with the repository's lists; the systems are empty but for one row each."""
    for name in CODES:
        _copy(folder, f"schemas/sources/reference/{name}.odcs.yaml")
        listed = f"warehouse/reference/{name}"
        for file in sorted((ROOT / listed).glob("*")) if name in LISTS else [ROOT / f"{listed}.csv"]:
            _copy(folder, str(file.relative_to(ROOT)))
    for name in SYSTEMS:
        _from_csv(folder, name)
    for name in MODELS:
        _copy(folder, f"warehouse/integrated/{name}.sql")
    return CodesProject(folder, warehouse_url)


def _copy(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / name, folder / name)


def _from_csv(folder: Path, name: str) -> None:
    """The contract, but read from a CSV file and free to be small."""
    path = f"schemas/sources/{name}.odcs.yaml"
    contract = yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))
    server, dataset = name.split("/")
    contract["servers"] = [{"server": server, "type": "local", "format": "csv", "path": f"data/{server}"}]
    contract["customProperties"] = [
        {"property": "read", "value": {"files": f"{dataset}.csv", "nullTokens": [""]}},
        {"property": "sync", "value": {"mode": "snapshot"}},
    ]
    for column in contract["schema"][0]["properties"]:
        for rule in ("relationships", "logicalTypeOptions", "enum", "required"):
            column.pop(rule, None)
    contract["schema"][0].pop("quality", None)
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(yaml.safe_dump(contract, sort_keys=False), encoding="utf-8")
