"""The register as records are compared with it: the project's own contracts of SIAK and of regions."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from lumbung.pipeline import Hub
from lumbung.resolution.links_people import FIELDS, make_people
from lumbung.resolution.register import register
from lumbung.resolution.run import Run
from lumbung.resolution.stage import identify
from lumbung.settings import Settings
from lumbung.warehouse import Warehouse
from schemas.catalogue import Catalogue, load_catalogue
from schemas.contract import Contract
from tests.loads_project import Loads

PROJECT = Path(__file__).parents[2]
USED = ("siak.residents", "siak.family_cards", "siak.foreigners", "reference.region")
CARD, NIK, DOCUMENT = "6171010101200001", "6171014107850001", "2C12345678"
RESIDENT = {
    "nik": NIK, "kk_number": CARD, "full_name": "SITI NURHALIZAH", "sex_code": "2",
    "birth_place": "PONTIANAK", "birth_date": "01-07-1985", "family_relation_code": "1",
    "mother_name": "MARIAM", "province_code": "61",
    "regency_code": "71", "district_code": "1", "village_code": "1006",
}  # fmt: skip
FOREIGNER = {
    "document_number": DOCUMENT, "document_kind_code": "KITAS", "first_name": "Wei ", "family_name": "Zhang",
    "sex_code": "1", "birth_date": "31-12-1990", "nationality_code": "CHN",
}  # fmt: skip
CARD_ROW = {
    "kk_number": CARD, "head_name": "SITI NURHALIZAH", "address": "JL. APEL NO. 7", "rt_code": "003",
    "rw_code": "005", "district_code": "1", "village_code": "1006",
}  # fmt: skip
REGION = {
    "region_code": "61.71.01.1006", "region_level_code": "kelurahan", "region_name": "Akcaya",
    "parent_code": "61.71.01",
}  # fmt: skip


def _as_named(contract: Contract) -> Contract:
    """Read under the names of the warehouse; a guard is nothing that this is about."""
    columns = tuple(replace(column, source_name=column.name) for column in contract.columns)
    return replace(contract, columns=columns, references=(), sync=replace(contract.sync, max_delete_pct=100))


class Register:
    """A warehouse with the register: `people` are compared with records, `changed` came or went."""

    def __init__(self, url: str) -> None:
        sources = load_catalogue(PROJECT).sources
        self.sources = {name: _as_named(sources[name]) for name in USED}
        self.warehouse = Warehouse(url)
        settings = Settings(PROJECT, PROJECT, url)
        self.hub = Hub(settings, self.warehouse, Catalogue(self.sources, {}), lambda name: None)  # type: ignore[arg-type,return-value]

    def sync(self, name: str, *rows: dict[str, str]) -> None:
        contract = self.sources[name]
        Loads(self.warehouse, contract).sync(*[[row.get(n) for n in contract.names] for row in rows])

    def run(self) -> None:
        def people(run: Run) -> None:
            make_people(run)
            self.people = self._rows(run, "link_person")
            self.changed = self._rows(run, "link_changed_person")

        identify(self.hub, (register, people))

    def _rows(self, run: Run, table: str) -> list[dict[str, Any]]:
        found = run.session.execute(
            f"SELECT {', '.join(FIELDS)} FROM pg_temp.{table} ORDER BY name"
        ).fetchall()
        return [{f: v for f, v in zip(FIELDS, row, strict=True) if v} for row in found]


def test_what_the_register_says(warehouse_url: str) -> None:
    city = Register(warehouse_url)
    city.sync("reference.region", REGION)
    city.sync("siak.family_cards", CARD_ROW)
    city.sync("siak.residents", RESIDENT)
    city.sync("siak.foreigners", FOREIGNER)
    city.run()
    siti = {
        "nik": NIK, "name": "SITI NURHALIZAH", "birth_date": "1985-07-01", "birth_place": "PONTIANAK",
        "sex": "2", "address": "JL. APEL NO. 7", "rt": "003", "rw": "005", "kelurahan": "Akcaya",
        "kk_number": CARD, "mother_name": "MARIAM",
    }  # fmt: skip
    assert city.people == [siti, {"name": "Wei Zhang", "birth_date": "1990-12-31", "sex": "1"}]
    assert city.changed == []
    city.sync("siak.family_cards", CARD_ROW | {"address": "JL. JERUK NO. 8"})
    city.sync("siak.foreigners")
    city.run()
    moved = siti | {"address": "JL. JERUK NO. 8"}
    assert city.people[0] == moved
    assert len(city.people) == 2, "who left is still meant by records"
    assert sorted(row["address"] for row in city.changed) == [siti["address"], moved["address"]]
