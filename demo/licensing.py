"""The licensing system: services, applications with their permits, and what happened to each."""

from datetime import date, datetime, time, timedelta
from random import Random

from demo.model import City, Key, Row, days_between, kelurahans, spellings, stamp
from demo.names import address, full_name
from demo.people import RESIDENTS

SERVICES, PERMITS, EVENTS = "perizinan.services", "perizinan.permits", "perizinan.permit_events"
#: Applications imported from the archive: they have no event in the system.
ARCHIVED = 60
_UNKNOWN_PLACES = ("PONTIANAK", "KOTA PONTIANAK", "SUI RAYA DALAM", "GG. MELATI")
#: code | name | sector | needs a survey
_SERVICES = """
PBG|Persetujuan Bangunan Gedung|Bangunan|1
SLF|Sertifikat Laik Fungsi|Bangunan|1
KKPR|Kesesuaian Kegiatan Pemanfaatan Ruang|Tata Ruang|1
REK|Izin Penyelenggaraan Reklame|Reklame|1
APT|Izin Apotek|Kesehatan|1
PRK|Izin Praktik Dokter|Kesehatan|0
BID|Izin Praktik Bidan|Kesehatan|0
PRW|Izin Praktik Perawat|Kesehatan|0
PAUD|Izin Pendirian PAUD|Pendidikan|1
TRY|Izin Trayek|Perhubungan|0
PKR|Izin Pengelolaan Parkir|Perhubungan|0
PMK|Izin Pemakaman|Sosial|0
""".strip()


def populate(city: City, permits: int) -> None:
    """Fill the licensing system with about `permits` applications of the last five years."""
    rng = city.rng("licensing")
    city.tables |= {SERVICES: {}, PERMITS: {}, EVENTS: {}}
    for line in _SERVICES.splitlines():
        code, name, sector, _ = line.split("|")
        city.tables[SERVICES][(code,)] = {"kode": code, "nama": name, "sektor": sector}
    people = sorted(city.tables[RESIDENTS])
    days = sorted(days_between(rng, date(2021, 1, 4), city.today) for _ in range(permits))
    events: list[Row] = []
    for number, day in enumerate(days):
        status = _status(rng, (city.today - day).days)
        row = _application(city, rng, day, rng.choice(people))
        _decide(rng, row, "TERBIT" if number < ARCHIVED else status)
        if number >= ARCHIVED:
            events += _history(city, rng, row)
    _append(city, events)


def next_day(city: City) -> None:
    """New applications, and decisions on some that were open."""
    rng = city.rng("licensing")
    permits, events = city.tables[PERMITS], list[Row]()
    waiting = sorted(key for key, row in permits.items() if row["status"] in ("DIAJUKAN", "DIPROSES"))
    for key in rng.sample(waiting, min(25, len(waiting))):
        events += _progressed(city, rng, key)
    people = sorted(city.tables[RESIDENTS])
    for _ in range(20):
        row = _application(city, rng, city.today, rng.choice(people))
        events.append(_event(row, "DAFTAR", datetime.combine(city.today, time(8, rng.randrange(60)))))
    _append(city, events)


def _status(rng: Random, age: int) -> str:
    if age < 10:
        return rng.choice(("DIAJUKAN", "DIPROSES"))
    if age < 40 and rng.random() < 0.4:
        return "DIPROSES"
    return rng.choices(("TERBIT", "DITOLAK", "DICABUT"), (88, 10, 2))[0]


def _progressed(city: City, rng: Random, key: Key) -> list[Row]:
    row = city.tables[PERMITS][key]
    moment = datetime.combine(city.today, time(10 + rng.randrange(5), rng.randrange(60)))
    if row["status"] == "DIAJUKAN":
        row = row | {"status": "DIPROSES"}
        step = "VERIFIKASI"
    else:
        row = dict(row)
        _decide(rng, row, rng.choice(("TERBIT", "TERBIT", "TERBIT", "DITOLAK")), city.today)
        step = "TERBIT" if row["status"] == "TERBIT" else "TOLAK"
    city.tables[PERMITS][key] = row
    return [_event(row, step, moment)]


