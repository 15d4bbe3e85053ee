"""E-planning of Bappeda: the yearly plan (RKPD) and the ceilings agreed with the council (KUA-PPAS)."""

from random import Random

from demo import plan_tree
from demo.agencies import SUPPORT, UNUSED, Agency, agencies
from demo.budget import LINES
from demo.model import YEAR, YEARS, City, Row
from demo.plan_tree import outcome_ids, period_of

RKPD, KUA_PPAS = "planning.rkpd_lines", "planning.kua_ppas_lines"
#: Agencies that came about in 2023: their first plan was made after that.
_NEW_IN_2023 = ("2.07", "2.18", "5.02")
#: Merged in 2023; the plan for that year still speaks of the two before: topic -> code and name.
_BEFORE_MERGER = {
    "Olahraga Prestasi": ("2.19.0.00.0.00.01.0000", "Dinas Kepemudaan dan Olahraga"),
    "Destinasi Wisata": ("3.26.0.00.0.00.01.0000", "Dinas Pariwisata"),
}
_MERGED = "2.19"
#: How many lines of each year differ on purpose, by what is wrong with them.
_DIFFERING = {"not_planned": 3, "not_in_kua_ppas": 2, "without_outcome": 3}
#: Plans that came to nothing, each year: never agreed, or agreed and then not budgeted.
_DROPPED = ("not_funded", "not_funded", "not_budgeted")

Activity = tuple[Agency, str, str]


def populate(city: City) -> None:
    """The trees, and each year's plan and ceilings, which know nearly all that is budgeted."""
    plan_tree.populate(city)
    city.tables |= {RKPD: {}, KUA_PPAS: {}}
    rng = city.rng("planning")
    for year in YEARS:
        _year(city, rng, year)


def next_day(city: City) -> None:
    """Some ceilings of this year's plan are corrected."""
    rng, table = city.rng("planning"), city.tables[RKPD]
    for key in rng.sample(sorted(key for key in table if key[0] == YEAR), 5):
        table[key] = table[key] | {"pagu_indikatif": int(table[key]["pagu_indikatif"] or 0) + 1_000_000}


def _year(city: City, rng: Random, year: int) -> None:
    budgeted = _budgeted(city, year)
    chosen = iter(rng.sample(sorted(budgeted, key=_name), sum(_DIFFERING.values())))
    odd = {_name(next(chosen)): kind for kind, count in _DIFFERING.items() for _ in range(count)}
    for activity, amount in budgeted.items():
        kind = odd.get(_name(activity), "")
        indicative = int(amount * rng.uniform(0.95, 1.12)) // 100_000 * 100_000
        if kind != "not_planned":
            _plan(city, year, activity, indicative, kind != "without_outcome")
        if kind != "not_in_kua_ppas":
            agreed = amount if rng.random() < 0.85 else amount + 500_000 * rng.randrange(-3, 9)
            _agree(city, year, activity, max(agreed, 1_000_000))
        if kind:
            city.known.append((kind, f"{year}|{_name(activity)}"))
    for agency, kind in zip(rng.sample(agencies(), len(_DROPPED)), _DROPPED, strict=True):
        _dropped(city, agency, year, kind)


def _budgeted(city: City, year: int) -> dict[Activity, int]:
    """Each sub-activity of the year with its first budget."""
    by_code = {agency.code: agency for agency in agencies()}
    found: dict[Activity, int] = {}
    for key, row in sorted(city.tables[LINES].items()):
        if key[0] == year:
            activity = (by_code[f"{row['kode_skpd']}"], f"{row['kode_sub_giat']}", f"{row['nama_sub_giat']}")
            found[activity] = found.get(activity, 0) + int(row["pagumurni"] or 0)
    return found


def _name(activity: Activity) -> str:
    return f"{activity[0].code}|{activity[1]}"


def _dropped(city: City, agency: Agency, year: int, kind: str) -> None:
    """Plan something that nobody budgets for."""
    activity = (agency, *UNUSED[agency.id % len(UNUSED)])
    _plan(city, year, activity, 75_000_000, True)
    if kind == "not_budgeted":
        _agree(city, year, activity, 60_000_000)
    city.known.append((kind, f"{year}|{_name(activity)}"))


def _plan(city: City, year: int, activity: Activity, amount: int, has_outcome: bool) -> None:
    """The plan's line; two for the supporting programme of agencies that were two when it was made."""
    agency, code, name = activity
    if year != 2023 or agency.affair != _MERGED:
        _line(city, year, activity, (agency.code, agency.name), amount, has_outcome)
        return
    supporting = code.startswith("X.XX")
    writers = [said for topic, said in _BEFORE_MERGER.items() if supporting or name.endswith(topic)]
    for writer in writers:
        _line(city, year, activity, writer, amount // len(writers), has_outcome)


def _line(
    city: City, year: int, activity: Activity, writer: tuple[str, str], amount: int, has_outcome: bool
) -> None:
    agency, code, name = activity
    # The system was given the longer codes after the plan for 2023.
    written = code[:-4] + code[-2:] if year == 2023 else code
    outcomes = outcome_ids(agency, period_of(year))
    late = year == 2023 and agency.affair in _NEW_IN_2023
    row: Row = {
        "tahun": year,
        "kode_skpd": writer[0],
        "kode_sub_kegiatan": written,
        "nama_skpd": writer[1],
        "nama_sub_kegiatan": name,
        "id_sasaran": outcomes[code.startswith("X.XX")] if has_outcome else None,
        "indikator": f"Jumlah dokumen {name}" if code in dict(SUPPORT) else f"Cakupan {name}",
        "target": "12" if code in dict(SUPPORT) else "87,50",
        "satuan": "Dokumen" if code in dict(SUPPORT) else "Persen",
        "pagu_indikatif": amount,
        "tgl_penetapan": f"{year}-03-15" if late else f"{year - 1}-07-08",
    }
    city.tables[RKPD][(year, writer[0], written)] = row


def _agree(city: City, year: int, activity: Activity, amount: int) -> None:
    agency, code, _ = activity
    row: Row = {
        "tahun": year,
        "kode_skpd": agency.code,
        "kode_sub_kegiatan": code,
        "nama_skpd": agency.name,
        "plafon": amount,
    }
    city.tables[KUA_PPAS][(year, agency.code, code)] = row
