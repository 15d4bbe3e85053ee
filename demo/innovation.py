"""Innovations of the agencies: profiles and stages, yearly points, awards, and how the city compares."""

from datetime import date, timedelta
from random import Random

from demo.agencies import Agency, agencies
from demo.model import YEARS, City, Key, Row, Value, days_between

INNOVATIONS, SCORES = "inovasi.innovations", "inovasi.scores"
AWARDS, COMPETITIVENESS = "inovasi.awards", "inovasi.competitiveness"
_COUNT = 240
_STAGES = ("DRUM_UP", "DIAGNOSE", "DESIGN", "DELIVER", "DISPLAY")
_WORDS = ("Si", "e-", "Gerai ", "Jemput ", "Klinik ", "Rumah ", "Sapa ", "Lapak ", "Pojok ", "Gerakan ")
_BENEFITS = ("Waktu layanan lebih singkat", "Jangkauan layanan lebih luas", "Biaya layanan berkurang")
_RESULTS = ("Jumlah pengguna meningkat", "Antrean berkurang", "Keluhan masyarakat berkurang")
_AWARDS = (
    ("Innovative Government Award", "Kementerian Dalam Negeri", "NASIONAL"),
    ("Top Inovasi Pelayanan Publik", "Kementerian PANRB", "NASIONAL"),
    ("Kompetisi Inovasi Daerah", "Pemerintah Provinsi Kalimantan Barat", "PROVINSI"),
    ("Pemenang Lomba Inovasi Perangkat Daerah", "Pemerintah Kota Pontianak", "KOTA"),
    ("Smart City Award", "Asosiasi Kota Cerdas ASEAN", "INTERNASIONAL"),
)
#: Code | name | of how many | score about which cities lie | yearly growth
_INDICES = (
    ("IID", "Indeks Inovasi Daerah", 93, 55.0, 2.0),
    ("IDSD", "Indeks Daya Saing Daerah", 508, 3.5, 0.05),
    ("SPBE", "Indeks SPBE", 508, 3.1, 0.15),
    ("IPM", "Indeks Pembangunan Manusia", 514, 80.0, 0.5),
)
_CITIES = (
    ("61.71", "Kota Pontianak"),
    ("61.72", "Kota Singkawang"),
    ("62.71", "Kota Palangka Raya"),
    ("63.71", "Kota Banjarmasin"),
    ("64.71", "Kota Balikpapan"),
    ("64.72", "Kota Samarinda"),
)


def populate(city: City) -> None:
    """Innovations since 2021, points since 2023, and a few whose stages or points don't fit."""
    city.tables |= {INNOVATIONS: {}, SCORES: {}, AWARDS: {}, COMPETITIVENESS: {}}
    rng = city.rng("innovation")
    for number in range(1, _COUNT + 1):
        city.tables[INNOVATIONS][(number,)] = _innovation(city, rng, number)
    for year in YEARS[:-1]:
        for row in list(city.tables[INNOVATIONS].values()):
            if row["tgl_penerapan"] and int(f"{row['tgl_penerapan']}"[:4]) <= year:
                _score(city, rng, row["id"], year)
    for number in range(1, 81):
        city.tables[AWARDS][(number,)] = _award(city, rng, number)
    _compare(city, rng)
    _disorder(city, rng)


def next_day(city: City) -> None:
    """An innovation goes on to its next stage."""
    rng, table = city.rng("innovation"), city.tables[INNOVATIONS]
    known = {text for kind, text in city.known if kind == "innovation_not_in_order"}
    early = sorted(k for k, row in table.items() if row["tahap"] in _STAGES[:2] and f"{k[0]}" not in known)
    for key in rng.sample(early, 1):
        stage = _STAGES[_STAGES.index(f"{table[key]['tahap']}") + 1]
        table[key] |= {"tahap": stage, f"tgl_{stage.lower()}": city.today.isoformat()}


def unscored(city: City) -> list[Key]:
    """Innovations that no points and no award speak of, and whose stages fit."""
    used = {row["id_inovasi"] for name in (SCORES, AWARDS) for row in city.tables[name].values()}
    known = {text for kind, text in city.known if kind == "innovation_not_in_order"}
    return [key for key in city.tables[INNOVATIONS] if key[0] not in used and f"{key[0]}" not in known]


def full_scores(city: City) -> list[Key]:
    """Points of innovations that have all of a year's."""
    known = {text for kind, text in city.known if kind == "innovation_score_incomplete"}
    return [key for key in city.tables[SCORES] if f"{key[0]}|{key[1]}" not in known]


