"""Building the city: the day's state of every system, written where the systems are."""

from dataclasses import dataclass, field
from pathlib import Path

from demo import state
from demo.budget import KELURAHAN, LINES, SKPD, SUB
from demo.buildings import BUILDINGS
from demo.business_registers import PROJECTS, TRADE_LICENCES
from demo.cash_plan import CASH_PLAN
from demo.comparison import BUDGETS, GOVERNMENTS
from demo.complaints import COMPLAINTS
from demo.innovation import AWARDS, COMPETITIVENESS, INNOVATIONS, SCORES
from demo.letters import DOCUMENTS, LETTERS
from demo.licensing import EVENTS, PERMITS, SERVICES
from demo.licensing_steps import DECLARATIONS, STEPS
from demo.local_taxes import ASSESSMENTS, TAXPAYERS, TRANSACTIONS
from demo.performance import ACHIEVEMENTS, INDICATORS
from demo.plan_tree import NODES
from demo.planning import KUA_PPAS, RKPD
from demo.realisation import ACCOUNTING_LRA
from demo.reports import PROGRESS, REVENUE
from demo.simulation import Day, simulate
from demo.systems import (
    cash_plan,
    djpk,
    files,
    lapor,
    licensing,
    perizinan,
    planning,
    siak,
    simda,
    sipd,
    taxes,
)
from demo.tax_objects import BILLS, OBJECTS, PAYMENTS

SEED, RESIDENT_COUNT = 6171, 20_000


@dataclass(frozen=True)
class DemoUrls:
    """The servers the city uses: SIAK's own PostgreSQL database, and MySQL for the treasury, if any."""

    siak: str = field(repr=False)
    mysql: str | None = field(default=None, repr=False)


def build(
    home: Path, urls: DemoUrls, seed: int = SEED, residents: int = RESIDENT_COUNT, day: int = 0
) -> None:
    """Write the state of `day` into every system, and what the hub should make of it into the manifest.

    The same seed, residents and day give the same rows. The manifest assumes that the hub has seen the
    days before.
    """
    place = state.folder(home)
    simulated = simulate(seed, residents, day)
    _write(place, urls, simulated)
    state.write_private(place / "manifest" / f"day{day}.json", simulated.manifest)
    state.write_private(place / "urls.json", {"siak": urls.siak, "mysql": urls.mysql})


def _write(place: Path, urls: DemoUrls, day: Day) -> None:
    siak.write(urls.siak, {dataset: day.rows(dataset) for dataset in siak.DATASETS})
    endpoints = {
        "skpd": day.rows(SKPD),
        "kelurahan": day.rows(KELURAHAN),
        "sub-giat": day.rows(SUB),
        "rincian-belanja": day.rows(LINES),
    }
    sipd.write(place / "sipd", endpoints)
    treasury = {dataset: day.rows(dataset) for dataset in simda.DATASETS}
    if urls.mysql:
        simda.write_mysql(urls.mysql, treasury)
    else:
        simda.write_sqlite(place / "simda.db", treasury)
    perizinan.write(place / "perizinan.db", day.rows(SERVICES), day.rows(PERMITS), day.rows(EVENTS))
    _write_licensing(place, day)
    djpk.write(place / "djpk", day.rows(BUDGETS), day.rows(GOVERNMENTS))
    files.write_revenue(place / "pendapatan", day.rows(REVENUE))
    files.write_progress(place / "emonev", day.rows(PROGRESS))
    files.write_realisation(place / "akuntansi", day.rows(ACCOUNTING_LRA))
    cash_plan.write(place / "sipd_ekspor", day.rows(CASH_PLAN))
    planning.write(place / "planning.db", day.rows(NODES), day.rows(RKPD), day.rows(KUA_PPAS))
    lapor.write(place / "lapor", day.rows(COMPLAINTS))
    planning.write_performance(place / "esakip.db", day.rows(INDICATORS), day.rows(ACHIEVEMENTS))


def _write_licensing(place: Path, day: Day) -> None:
    """What lies around the licensing system, and innovations: databases that are made alike."""
    for file, table, dataset in (
        ("perizinan.db", "langkah", STEPS),
        ("perizinan.db", "pernyataan", DECLARATIONS),
        ("simbg.db", "bangunan", BUILDINGS),
        ("tte.db", "surat", LETTERS),
        ("arsip.db", "dokumen", DOCUMENTS),
        ("inovasi.db", "inovasi", INNOVATIONS),
        ("inovasi.db", "skor", SCORES),
        ("inovasi.db", "penghargaan", AWARDS),
        ("inovasi.db", "daya_saing", COMPETITIVENESS),
    ):
        licensing.write_table(place / file, table, day.rows(dataset))
    licensing.write_oss(place / "oss", day.rows(PROJECTS))
    licensing.write_trade_licences(place / "siup", day.rows(TRADE_LICENCES))
    taxes.write_sismiop(place / "sismiop.db", day.rows(OBJECTS), day.rows(BILLS), day.rows(PAYMENTS))
    taxes.write_bphtb(place / "bphtb.db", day.rows(TRANSACTIONS))
    taxes.write_declared(place / "pajak.db", day.rows(TAXPAYERS), day.rows(ASSESSMENTS))
