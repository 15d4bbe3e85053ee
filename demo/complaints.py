"""SP4N-LAPOR!: complaints of the public, forwarded, answered and closed, mostly within the terms."""

from datetime import date, datetime, time, timedelta
from random import Random

from demo.agencies import agencies
from demo.model import City, Row, days_between, kelurahans, spellings, stamp

COMPLAINTS = "lapor.complaints"
#: Complaints per resident since 2024, and fewest of them.
_SHARE, _FEWEST = 0.01, 400
_FIRST = date(2024, 1, 2)
#: A fifth of them came in the last so many days.
_LATELY = 40
_FIRST_ID = 7_400_001
#: Topic | its number | topic above | its number | field of affairs of the agency
_TOPICS = (
    ("Jalan rusak", 101, "Infrastruktur", 100, "1.03"),
    ("Drainase dan banjir", 102, "Infrastruktur", 100, "1.03"),
    ("Lampu penerangan jalan", 103, "Infrastruktur", 100, "2.15"),
    ("Pengangkutan sampah", 201, "Lingkungan Hidup", 200, "2.11"),
    ("Pencemaran sungai", 202, "Lingkungan Hidup", 200, "2.11"),
    ("KTP elektronik dan KK", 301, "Administrasi Kependudukan", 300, "2.12"),
    ("Pelayanan puskesmas", 401, "Kesehatan", 400, "1.02"),
    ("Penerimaan murid baru", 501, "Pendidikan", 500, "1.01"),
    ("Parkir liar", 601, "Perhubungan", 600, "2.15"),
    ("Bantuan sosial", 701, "Sosial", 700, "1.06"),
    ("Perizinan usaha", 801, "Perizinan", 800, "2.18"),
    ("Lain-lain", 900, None, None, "2.16"),
)
_CLASSES, _CHANNELS = ("PENGADUAN", "ASPIRASI", "INFORMASI"), ("WEB", "APLIKASI", "SMS", "MEDIA_SOSIAL")
#: How often each step of these is out of order.
_ODD = 3


def populate(city: City, residents: int) -> None:
    """Complaints since 2024 as far as they have come, some of them with steps that can't be."""
    city.tables[COMPLAINTS] = {}
    rng, number = city.rng("complaints"), max(_FEWEST, int(residents * _SHARE))
    last, lately = city.today - timedelta(days=1), city.today - timedelta(days=_LATELY)
    firsts = (_FIRST if place % 5 else lately for place in range(number))
    for sent in sorted(days_between(rng, first, last) for first in firsts):
        _send(city, sent)
    _disorder(city, rng)


def next_day(city: City) -> None:
    """What is open goes on; two new ones."""
    known = {text for kind, text in city.known if kind.startswith("complaint_")}
    for (number,), row in city.tables[COMPLAINTS].items():
        if row["Status"] not in ("SELESAI", "DIARSIPKAN") and f"{number}" not in known:
            sent = datetime.strptime(f"{row['TanggalMasuk']}", "%Y-%m-%d %H:%M:%S").date()
            row |= _steps(city, int(str(number)), sent)
    for _ in range(2):
        _send(city, city.today)


def _send(city: City, sent: date) -> None:
    number = _FIRST_ID + len(city.tables[COMPLAINTS])
    rng = Random(f"{city.seed}:complaint:{number}")
    name, topic, above, parent, _ = rng.choice(_TOPICS)
    city.tables[COMPLAINTS][(number,)] = {
        "TrackingID": number,
        "Tahun": sent.year,
        "TopikID": topic,
        "Topik": name,
        "TopikIndukID": parent,
        "TopikInduk": above,
        "Klasifikasi": rng.choices(_CLASSES, (80, 12, 8))[0],
        "Kanal": rng.choice(_CHANNELS),
        "Instansi": None,
        "Kelurahan": rng.choice(spellings()[rng.choice(kelurahans()).code]) if rng.random() < 0.9 else None,
        "TanggalMasuk": stamp(datetime.combine(sent, time(7 + number % 10, number % 60))),
        **_steps(city, number, sent),
        "Catatan": None,
    }


def _steps(city: City, number: int, sent: date) -> Row:
    """What has happened by today; when each step comes is settled from the first day on."""
    rng = Random(f"{city.seed}:steps:{number}")
    affair = {topic[0]: topic[4] for topic in _TOPICS}[_topic(city.seed, number)]
    slow = 4 if affair in ("1.03", "2.15") else 1
    forwarded = sent + timedelta(days=rng.choices((0, 1, 2, 4, 9), (30, 30, 25, 10, 5))[0])
    answered = forwarded + timedelta(days=rng.choices((1, 3, 5, 9, 20), (30, 30, 25, 5 * slow, 3 * slow))[0])
    closed = answered + timedelta(days=rng.choices((3, 10, 14, 25), (20, 40, 30, 10))[0])
    steps = [day <= city.today for day in (forwarded, answered, closed)]
    agency = next(agency.name for agency in agencies() if agency.affair == affair)
    status = ("MENUNGGU", "DITERUSKAN", "DIPROSES", "SELESAI")[sum(steps)]
    return {
        "Instansi": agency if steps[0] else None,
        "TanggalDiteruskan": _at(forwarded, 17) if steps[0] else None,
        "TanggalJawaban": _at(answered, 18) if steps[1] else None,
        "TanggalSelesai": _at(closed, 19) if steps[2] else None,
        "Status": status,
    }


def _topic(seed: int, number: int) -> str:
    return Random(f"{seed}:complaint:{number}").choice(_TOPICS)[0]


def _at(day: date, hour: int) -> str:
    return stamp(datetime.combine(day, time(hour)))


def _disorder(city: City, rng: Random) -> None:
    """Some were answered before they were forwarded, some closed without an answer."""
    table = city.tables[COMPLAINTS]
    closed = sorted(key for key, row in table.items() if row["Status"] == "SELESAI")
    victims = rng.sample(closed, 2 * _ODD)
    for key in victims[:_ODD]:
        row = table[key]
        sent = datetime.strptime(f"{row['TanggalMasuk']}", "%Y-%m-%d %H:%M:%S")
        row |= {"TanggalDiteruskan": _at(sent.date() + timedelta(days=3), 17)}
        row |= {"TanggalJawaban": _at(sent.date() + timedelta(days=1), 18)}
        city.known.append(("complaint_answered_before_forwarded", f"{key[0]}"))
    for key in victims[_ODD:]:
        table[key] |= {"TanggalJawaban": None}
        city.known.append(("complaint_closed_without_answer", f"{key[0]}"))
