"""Datasets whose planted faults follow from their contracts."""

from typing import Any

from demo.comparison import BUDGETS, GOVERNMENTS
from demo.model import City, Key
from demo.performance import ACHIEVEMENTS, INDICATORS
from demo.plan_tree import NODES
from demo.planning import KUA_PPAS, RKPD
from demo.pools import childless, fitting


def _programmes(city: City) -> list[Key]:
    """Nodes below which there is none and that no line of a yearly plan names."""
    return [key for key in fitting(NODES)(city) if city.tables[NODES][key]["jenis"] == "PROGRAM"]


#: Datasets whose faults follow from their contracts, each with what `standard_faults` has to be told.
STANDARD: dict[str, dict[str, Any]] = {
    BUDGETS: {},
    GOVERNMENTS: {},
    NODES: {"pool": _programmes},
    RKPD: {"pool": fitting(RKPD)},
    KUA_PPAS: {"pool": fitting(KUA_PPAS)},
    INDICATORS: {"pool": childless(INDICATORS, ACHIEVEMENTS, "kode_indikator", "kode_indikator")},
    ACHIEVEMENTS: {"pool": fitting(ACHIEVEMENTS)},
}
