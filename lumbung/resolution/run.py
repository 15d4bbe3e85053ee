"""One run of entity resolution: the loads it reads, the versions it makes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from psycopg import sql

from lumbung.history_rows import as_of_load
from lumbung.resolution import versions
from lumbung.resolution.tables import IdentityTable
from lumbung.resolution.versions import Settled
from lumbung.settings import Settings
from lumbung.warehouse import Session
from schemas.catalogue import Catalogue
from schemas.contract import Contract


@dataclass(frozen=True)
class Before:
    """The run before: its number, the loads it read, and whether it went by the same rules."""

    run_id: int
    pins: Mapping[str, int]
    same_rules: bool
    last_decision_id: int | None


@dataclass
class Run:
    """What a step works with. All steps of a run share one transaction.

    `pins` gives the load of each dataset that was ever applied; `changed` are the datasets whose rows or
    contract changed since the run before (all of them in the first run and under new rules).
    `looked_at` says by table of links how many records were judged rather than carried over.
    """

    session: Session
    settings: Settings
    catalogue: Catalogue
    run_id: int
    pins: Mapping[str, int]
    changed: frozenset[str]
    before: Before | None
    tables: Mapping[str, IdentityTable]
    counts: dict[str, Settled] = field(default_factory=dict)
    looked_at: dict[str, int] = field(default_factory=dict)

    def has(self, dataset: str) -> bool:
        """Whether any load of the dataset was ever applied: it has rows to read."""
        return dataset in self.pins

    def rows(self, contract: Contract) -> sql.Composed:
        """A SELECT of the dataset's rows as the pinned load left them."""
        return as_of_load(contract, self.pins[contract.id])

    def rows_before(self, contract: Contract) -> sql.Composed | None:
        """As `rows`, of the load that the run before read; None when it read none, or by other rules."""
        if self.before is None or not self.before.same_rules or contract.id not in self.before.pins:
            return None
        return as_of_load(contract, self.before.pins[contract.id])

    def settle(
        self, table: IdentityTable, wanted: sql.Composable, scope: sql.Composable | None = None
    ) -> Settled:
        """Bring the table to what is wanted, see `versions.settle`; the counts are kept with the run."""
        settled = versions.settle(self.session, table, self.run_id, wanted, scope)
        known = self.counts.get(table.name, Settled(0, 0))
        self.counts[table.name] = Settled(known.added + settled.added, known.closed + settled.closed)
        return settled
