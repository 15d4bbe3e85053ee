"""Parallel licensing: what several agencies do for one application at the same time, and what was declared.

An application's steps and declaration follow from the application itself, so that each day only new and
changed applications are looked at.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random

from demo.buildings import BUILDINGS
from demo.business_registers import PROJECTS
from demo.licensing import ARCHIVED, PERMITS, SERVICES
from demo.model import YEAR, City, Key, Row, Value, spellings, stamp
from demo.people import RESIDENTS
from demo.tax_objects import paid_through

STEPS, DECLARATIONS = "perizinan.steps", "perizinan.declarations"
#: Code and name of the agencies that take part.
_PTSP = ("2.18.0.00.0.00.01.0000", "Dinas Penanaman Modal dan PTSP")
_PTSP_BEFORE = (
    "2.18.2.07.0.00.01.0000",
    "Dinas Penanaman Modal, Tenaga Kerja dan Pelayanan Terpadu Satu Pintu",
)
_TAX = ("5.02.0.00.0.00.02.0000", "Badan Pendapatan Daerah")
_REGISTER = ("2.12.0.00.0.00.01.0000", "Dinas Kependudukan dan Pencatatan Sipil")
_PUBLIC_WORKS = ("1.03.0.00.0.00.01.0000", "Dinas Pekerjaan Umum dan Penataan Ruang")
_BY_SECTOR = {
    "Kesehatan": ("1.02.0.00.0.00.01.0000", "Dinas Kesehatan"),
    "Pendidikan": ("1.01.0.00.0.00.01.0000", "Dinas Pendidikan dan Kebudayaan"),
    "Perhubungan": ("2.15.0.00.0.00.01.0000", "Dinas Perhubungan"),
    "Sosial": ("1.06.0.00.0.00.01.0000", "Dinas Sosial"),
}
_SURVEYED = ("PBG", "SLF", "KKPR", "REK", "APT", "PAUD")
_CLOSED = ("TERBIT", "DITOLAK", "DICABUT")

Agency = tuple[str, str]


def populate(city: City) -> None:
    """Steps and declarations of all applications but those from the archive, and what is wrongly declared."""
    city.tables |= {STEPS: {}, DECLARATIONS: {}}
    follow(city)
    _declare_wrongly(city)


def follow(city: City) -> None:
    """Bring steps and declarations to the state of the applications."""
    steps, declarations = city.tables[STEPS], city.tables[DECLARATIONS]
    areas = {row["nomor"]: row for row in city.tables[BUILDINGS].values()}
    projects = {row["nib"]: row for row in city.tables[PROJECTS].values()}
    for permit in city.tables[PERMITS].values():
        number = int(str(permit["id"]))
        if number <= ARCHIVED:
            continue
        if not _is_done(permit, steps.get((number * 10 + 9,))):
            steps |= {(row["id"],): row for row in _steps(city, permit)}
        if (number,) not in declarations:
            building, project = areas.get(permit["no_pbg"]), projects.get(permit["nib"])
            declarations[(number,)] = _declaration(city, permit, building, project)
        elif permit["no_pbg"] and not declarations[(number,)]["no_bangunan"]:
            said = declarations[(number,)]
            declarations[(number,)] = said | _of_building(city, areas.get(permit["no_pbg"]))


def honest(city: City) -> list[Key]:
    """Declarations that are not among those that the hub has to find out."""
    known = {about for kind, about in city.known if kind.startswith("declared_")}
    return [key for key in city.tables[DECLARATIONS] if f"{key[0]}" not in known]


def _is_done(permit: Row, last: Row | None) -> bool:
    return permit["status"] in _CLOSED and last is not None


def _steps(city: City, permit: Row) -> Iterator[Row]:
    """Checking the file; then, side by side, what each agency has to say; then the decision."""
    rng = Random(f"{city.seed}:steps:{permit['id']}")
    applied = datetime.strptime(f"{permit['tgl_permohonan']} 08:30", "%d/%m/%Y %H:%M")
    is_new, closed = applied.year >= 2023, permit["status"] in _CLOSED
    office = _PTSP if is_new else _PTSP_BEFORE
    checked = applied + timedelta(hours=rng.randrange(2, 7), days=rng.choice((0, 0, 1)))
    ended = _ended(rng, permit, applied) if closed else None
    is_open = permit["status"] == "DIAJUKAN"
    yield _step(permit, 0, office, "VERIFIKASI_BERKAS", (applied, None if is_open else checked))
    if is_open:
        return
    refusing = rng.randrange(2) if permit["status"] == "DITOLAK" else -1
    for place, (agency, name) in enumerate(_parallel(city, permit, is_new)):
        begun = checked + timedelta(minutes=rng.randrange(10, 90))
        finished: datetime | None = _between(rng, begun, ended or begun + timedelta(days=4))
        if not closed and finished and (rng.random() < 0.5 or stamp(finished) > city.at(7)):
            finished = None
        yield _step(
            permit, 1 + place, agency, name, (begun, finished), "TOLAK" if place == refusing else "SETUJU"
        )
    if ended:
        decision = "TOLAK" if permit["status"] == "DITOLAK" else "SETUJU"
        yield _step(permit, 9, office, "PENERBITAN", (ended, ended + timedelta(hours=1)), decision)


def _ended(rng: Random, permit: Row, applied: datetime) -> datetime:
    if permit["tgl_terbit"]:
        issued = datetime.strptime(f"{permit['tgl_terbit']} 15:00", "%d/%m/%Y %H:%M")
        return max(issued, applied + timedelta(days=1, hours=6))
    return applied + timedelta(days=rng.randrange(2, 8), hours=6)


def _between(rng: Random, first: datetime, last: datetime) -> datetime:
    minutes = max(60, int((last - first).total_seconds() // 60))
    return first + timedelta(minutes=rng.randrange(30, minutes))


def _parallel(city: City, permit: Row, is_new: bool) -> Iterator[tuple[Agency, str]]:
    service = city.tables[SERVICES][(permit["kode_layanan"],)]
    technical = _BY_SECTOR.get(f"{service['sektor']}", _PUBLIC_WORKS)
    yield technical, "REKOMENDASI_TEKNIS"
    yield _REGISTER, "VALIDASI_NIK"
    if is_new:
        yield _TAX, "VERIFIKASI_PAJAK"
    if permit["kode_layanan"] in _SURVEYED:
        yield technical, "SURVEI"


def _step(
    permit: Row,
    place: int,
    agency: Agency,
    name: str,
    times: tuple[datetime, datetime | None],
    decision: str = "SETUJU",
) -> Row:
    begun, finished = times
    return {
        "id": int(str(permit["id"])) * 10 + place,
        "id_permohonan": permit["id"],
        "kode_opd": agency[0],
        "nama_opd": agency[1],
        "langkah": name,
        "mulai": stamp(begun),
        "selesai": stamp(finished) if finished else None,
        "keputusan": decision if finished else None,
        "catatan": None,
    }


def _declaration(city: City, permit: Row, building: Row | None, project: Row | None) -> Row:
    rng = Random(f"{city.seed}:declared:{permit['id']}")
    resident = city.tables[RESIDENTS].get((permit["nik_pemohon"],))
    home = f"61.71.{resident['NO_KEC']:02}.{resident['NO_KEL']}" if resident else None
    return {
        "id": permit["id"],
        "id_permohonan": permit["id"],
        "no_bangunan": None,
        "luas_bangunan": None,
        "fungsi": None,
        "nop": None,
        "pbb_lunas_tahun": f"{permit['tgl_permohonan']}"[-4:],
        **_of_building(city, building),
        "tenaga_kerja": f"{project['tki']}" if project else None,
        "investasi": f"{project['jumlah_investasi']}.00" if project else None,
        "kelurahan_domisili": rng.choice(spellings()[home]) if home else None,
        "tgl_pernyataan": permit["tgl_permohonan"],
        "keterangan": None,
    }


def _of_building(city: City, building: Row | None) -> Row:
    if building is None:
        return {}
    year = paid_through(city, f"{building['nop']}")
    return {
        **({"pbb_lunas_tahun": f"{year}"} if year else {}),
        "no_bangunan": building["nomor"],
        "luas_bangunan": building["luas_lantai"],
        "fungsi": building["fungsi"],
        "nop": building["nop"],
    }


def _share(column: str, share: float) -> Callable[[Row], Row]:
    def less(row: Row) -> Row:
        return {column: f"{max(0, int(float(str(row[column])) * share))}"}

    return less


def _other_function(row: Row) -> Row:
    return {"fungsi": "USAHA" if row["fungsi"] == "HUNIAN" else "HUNIAN"}


#: What is declared wrongly: the kind, the column that must be there, and what stands in its place.
_WRONG: tuple[tuple[str, str, Callable[[Row], Row]], ...] = (
    ("declared_floor_area", "luas_bangunan", _share("luas_bangunan", 0.85)),
    ("declared_floor_area", "luas_bangunan", _share("luas_bangunan", 0.7)),
    ("declared_floor_area", "luas_bangunan", _share("luas_bangunan", 0.4)),
    ("declared_building_function", "fungsi", _other_function),
    ("declared_workforce", "tenaga_kerja", _share("tenaga_kerja", 0.3)),
    ("declared_workforce", "tenaga_kerja", _share("tenaga_kerja", 0.0)),
    ("declared_investment", "investasi", _share("investasi", 0.6)),
)


def _owes(city: City, row: Row) -> bool:
    """True when this year's tax on the declared object is open."""
    year = paid_through(city, f"{row['nop']}") if row["nop"] else None
    return year is not None and year < YEAR


def _declare_wrongly(city: City) -> None:
    """A few declarations say less than is registered, or something else; each is told in `city.known`."""
    rng, declarations = city.rng("declared wrongly"), city.tables[DECLARATIONS]
    taken: set[Value] = set()
    for kind, column, change in _WRONG:
        free = sorted(key for key, row in declarations.items() if row[column] and row["id"] not in taken)
        key = rng.choice(free)
        taken.add(key[0])
        declarations[key] = declarations[key] | change(declarations[key])
        city.known.append((kind, f"{key[0]}"))
    free = sorted(key for key, row in declarations.items() if row["id"] not in taken and _owes(city, row))
    for key in free[:1]:
        declarations[key] = declarations[key] | {"pbb_lunas_tahun": f"{YEAR}"}
        city.known.append(("declared_property_tax", f"{key[0]}"))
