"""E-SAKIP: indicators of the city's and agencies' outcomes, and what was reached, as people type it."""

from random import Random

from demo.agencies import Agency, agencies
from demo.model import CLOSED_MONTHS, YEAR, YEARS, City, Row
from demo.plan_tree import Period, city_outcomes, outcome_code, outcome_names, period_of

INDICATORS, ACHIEVEMENTS = "esakip.indicators", "esakip.achievements"
QUARTERS = ("TW1", "TW2", "TW3", "TW4")
WHOLE_YEAR = "TAHUN"
#: Grades of the evaluation of performance (SAKIP) that agencies have, worst first.
_GRADES = ("CC", "B", "BB", "A")
#: What stands where a figure should.
_UNREADABLE = ("sedang dihitung", "85 s.d. 90", "#DIV/0!")

#: Name | unit | direction | kind | first target
_OF_FIELD = (
    ("Persentase cakupan {}", "Persen", "NAIK", "PERSEN", 80.0),
    ("Waktu rata-rata penyelesaian {}", "Hari", "TURUN", "ANGKA", 14.0),
)
_OF_OFFICE = (
    ("Nilai evaluasi SAKIP {}", "Predikat", "NAIK", "PREDIKAT", 0.0),
    ("Jumlah inovasi {}", "Inovasi", "NAIK", "ANGKA", 1250.0),
)
#: Agreed for the new period, but nobody has measured it yet.
_NEW = ("Indeks kepuasan pengguna layanan {}", "Indeks", "NAIK", "ANGKA", 0.0)
_Measure = tuple[str, str, str, str, float]


def populate(city: City) -> None:
    """Each period's indicators, and what was reached in each year up to the last closed quarter."""
    city.tables |= {INDICATORS: {}, ACHIEVEMENTS: {}}
    rng = city.rng("performance")
    for year in YEARS:
        period = period_of(year)
        for agency in agencies():
            for number, measure in enumerate((*_OF_FIELD, *_OF_OFFICE), 1):
                _achieve(city, rng, _of_agency(city, period, agency, (number, measure)), year)
        for outcome in city_outcomes(period):
            _achieve(city, rng, _of_city(city, period, outcome), year)
    for agency in agencies():
        _of_agency(city, period_of(YEAR), agency, (5, _NEW))
    _garble(city, rng)


def next_day(city: City) -> None:
    """Some figures of the last closed quarter are corrected."""
    rng, table = city.rng("performance"), city.tables[ACHIEVEMENTS]
    last = QUARTERS[CLOSED_MONTHS // 3 - 1]
    numbers = {key for key, row in city.tables[INDICATORS].items() if row["jenis"] != "PREDIKAT"}
    known = {key for kind, key in city.known if kind == "achievement_unreadable"}
    open_keys = sorted(
        key for key in table
        if key[1:] == (YEAR, last) and (key[0],) in numbers and "|".join(map(str, key)) not in known
    )  # fmt: skip
    for key in rng.sample(open_keys, 5):
        table[key] = table[key] | {"realisasi": written(rng.uniform(60, 99))}


def written(value: float) -> str:
    """`1.234,50`, as people type it."""
    return f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")


def _of_agency(city: City, period: Period, agency: Agency, of: tuple[int, _Measure]) -> tuple[Row, float]:
    number, (name, unit, direction, kind, target) = of
    outcome = 2 if number in (3, 4) else 1
    row: Row = {
        "kode_indikator": f"IKU-{period.number}-{agency.code[:4]}.{agency.code[15:17]}-{number}",
        "kode_tujuan": None,
        "uraian_tujuan": None,
        "kode_sasaran": outcome_code(agency, period, outcome),
        "uraian_sasaran": outcome_names(agency)[outcome - 1],
        "kode_skpd": agency.code,
        "nama_skpd": agency.name,
        "indikator": name.format(agency.topics[0] if outcome == 1 else agency.name),
        "satuan": unit,
        "arah": direction,
        "jenis": kind,
        "tahun_awal": period.first,
        "tahun_akhir": period.last,
    }
    city.tables[INDICATORS][(row["kode_indikator"],)] = row
    return row, target


def _of_city(city: City, period: Period, outcome: tuple[str, str, str, str]) -> tuple[Row, float]:
    code, name, goal_code, goal = outcome
    is_opinion = "akuntabilitas" in name
    falls = name.startswith("Menurunnya")
    row: Row = {
        "kode_indikator": f"IKU-{code}",
        "kode_tujuan": goal_code,
        "uraian_tujuan": goal,
        "kode_sasaran": code,
        "uraian_sasaran": name,
        "kode_skpd": None,
        "nama_skpd": None,
        "indikator": "Opini BPK atas laporan keuangan"
        if is_opinion
        else f"Indeks {name.split(maxsplit=1)[1]}",
        "satuan": "Opini" if is_opinion else "Indeks",
        "arah": "TURUN" if falls else "NAIK",
        "jenis": "PREDIKAT" if is_opinion else "ANGKA",
        "tahun_awal": period.first,
        "tahun_akhir": period.last,
    }
    city.tables[INDICATORS][(row["kode_indikator"],)] = row
    return row, 6.5 if falls else 78.0


def _achieve(city: City, rng: Random, indicator: tuple[Row, float], year: int) -> None:
    """Target and realisation of the four quarters and of the year, each up to its end."""
    row, base = indicator
    reach = rng.uniform(0.75, 1.15)
    grade = rng.randrange(len(_GRADES))
    for number, period in enumerate((*QUARTERS, WHOLE_YEAR), 1):
        share = min(number, 4) / 4 if row["satuan"] == "Inovasi" else 1.0
        target, reached = base * share, base * share * reach * rng.uniform(0.97, 1.03)
        if row["jenis"] == "PREDIKAT":
            texts = ("WTP", "WTP") if row["satuan"] == "Opini" else ("BB", _GRADES[grade])
        else:
            mark = "%" if row["jenis"] == "PERSEN" and number % 2 else ""
            texts = (written(target) + mark, written(reached) + mark)
        is_closed = year < YEAR or (period in QUARTERS and number * 3 <= CLOSED_MONTHS)
        _put(city, row, (year, period), texts if is_closed else (texts[0], "-"))


def _put(city: City, indicator: Row, when: tuple[int, str], texts: tuple[str, str]) -> None:
    row: Row = {
        "kode_indikator": indicator["kode_indikator"],
        "tahun": when[0],
        "periode": when[1],
        "target": texts[0],
        "realisasi": texts[1],
        "keterangan": None,
    }
    city.tables[ACHIEVEMENTS][(row["kode_indikator"], *when)] = row


def _garble(city: City, rng: Random) -> None:
    """A few figures that are none, and a grade that no scale has."""
    table = city.tables[ACHIEVEMENTS]
    kinds = {key: row["jenis"] for key, row in city.tables[INDICATORS].items()}
    figures = [
        key for key in sorted(table) if key[1] == YEAR and key[2] == "TW1" and kinds[key[:1]] != "PREDIKAT"
    ]
    grades = [
        key for key in sorted(table) if key[1] == YEAR and key[2] == "TW1" and kinds[key[:1]] == "PREDIKAT"
    ]
    wrong = [
        *zip(rng.sample(figures, len(_UNREADABLE)), _UNREADABLE, strict=True),
        (rng.choice(grades), "Baik"),
    ]
    for key, text in wrong:
        table[key] = table[key] | {"realisasi": text}
        city.known.append(("achievement_unreadable", "|".join(map(str, key))))
