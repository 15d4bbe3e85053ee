"""The building register (SIMBG): approvals (PBG), and the older building permits (IMB)."""

import csv
from datetime import date, datetime
from functools import cache
from random import Random

from demo.licensing import PERMITS
from demo.model import PROJECT, City, Kelurahan, Key, Row, days_between, kelurahans, spellings
from demo.names import address
from demo.people import RESIDENTS

BUILDINGS = "simbg.buildings"
#: Older building permits per resident, and fewest of them.
_OLDER, _FEWEST = 0.1, 200
_FUNCTIONS = ("HUNIAN", "HUNIAN", "HUNIAN", "USAHA", "SOSIAL_BUDAYA", "KEAGAMAAN")


def populate(city: City, residents: int) -> None:
    """Older buildings, and one for each approval that the licensing system has given."""
    city.tables[BUILDINGS] = {}
    rng, people = city.rng("buildings"), sorted(city.tables[RESIDENTS])
    for _ in range(max(_FEWEST, int(residents * _OLDER))):
        issued = days_between(rng, date(2012, 1, 2), date(2021, 7, 30))
        owner = city.tables[RESIDENTS][rng.choice(people)]
        number = f"503/{len(city.tables[BUILDINGS]) + 1:06}/IMB/BP2T/{issued.year}"
        _add(
            city,
            rng,
            rng.choice(kelurahans()),
            {"jenis": "IMB", "nomor": number, "tgl_terbit": issued.isoformat()},
            owner,
        )
    follow(city)


def follow(city: City) -> None:
    """A building for each approval given since."""
    known = {row["nomor"] for row in city.tables[BUILDINGS].values()}
    for permit in city.tables[PERMITS].values():
        owner = city.tables[RESIDENTS].get((permit["nik_pemohon"],))
        if permit["no_pbg"] and permit["no_pbg"] not in known and owner:
            known.add(permit["no_pbg"])
            issued = datetime.strptime(f"{permit['tgl_terbit']}", "%d/%m/%Y").date()
            rng = Random(f"{city.seed}:{permit['no_pbg']}")
            district = int(f"{permit['no_pbg']}"[11:13])
            home = rng.choice([each for each in kelurahans() if each.district == district])
            said: Row = {"jenis": "PBG", "nomor": permit["no_pbg"], "tgl_terbit": issued.isoformat()}
            _add(city, rng, home, said, owner)


def unapproved(city: City) -> list[Key]:
    """Buildings that no application names."""
    named = {row["no_pbg"] for row in city.tables[PERMITS].values()}
    return [key for key, row in city.tables[BUILDINGS].items() if row["nomor"] not in named]


def _add(city: City, rng: Random, home: Kelurahan, said: Row, owner: Row) -> None:
    number = len(city.tables[BUILDINGS]) + 1
    floors = rng.choice((1, 1, 1, 2, 2, 3))
    city.tables[BUILDINGS][(number,)] = {
        "id": number,
        **said,
        "nik_pemilik": owner["NIK"],
        "nama_pemilik": owner["NAMA_LGKP"],
        "fungsi": rng.choice(_FUNCTIONS),
        "luas_lantai": f"{rng.randrange(36, 400) * floors}.{rng.choice(('00', '50'))}",
        "jumlah_lantai": f"{floors}",
        "alamat": address(rng),
        "kelurahan": rng.choice(spellings()[home.code]),
        "nop": tax_object(home, 1 + number // 200, 1 + number % 200),
        "status": rng.choices(("AKTIF", "DIBONGKAR"), (97, 3))[0],
        "keterangan": None,
    }


def tax_object(home: Kelurahan, block: int, number: int) -> str:
    """A NOP: the kelurahan's ten digits at BPS, block, number, and 0 for an ordinary object."""
    return f"{_bps()[home.code]}{block:03}{number:04}0"


@cache
def _bps() -> dict[str, str]:
    with (PROJECT / "warehouse" / "reference" / "region_code.csv").open(encoding="utf-8", newline="") as file:
        return {r["region_code"]: r["code_value"] for r in csv.DictReader(file) if r["code_system"] == "bps"}
