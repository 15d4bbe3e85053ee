"""Datasets whose planted faults follow from their contracts."""

from typing import Any

from demo.buildings import BUILDINGS, unapproved
from demo.business_registers import PROJECTS, TRADE_LICENCES, unlicensed
from demo.cash_plan import CASH_PLAN
from demo.comparison import BUDGETS, GOVERNMENTS
from demo.complaints import COMPLAINTS
from demo.disagreements import agreed
from demo.innovation import AWARDS, COMPETITIVENESS, INNOVATIONS, SCORES, full_scores, unscored
from demo.letters import DOCUMENTS, LETTERS
from demo.licensing_steps import DECLARATIONS, STEPS, honest
from demo.local_taxes import ASSESSMENTS, TAXPAYERS, TRANSACTIONS, undeclared
from demo.model import City, Key
from demo.performance import ACHIEVEMENTS, INDICATORS
from demo.plan_tree import NODES
from demo.planning import KUA_PPAS, RKPD
from demo.pools import childless, fitting
from demo.realisation import ACCOUNTING_LRA, TREASURY_LRA
from demo.receipts import RECEIPTS
from demo.tax_objects import BILLS as TAX_BILLS
from demo.tax_objects import OBJECTS, PAYMENTS, settled, unbilled, unpaid
from demo.treasury import SPD, SPM, SPP


def _programmes(city: City) -> list[Key]:
    """Nodes below which there is none and that no line of a yearly plan names."""
    return [key for key in fitting(NODES)(city) if city.tables[NODES][key]["jenis"] == "PROGRAM"]


def _filed(dataset: str, document: str) -> dict[str, Any]:
    """Of the treasury's documents: numbers stay mistyped; the database turns what is no number into one."""
    untold = (f"{document}_number:pattern", f"{document}_amount:type", f"{document}_amount:scale")
    return {"pool": agreed(dataset), "wrong": dict.fromkeys((*untold, "updated_at:type"), ())}


_NO_NUMBERS = [f"{name}_amount:{rule}" for name in ("budget", "realisation") for rule in ("type", "scale")]

#: Datasets whose faults follow from their contracts, each with what `standard_faults` has to be told.
STANDARD: dict[str, dict[str, Any]] = {
    SPD: _filed(SPD, "spd"),
    SPP: _filed(SPP, "spp"),
    SPM: _filed(SPM, "spm"),
    RECEIPTS: _filed(RECEIPTS, "receipt"),
    TREASURY_LRA: {"pool": agreed(TREASURY_LRA), "wrong": dict.fromkeys(_NO_NUMBERS, ())},
    ACCOUNTING_LRA: {"pool": agreed(ACCOUNTING_LRA)},
    CASH_PLAN: {"pool": agreed(CASH_PLAN)},
    BUDGETS: {},
    GOVERNMENTS: {},
    NODES: {"pool": _programmes},
    RKPD: {"pool": fitting(RKPD)},
    KUA_PPAS: {"pool": fitting(KUA_PPAS)},
    INDICATORS: {"pool": childless(INDICATORS, ACHIEVEMENTS, "kode_indikator", "kode_indikator")},
    ACHIEVEMENTS: {"pool": fitting(ACHIEVEMENTS)},
    OBJECTS: {"pool": unbilled},
    TAX_BILLS: {"pool": unpaid},
    PAYMENTS: {"pool": settled},
    TRANSACTIONS: {"pool": fitting(TRANSACTIONS)},
    TAXPAYERS: {"pool": undeclared},
    ASSESSMENTS: {"pool": fitting(ASSESSMENTS)},
    PROJECTS: {"pool": unlicensed},
    TRADE_LICENCES: {},
    BUILDINGS: {"pool": unapproved},
    STEPS: {},
    INNOVATIONS: {"pool": unscored},
    SCORES: {"pool": full_scores},
    AWARDS: {},
    COMPETITIVENESS: {},
    COMPLAINTS: {"pool": fitting(COMPLAINTS)},
    DECLARATIONS: {"pool": honest},
    LETTERS: {},
    DOCUMENTS: {},
}
