"""SIPD: agencies, kelurahan, sub-activities and budget lines, and how budgets shift."""

from random import Random

from demo.agencies import ACCOUNTS, ACTIONS, SALARY, SUPPORT, UNITS, UNUSED, Agency, affairs, agencies
from demo.budget_detail import detail
from demo.model import YEAR, YEARS, City, Row, Table, kecamatans, kelurahans, spellings

SKPD, SUB, LINES = "sipd.skpd", "sipd.sub_activities", "sipd.budget_lines"
KELURAHAN = "sipd.kelurahan"


def populate(city: City) -> None:
    """Fill SIPD."""
    rng = city.rng("budget")
    city.tables |= {SKPD: {}, SUB: {}, LINES: {}, KELURAHAN: _kelurahan()}
    for agency in agencies():
        _skpd(city, agency.id, agency.code, agency.name)
    for number, name in enumerate(UNITS, 1):
        _skpd(city, 3900 + number, f"1.02.0.00.0.00.01.{number:04}", name)
    for code, name in (*SUPPORT, *UNUSED):
        _sub_activity(city, code, name, "Penunjang Urusan Pemerintahan Daerah", "Semua Urusan")
    for agency in agencies():
        own = _own_activities(agency)
        for code, name in own:
            _sub_activity(city, code, name, f"Program {agency.topics[0]}", affairs()[agency.affair])
        for year in YEARS:
            for number, (code, name) in enumerate((*SUPPORT, *own)):
                _budget(city, rng, agency, (code, name, number), year)


def next_day(city: City) -> None:
    """A shift between lines (pergeseran): some ceilings change, a line is withdrawn, lines are added."""
    rng, lines = city.rng("budget"), city.tables[LINES]
    running = sorted(key for key in lines if key[0] == YEAR)
    today: Row = {"updatedAt": f"{city.today.isoformat()}T16:00:00+07:00"}
    for key in rng.sample(running, 12):
        lines[key] = (
            lines[key] | {"pagu": int(lines[key]["pagu"] or 0) + 250_000 * rng.randrange(1, 40)} | today
        )
    for key in rng.sample(running, 2):
        lines[key] = lines[key] | today | {"active": 0}
    del lines[rng.choice(running)]
    for agency in rng.sample(agencies(), 3):
        _new_line(city, rng, agency, today)


def _kelurahan() -> Table:
    """SIPD numbers them as it pleases and spells them in a way of its own."""
    rows: Table = {}
    for number, place in enumerate(kelurahans(), 45_101):
        area = place.code.rpartition(".")[0]
        rows[(number,)] = {
            "id_lurah": number,
            "nama_lurah": spellings()[place.code][0],
            "id_camat": 6_400 + place.district,
            "nama_camat": f"Kec. {kecamatans()[area]}",
        }
    return rows


def _skpd(city: City, number: int, code: str, name: str) -> None:
    city.tables[SKPD][(number,)] = {"id_skpd": number, "kode_skpd": code, "nama_skpd": name, "active": 1}


def _own_activities(agency: Agency) -> list[tuple[str, str]]:
    """Codes start at a number of the agency's own, for two agencies may share a field of affairs."""
    return [
        (
            f"{agency.affair}.{2 + topic:02}.2.{1 + action:02}.{agency.id - 3099:04}",
            f"{ACTIONS[action]} {agency.topics[topic]}",
        )
        for topic in range(len(agency.topics))
        for action in range(len(ACTIONS))
    ]


def _sub_activity(city: City, code: str, name: str, program: str, affair: str) -> None:
    activity = code[:-5]
    city.tables[SUB][(code,)] = {
        "kode_sub_giat": code,
        "nama_sub_giat": name,
        "kode_giat": activity,
        "nama_giat": f"Kegiatan {name.split()[0]}",
        "kode_program": activity[:-5],
        "nama_program": program,
        "kode_bidang_urusan": activity[:4],
        "nama_bidang_urusan": affair,
    }


def _budget(city: City, rng: Random, agency: Agency, activity: tuple[str, str, int], year: int) -> None:
    code, name, number = activity
    accounts = SALARY if "Gaji" in name else rng.sample(ACCOUNTS, rng.randrange(3, 7))
    for account in sorted(accounts):
        amount = rng.randrange(20, 400) * 10 ** rng.choice((5, 6, 6)) * (20 if "Gaji" in name else 1)
        amount = amount * (100 - 4 * (YEAR - year)) // 100
        row = _line(agency, (code, name, number), account, year)
        shifted = amount + 250_000 * rng.randrange(-40, 60) if rng.random() < 0.3 else amount
        row |= {"pagumurni": amount, "pagu": max(shifted, 1_000_000), "pagu_n_depan": amount * 21 // 20}
        _put(city, row)


def _line(agency: Agency, activity: tuple[str, str, int], account: tuple[str, str], year: int = YEAR) -> Row:
    code, name, number = activity
    return {
        "tahun_anggaran": year,
        "kode_sbl": f"{agency.id}.{agency.id}.{agency.affair.replace('.', '')}.{500 + number}",
        "kode_akun": account[0],
        "nama_akun": account[1],
        "id_skpd": agency.id,
        "kode_skpd": agency.code,
        "nama_skpd": agency.name,
        "kode_sub_giat": code,
        "nama_sub_giat": name,
        **detail(agency, name, account[0]),
        "active": 1,
        "updatedAt": f"{year}-01-05T08:00:00+07:00",
    }


def _put(city: City, row: Row) -> None:
    city.tables[LINES][(row["tahun_anggaran"], row["kode_sbl"], row["kode_akun"])] = row


def _new_line(city: City, rng: Random, agency: Agency, today: Row) -> None:
    """Give the agency's first sub-activity an account it had no line for; nothing when it has all."""
    activity = (*SUPPORT[0], 0)
    taken = {key[2] for key, row in city.tables[LINES].items() if key[0] == YEAR
             and row["kode_skpd"] == agency.code and row["kode_sub_giat"] == activity[0]}  # fmt: skip
    free = [account for account in ACCOUNTS if account[0] not in taken]
    if free:
        amount = 500_000 * rng.randrange(4, 60)
        row = _line(agency, activity, rng.choice(free)) | today
        _put(city, row | {"pagumurni": 0, "pagu": amount, "pagu_n_depan": amount})
