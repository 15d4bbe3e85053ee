"""The building register (SIMBG): approvals (PBG), and the older building permits (IMB)."""

from datetime import date, datetime
from random import Random

from demo.licensing import PERMITS
from demo.model import City, Kelurahan, Key, Row, bps_codes, days_between, kelurahans, spellings
from demo.names import address
from demo.people import RESIDENTS
from demo.tax_objects import OBJECTS

BUILDINGS = "simbg.buildings"
#: Older building permits per resident, and fewest of them.
_OLDER, _FEWEST = 0.1, 200
_FUNCTIONS = ("HUNIAN", "HUNIAN", "HUNIAN", "USAHA", "SOSIAL_BUDAYA", "KEAGAMAAN")


def populate(city: City, residents: int) -> None:
    """Older buildings, and one for each approval that the licensing system has given."""
    city.tables[BUILDINGS] = {}
    rng, people, objects = city.rng("buildings"), sorted(city.tables[RESIDENTS]), _by_place(city)
    for _ in range(max(_FEWEST, int(residents * _OLDER))):
        issued = days_between(rng, date(2012, 1, 2), date(2021, 7, 30))
        owner = city.tables[RESIDENTS][rng.choice(people)]
        number = f"503/{len(city.tables[BUILDINGS]) + 1:06}/IMB/BP2T/{issued.year}"
        home = rng.choice(kelurahans())
        said: Row = {"jenis": "IMB", "nomor": number, "tgl_terbit": issued.isoformat()}
        _add(city, rng, home, said | {"nop": _tax_object(rng, objects, home)}, owner)
    follow(city)


def follow(city: City) -> None:
    """A building for each approval given since."""
    known, objects = {row["nomor"] for row in city.tables[BUILDINGS].values()}, _by_place(city)
    for permit in city.tables[PERMITS].values():
        owner = city.tables[RESIDENTS].get((permit["nik_pemohon"],))
        if permit["no_pbg"] and permit["no_pbg"] not in known and owner:
            known.add(permit["no_pbg"])
            issued = datetime.strptime(f"{permit['tgl_terbit']}", "%d/%m/%Y").date()
            rng = Random(f"{city.seed}:{permit['no_pbg']}")
            district = int(f"{permit['no_pbg']}"[11:13])
            home = rng.choice([each for each in kelurahans() if each.district == district])
            said: Row = {"jenis": "PBG", "nomor": permit["no_pbg"], "tgl_terbit": issued.isoformat()}
            _add(city, rng, home, said | {"nop": _tax_object(rng, objects, home)}, owner)


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
        "status": rng.choices(("AKTIF", "DIBONGKAR"), (97, 3))[0],
        "keterangan": None,
    }


def _tax_object(rng: Random, objects: dict[str, list[str]], home: Kelurahan) -> str:
    """The NOP of an object in the kelurahan; buildings may share one."""
    place = bps_codes()[home.code]
    return rng.choice(objects[place]) if place in objects else f"{place}99900010"


def _by_place(city: City) -> dict[str, list[str]]:
    """NOPs of the tax register, by the ten digits of their kelurahan."""
    found: dict[str, list[str]] = {}
    for key in city.tables[OBJECTS]:
        nop = "".join(map(str, key))
        found.setdefault(nop[:10], []).append(nop)
    return found
