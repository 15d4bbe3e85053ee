"""Which resident a record without NIK is about: a match, somebody possible for people to decide, or nobody.

linker = PersonLinker(residents)          # once: some seconds for 200,000
decisions = linker.link(records)          # as often as records come
"""

from collections.abc import Collection
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lumbung.linkage import assignment, engine
from lumbung.linkage.persons_fields import FIELDS, PartsOf, Vocabulary, prepared, texts
from lumbung.linkage.persons_model import KEY, Weights, packaged, person_model
from lumbung.linkage.records import Records, Resources, as_arrow
from lumbung.linkage.results import Scored
from lumbung.linkage.workspace import workspace

__all__ = ["FIELDS", "KEY", "PersonLinker"]

#: Below every weight that a pair can have.
_ANY = -1000.0


class PersonLinker:
    """Residents made ready once, records linked to them as they come.

    `residents` and `records` are tables (see `Records`) with a unique column `id` of any type and, of FIELDS,
    what is known: `name`, `sex` (L/P, 1/2), `birth_date` (a date, or text in either order; a year alone, or
    zeros for day and month, are taken as that), `birth_place`, `address`, `rt`, `rw`, `kelurahan` (its name),
    `kk_number`, `mother_name`. A column that is not there is unknown for all.

    Raises `RecordsRefused` for tables without `id`, or with one that is empty or comes twice.
    """

    def __init__(
        self, residents: Records, *, weights: Weights | None = None, resources: Resources | None = None
    ) -> None:
        self._resources = resources or Resources()
        self._parts_of = PartsOf()
        table = as_arrow(residents)
        self.model = person_model(weights or packaged(), table.num_rows)
        self._vocabulary = Vocabulary.of(texts(table, "name").to_pylist(), self._parts_of)
        self._residents = self._prepared(table)

    def link(self, records: Records, *, only_residents: Collection[Any] | None = None) -> pa.Table:
        """A row for each record: record_id, resident_id, outcome, score, second, evidence.

        `outcome` is `match` (one resident, well before any other), `possible` (the best of those that people
        should look at) or `none` (resident_id is NULL). `score` is the pair's weight in bits, 0 being even
        odds; `second` that of the next best resident, NULL without one. `evidence` is JSON: of each
        comparison the level reached and its weight, without the values compared.

        With `only_residents` (ids), only the records are decided that share a block with one of them, each
        against all residents, and only those are in the table: what a change of these residents may change.
        A record that was theirs before the change and shares nothing with them now has to be linked anew.
        """
        ready = self._prepared(as_arrow(records))
        if only_residents is not None:
            ready = ready.filter(_among(ready[KEY], self._near(ready, only_residents)))
        return self.decided(ready[KEY], self._scored(ready))

    def touched(self, records: Records, residents: Collection[Any]) -> list[Any]:
        """Ids of the records that share a block with one of the residents (ids), as `only_residents` does."""
        return self._near(self._prepared(as_arrow(records)), residents)

    def pairs(self, records: Records) -> Scored:
        """All pairs from `possible` up, best first: what a list for review shows."""
        return self._scored(self._prepared(as_arrow(records)))

    def decided(self, record_ids: pa.ChunkedArray, scored: Scored) -> pa.Table:
        """What `link` gives, of the pairs of these records."""
        best = assignment.best(self.model, scored)
        with workspace(self._resources) as database:
            database.register("given", pa.table({KEY: record_ids}))
            database.register("best", best)
            return database.sql(_DECISIONS).to_arrow_table()

    def _prepared(self, persons: pa.Table) -> pa.Table:
        return prepared(persons, KEY, self._vocabulary, self._parts_of)

    def _scored(self, ready: pa.Table) -> Scored:
        return engine.link(self.model, ready, self._residents, resources=self._resources)

    def _near(self, ready: pa.Table, residents: Collection[Any]) -> list[Any]:
        some = self._residents.filter(_among(self._residents[KEY], residents))
        # Who shares a block with them; weights don't matter here, being those of a town of few.
        open_to_all = self.model.with_thresholds(0, _ANY, 0)
        found = engine.link(open_to_all, ready, some, resources=self._resources)
        ids: list[Any] = found.pairs["left"].unique().to_pylist()
        return ids


_DECISIONS = f"""
    SELECT given."{KEY}" AS record_id, "right" AS resident_id, coalesce(outcome, 'none') AS outcome,
        weight AS score, second, to_json(evidence) AS evidence
    FROM given LEFT JOIN best ON given."{KEY}" = best."left" ORDER BY 1
"""


def _among(keys: pa.ChunkedArray, wanted: Collection[Any]) -> pa.ChunkedArray:
    return pc.is_in(keys, value_set=pa.array(list(wanted), keys.type))