def _application(city: City, rng: Random, day: date, person: Key) -> Row:
    number, service = len(city.tables[PERMITS]) + 1, rng.choice(_SERVICES.splitlines()).split("|")[0]
    resident = city.tables[RESIDENTS][person]
    business = service in ("APT", "REK", "PKR", "PAUD")
    row: Row = {
        "id": number,
        "no_izin": None,
        "kode_layanan": service,
        "nik_pemohon": resident["NIK"],
        "nama_pemohon": _applicant(rng, f"{resident['NAMA_LGKP']}"),
        "nama_usaha": f"UD. {full_name(rng, False).split()[-1]}" if business else None,
        "nib": f"{rng.randrange(10**12, 10**13)}" if business else None,
        "kelurahan": _place(rng, f"61.71.{resident['NO_KEC']:02}.{resident['NO_KEL']}"),
        "lokasi": address(rng),
        "no_pbg": None,
        "tgl_permohonan": day.strftime("%d/%m/%Y"),
        "tgl_terbit": None,
        "status": "DIAJUKAN",
        "retribusi": None,
    }
    city.tables[PERMITS][(number,)] = row
    return row


def _applicant(rng: Random, name: str) -> str:
    """The name as people write it at the counter: now and then with a title."""
    return f"{rng.choice(('H.', 'Hj.', 'Drs.'))} {name}" if rng.random() < 0.05 else name


def _place(rng: Random, code: str) -> str | None:
    kind = rng.random()
    if kind < 0.01:
        return rng.choice(_UNKNOWN_PLACES)
    if kind < 0.02:
        return None
    name = rng.choice(spellings()[code])
    return name if kind < 0.5 else name.title() if kind < 0.9 else name.replace(" ", "  ")


def _decide(rng: Random, row: Row, status: str, on: date | None = None) -> None:
    """Give the application its status and, when it was granted, number, date and fee."""
    row["status"] = status
    if status not in ("TERBIT", "DICABUT"):
        return
    applied = datetime.strptime(f"{row['tgl_permohonan']}", "%d/%m/%Y").date()
    issued = on or applied + timedelta(days=rng.randrange(2, 10))
    row["no_izin"] = f"503/{row['id']:05}/{row['kode_layanan']}/DPMPTSP/{issued.year}"
    row["tgl_terbit"] = issued.strftime("%d/%m/%Y")
    if row["kode_layanan"] == "PBG":
        home = rng.choice(kelurahans())
        row["no_pbg"] = f"SK-PBG-6171{home.district:02}-{issued:%d%m%Y}-{int(str(row['id'])) % 1000:03}"
        row["retribusi"] = f"{rng.randrange(200, 9000)}000.00"


def _history(city: City, rng: Random, row: Row) -> list[Row]:
    surveyed = any(
        line.startswith(f"{row['kode_layanan']}|") and line.endswith("1") for line in _SERVICES.splitlines()
    )
    steps = ["DAFTAR"]
    if row["status"] != "DIAJUKAN":
        steps += ["VERIFIKASI", *(["SURVEI"] if surveyed else [])]
    steps += {"TERBIT": ["TERBIT"], "DITOLAK": ["TOLAK"], "DICABUT": ["TERBIT", "CABUT"]}.get(
        f"{row['status']}", []
    )
    moment = datetime.strptime(f"{row['tgl_permohonan']} 08", "%d/%m/%Y %H")
    events = []
    for step in steps:
        moment += timedelta(minutes=rng.randrange(20, 900))
        events.append(_event(row, step, min(moment, datetime.combine(city.today, time(7)))))
    return events


def _event(row: Row, step: str, moment: datetime) -> Row:
    return {
        "id": None,
        "id_permohonan": row["id"],
        "waktu": stamp(moment),
        "kegiatan": step,
        "unit": "Bidang Survei" if step == "SURVEI" else "Bidang Pelayanan",
        "catatan": "berkas dilengkapi" if step == "VERIFIKASI" and int(str(row["id"])) % 7 == 0 else None,
    }


def _append(city: City, events: list[Row]) -> None:
    for event in sorted(events, key=lambda event: (f"{event['waktu']}", int(str(event["id_permohonan"])))):
        number = len(city.tables[EVENTS]) + 1
        city.tables[EVENTS][(number,)] = event | {"id": number}
