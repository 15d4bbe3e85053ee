"""Links of records by what they say of a person, scored by the linkage model of `lumbung.linkage`."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import pyarrow as pa
from psycopg import sql

from lumbung.linkage.model import Thresholds
from lumbung.linkage.persons import FIELDS, KEY, PersonLinker
from lumbung.linkage.persons_model import packaged
from lumbung.resolution.links_people import CHANGED, PEOPLE
from lumbung.resolution.links_people import FIELDS as SAID
from lumbung.resolution.links_scope import MENTIONS
from lumbung.resolution.links_settings import LinkSettings
from lumbung.resolution.versions import listed
from lumbung.warehouse import Session

_BLOCK = 50_000
_BEST = sql.SQL("""
CREATE TEMP TABLE link_pair ON COMMIT DROP AS
SELECT DISTINCT ON (mention_id, person_id) s.mention_id, p.person_id, s.weight, s.probability, s.fields
FROM link_scored AS s JOIN {people} AS p USING (entry) JOIN {mentions} AS m USING (mention_id)
WHERE p.person_id <> ALL (m.excluded) ORDER BY mention_id, person_id, weight DESC, entry
""").format(people=PEOPLE, mentions=MENTIONS)


class Scorer:
    """Scores mentions against the register. The register is read and made ready when first needed."""

    def __init__(self, session: Session, settings: LinkSettings) -> None:
        self._session = session
        own = packaged()
        asked = {name: getattr(settings, name) for name in Thresholds._fields}
        given = {name: value for name, value in asked.items() if value is not None}
        self._weights = replace(own, thresholds=own.thresholds._replace(**given))

    @property
    def thresholds(self) -> Thresholds:
        """The thresholds in force: the project's, else the model's own."""
        return self._weights.thresholds

    def score(self, mention_ids: sql.Composable) -> None:
        """Make `PAIRS` of the mentions that the SELECT of their ids gives."""
        self._session.execute("DROP TABLE IF EXISTS pg_temp.link_scored, pg_temp.link_pair")
        self._session.execute(
            "CREATE TEMP TABLE link_scored (mention_id bigint, entry bigint, weight float8, "
            "probability float8, fields jsonb) ON COMMIT DROP"
        )
        asked = self._mentions(mention_ids)
        if asked.num_rows and self._has_people:
            pairs = self._linker.pairs(asked).pairs
            with self._session.cursor() as cursor, cursor.copy("COPY link_scored FROM STDIN") as copy:
                for row in _rows(pairs):
                    copy.write_row(row)
        # Of several entries of one person, the one that is most like the mention.
        self._session.execute(_BEST)
        self._session.execute("ANALYZE link_pair")

    def reached_by_changed(self) -> list[int]:
        """Ids of those `MENTIONS` that somebody new or changed in the register may be meant by."""
        asked = self._mentions(sql.SQL("SELECT mention_id FROM {}").format(MENTIONS))
        if not asked.num_rows or not self.changed_entries:
            return []
        return self._linker.touched(asked, self.changed_entries)

    @cached_property
    def changed_entries(self) -> list[int]:
        """The entries of `PEOPLE` that are new or changed."""
        rows = self._session.execute(
            sql.SQL("SELECT entry FROM {} JOIN {} AS c USING (person_id, {}) WHERE c.is_now").format(
                PEOPLE, CHANGED, listed(SAID)
            )
        ).fetchall()
        return [entry for (entry,) in rows]

    @cached_property
    def _has_people(self) -> bool:
        select = sql.SQL("SELECT FROM {} LIMIT 1").format(PEOPLE)
        return self._session.execute(select).fetchone() is not None

    @cached_property
    def _linker(self) -> PersonLinker:
        people = _arrow(self._session, sql.SQL("SELECT entry, {} FROM {}").format(_compared(), PEOPLE))
        return PersonLinker(people, weights=self._weights)

    def _mentions(self, ids: sql.Composable) -> pa.Table:
        return _arrow(
            self._session,
            sql.SQL("SELECT mention_id, {} FROM {} WHERE mention_id IN ({})").format(
                _compared(), MENTIONS, ids
            ),
        )


def _compared() -> sql.Composed:
    # NIKs are judged before, see `links_nik`.
    return sql.SQL(", ").join(sql.SQL("nullif({}, '')").format(sql.Identifier(name)) for name in FIELDS)


def _arrow(session: Session, query: sql.Composed) -> pa.Table:
    """What the query gives, a number and the compared fields, as a table with those names."""
    schema = pa.schema([(KEY, pa.int64()), *((name, pa.string()) for name in FIELDS)])
    batches = []
    with session.cursor(name="link_read") as rows:
        rows.execute(query)
        while block := rows.fetchmany(_BLOCK):
            values = zip(*block, strict=True)
            columns = [pa.array(list(each), kind.type) for each, kind in zip(values, schema, strict=True)]
            batches.append(pa.record_batch(columns, schema=schema))
    return pa.Table.from_batches(batches, schema)


def _rows(pairs: pa.Table) -> Iterator[tuple[int, int, float, float, str]]:
    """The pairs for COPY; weights and probabilities rounded, so that two runs say the same."""
    for batch in pairs.to_batches(_BLOCK):
        for pair in batch.to_pylist():
            yield (
                pair["left"],
                pair["right"],
                round(pair["weight"], 2),
                round(pair["probability"], 6),
                json.dumps(_levels(pair["evidence"])),
            )


def _levels(evidence: Iterable[dict[str, Any]]) -> dict[str, str]:
    return {one["comparison"]: one["level"] for one in evidence}
