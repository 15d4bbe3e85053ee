"""The two hand-made reports: revenue (CSV) and physical and financial progress (XLSX)."""

from random import Random

from demo.agencies import revenues
from demo.budget import LINES
from demo.model import CLOSED_MONTHS, YEAR, YEARS, City, Key, Row, Table, closed_months

REVENUE, PROGRESS = "pendapatan.revenue", "emonev.progress"
#: Rows of each report that agencies deliver after day 0.
_LATE = {PROGRESS: 40, REVENUE: 12}


def populate(city: City) -> None:
    """Report the closed months; some rows of the last month come late."""
    city.tables |= {REVENUE: {}, PROGRESS: {}}
    rng = city.rng("reports")
    for year in YEARS:
        for month in closed_months(year):
            for code, name, base in revenues(year):
                _revenue(city, rng, (code, name, base * 1_000_000), (year, month))
        for activity in _activities(city, year):
            _progress(city, rng, activity, year)
    for dataset, count in _LATE.items():
        _hold_back(city, rng, dataset, count)


def next_day(city: City) -> None:
    """Late rows arrive, figures of the last closed month are revised, one progress row is withdrawn."""
    rng = city.rng("reports")
    for _ in range(min(4, len(city.late))):
        dataset, key, row = city.late.pop()
        city.tables[dataset][key] = row
    for dataset, revise in ((REVENUE, _booked), (PROGRESS, _advanced)):
        table = city.tables[dataset]
        for key in rng.sample(_last_month(table), 8):
            table[key] = table[key] | revise(rng, table[key])
    progress = city.tables[PROGRESS]
    del progress[rng.choice(_last_month(progress))]


def _booked(rng: Random, row: Row) -> Row:
    """The month's realisation after a late booking."""
    target = int(str(row["Target"]).split(",")[0].replace(".", ""))
    return _realised(target, int(target * rng.uniform(0.6, 1.3)) // 1000 * 1000)


def _advanced(rng: Random, row: Row) -> Row:
    """Progress is cumulative: a correction brings it nearer to the end."""
    reached = float(row["Realisasi Fisik (%)"] or 0)
    return {"Realisasi Fisik (%)": round(reached + (100 - reached) * rng.uniform(0.05, 0.3), 2)}


def _hold_back(city: City, rng: Random, dataset: str, count: int) -> None:
    table = city.tables[dataset]
    for key in rng.sample(_last_month(table), count):
        city.late.append((dataset, key, table.pop(key)))


def _last_month(table: Table) -> list[Key]:
    """Keys of the last closed month of the running year."""
    return sorted(key for key in table if key[:2] == (YEAR, CLOSED_MONTHS))


def rupiah(amount: int) -> str:
    """`1.234.567,00`, as the revenue agency's spreadsheet writes money."""
    return f"{amount:,}".replace(",", ".") + ",00"


def _revenue(city: City, rng: Random, account: tuple[str, str, int], when: tuple[int, int]) -> None:
    code, name, base = account
    year, month = when
    target = base * (100 - 5 * (YEAR - year)) // 100_000 * 1000
    paid = int(target * rng.uniform(0.55, 1.2)) // 1000 * 1000 if rng.random() > 0.03 else None
    row: Row = {
        "Tahun": year,
        "Bulan": month,
        "Kode Rekening": code,
        "Uraian": name,
        "Target": rupiah(target),
        **_realised(target, paid),
    }
    city.tables[REVENUE][(year, month, code)] = row


def _realised(target: int, paid: int | None) -> Row:
    """What came in, and its part of the target; `-` and nothing while nothing is booked."""
    if paid is None:
        return {"Realisasi": "-", "Persentase": ""}
    return {"Realisasi": rupiah(paid), "Persentase": f"{paid * 100 / target:.2f}".replace(".", ",")}


def _activities(city: City, year: int) -> list[tuple[str, str, str]]:
    """Agency, code and name of every sub-activity with a budget in the year."""
    rows = [row for key, row in city.tables[LINES].items() if key[0] == year]
    return sorted({(f"{r['kode_skpd']}", f"{r['kode_sub_giat']}", f"{r['nama_sub_giat']}") for r in rows})


def _progress(city: City, rng: Random, activity: tuple[str, str, str], year: int) -> None:
    skpd, code, name = activity
    pace, physical, financial = rng.uniform(0.8, 1.2), rng.uniform(0.6, 1.1), rng.uniform(0.4, 1.0)
    for month in closed_months(year):
        planned = min(100.0, 100 * month / 12 * pace)
        row: Row = {
            "Tahun": year,
            "Bulan": month,
            "Kode SKPD": skpd,
            "Kode Sub Kegiatan": code,
            "Nama Sub Kegiatan": name,
            "Target Fisik (%)": round(planned, 2),
            "Target Keuangan (%)": round(planned * 0.9, 2),
            "Realisasi Fisik (%)": round(min(100.0, planned * physical), 2),
            "Realisasi Keuangan (%)": round(min(100.0, planned * financial), 2),
            "Keterangan": "lelang ulang" if rng.random() < 0.02 else None,
        }
        city.tables[PROGRESS][(year, month, skpd, code)] = row
