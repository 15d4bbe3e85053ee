"""Which rows may become the victims of a fault."""

from demo.faults import Pool
from demo.model import YEAR, City, Key


def childless(dataset: str, child: str, column: str, target: str) -> Pool:
    """Rows of `dataset` that no row of `child` names: refusing one refuses nothing else."""

    def pool(city: City) -> list[Key]:
        used = {row[column] for row in city.tables[child].values()}
        return [key for key, row in city.tables[dataset].items() if row[target] not in used]

    return pool


def fitting(dataset: str) -> Pool:
    """Rows that are not among what the hub has to find out, of the running year where there is one."""

    def pool(city: City) -> list[Key]:
        known = {text for _, text in city.known}
        return [
            key
            for key, row in city.tables[dataset].items()
            if row.get("tahun", YEAR) == YEAR and "|".join(map(str, key)) not in known
        ]

    return pool