def _innovation(city: City, rng: Random, number: int) -> Row:
    agency = rng.choice(agencies())
    reached = rng.choices(range(5), (15, 15, 20, 30, 20))[0]
    days = [days_between(rng, date(2021, 1, 4), date(2024, 6, 30))]
    for _ in range(reached):
        days.append(days[-1] + timedelta(days=rng.randrange(20, 200)))
    topic = rng.choice(agency.topics)
    row: Row = {
        "id": number,
        "nama": f"{rng.choice(_WORDS)}{topic} {number}",
        "kode_opd": agency.code,
        "inovator": agency.name,
        "jenis": rng.choice(("DIGITAL", "NON_DIGITAL")),
        "bentuk": rng.choice(("TATA_KELOLA", "PELAYANAN_PUBLIK", "PELAYANAN_PUBLIK", "LAINNYA")),
        "tgl_uji_coba": days[2].isoformat() if reached >= 2 else None,
        "tgl_penerapan": days[3].isoformat() if reached >= 3 else None,
        "manfaat": rng.choice(_BENEFITS),
        "hasil": rng.choice(_RESULTS) if reached >= 3 else None,
        "tahap": _STAGES[reached],
    }
    for place, stage in enumerate(_STAGES):
        row[f"tgl_{stage.lower()}"] = days[place].isoformat() if place <= reached else None
    counts = {"jumlah_mitra": 4, "jumlah_pks": 3, "calon_penelitian": 3, "jumlah_paten": 2}
    row |= {name: f"{rng.randrange(most) if reached >= 2 else 0}" for name, most in counts.items()}
    return row | {"keterangan": None}


def _score(city: City, rng: Random, innovation: Value, year: int) -> None:
    """Points by 36 indicators: about 40 to 90 together."""
    readiness = rng.uniform(0.35, 0.9)
    for number in range(1, 37):
        points = round(min(5.0, 100 / 36 * readiness * rng.uniform(0.6, 1.4)), 2)
        city.tables[SCORES][(innovation, year, number)] = {
            "id_inovasi": innovation,
            "tahun": year,
            "no_indikator": number,
            "no_variabel": 1 + (number - 1) * 8 // 36,
            "aspek": "SPD" if number <= 15 else "SI",
            "skor": f"{points:.2f}",
            "keterangan": None,
        }


def _award(city: City, rng: Random, number: int) -> Row:
    given = days_between(rng, date(2023, 1, 9), city.today - timedelta(days=30))
    old = [row for row in city.tables[INNOVATIONS].values() if row["tahap"] == "DISPLAY"]
    innovation = rng.choice(old) if rng.random() < 0.6 else None
    agency: Agency = rng.choice(agencies())
    name, giver, level = rng.choice(_AWARDS)
    return {
        "id": number,
        "nama": f"{name} {given.year}",
        "pemberi": giver,
        "tingkat": level,
        "predikat": rng.choice(("Terbaik I", "Terbaik II", "Sangat Inovatif", "Finalis")),
        "tanggal": given.isoformat(),
        "penerima": innovation["inovator"] if innovation else agency.name,
        "id_inovasi": innovation["id"] if innovation else None,
        "keterangan": None,
    }


def _compare(city: City, rng: Random) -> None:
    for code, name, count, middle, growth in _INDICES:
        levels = {place: middle * rng.uniform(0.85, 1.12) for place, _ in _CITIES}
        for year in YEARS[:-1]:
            for place, called in _CITIES:
                score = levels[place] + growth * (year - YEARS[0]) + rng.uniform(-growth, growth)
                share = 1 - (score / middle - 0.8) / 0.4
                city.tables[COMPETITIVENESS][(code, year, place)] = {
                    "kode_indeks": code,
                    "tahun": year,
                    "kode_daerah": place,
                    "nama_indeks": name,
                    "nama_daerah": called,
                    "nilai": f"{score:.2f}",
                    "peringkat": f"{max(1, min(count, round(count * share)))}",
                    "jumlah_daerah": f"{count}",
                    "sumber": "Laporan tahunan",
                }


def _disorder(city: City, rng: Random) -> None:
    """Two innovations were shown before they were delivered; two were not judged by all indicators."""
    table = city.tables[INNOVATIONS]
    shown = sorted(key for key, row in table.items() if row["tahap"] == "DISPLAY")
    for key in rng.sample(shown, 2):
        delivered, displayed = table[key]["tgl_deliver"], table[key]["tgl_display"]
        table[key] |= {"tgl_deliver": displayed, "tgl_display": delivered}
        city.known.append(("innovation_not_in_order", f"{key[0]}"))
    judged = sorted({key[:2] for key in city.tables[SCORES]}, key=str)
    for innovation, year in rng.sample(judged, 2):
        del city.tables[SCORES][(innovation, year, 36)]
        city.known.append(("innovation_score_incomplete", f"{innovation}|{year}"))
