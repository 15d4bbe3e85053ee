"""Links of records by what they say of a person, scored by the linkage model of `lumbung.linkage`."""

import json
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

import pyarrow as pa
from psycopg import sql

from lumbung.linkage import engine, persons
from lumbung.resolution.links_people import CHANGED, FIELDS, PEOPLE
from lumbung.resolution.links_scope import MENTIONS
from lumbung.resolution.links_settings import Thresholds
from lumbung.warehouse import Session

# NIKs are judged before, see `links_nik`.
_COMPARED = tuple(field for field in FIELDS if field != "nik")
_BLOCK = 50_000
#: Any pair that shares a block.
_ANY = -1000.0


class Scorer:
    """Scores mentions against the register. The register is read and made ready when first needed."""

    def __init__(self, session: Session, thresholds: Thresholds) -> None:
        self._session = session
        self._model = persons.model().with_thresholds(
            thresholds.match, thresholds.possible, thresholds.margin
        )

    def score(self, mentions: sql.Composable) -> None:
        """Make `PAIRS` of the mentions that the SELECT of mention ids gives."""
        self._session.execute("DROP TABLE IF EXISTS pg_temp.link_scored, pg_temp.link_pair")
        self._session.execute(
            "CREATE TEMP TABLE link_scored (mention_id bigint, entry bigint, weight float8, "
            "probability float8, fields jsonb) ON COMMIT DROP"
        )
        asked = self._mentions(mentions)
        if asked.num_rows and self._people.num_rows:
            found = engine.link(self._model, asked, self._people)
            with self._session.cursor() as cursor, cursor.copy("COPY link_scored FROM STDIN") as copy:
                for row in _rows(found.pairs):
                    copy.write_row(row)
        # Of several entries of one person, the one that is most like the mention.
        self._session.execute(
            sql.SQL(
                "CREATE TEMP TABLE link_pair ON COMMIT DROP AS SELECT DISTINCT ON (mention_id, person_id) "
                "s.mention_id, p.person_id, s.weight, s.probability, s.fields "
                "FROM link_scored AS s JOIN {} AS p USING (entry) JOIN {} AS m USING (mention_id) "
                "WHERE p.person_id <> ALL (m.excluded) ORDER BY mention_id, person_id, weight DESC, entry"
            ).format(PEOPLE, MENTIONS)
        )
        self._session.execute("ANALYZE link_pair")

    @cached_property
    def has_changed_people(self) -> bool:
        """Whether anybody is new or changed in the register."""
        select = sql.SQL("SELECT FROM {} WHERE is_now LIMIT 1").format(CHANGED)
        return self._session.execute(select).fetchone() is not None

    def reached_by_changed(self) -> list[int]:
        """Ids of those `MENTIONS` that somebody new or changed in the register may be meant by."""
        changed = self._ready(sql.SQL("SELECT row_number() OVER () AS id, {} FROM {} WHERE is_now"), CHANGED)
        asked = self._mentions(sql.SQL("SELECT mention_id FROM {}").format(MENTIONS))
        if not changed.num_rows or not asked.num_rows:
            return []
        model = self._model.with_thresholds(_ANY, _ANY)
        pairs = engine.link(model, asked, changed).pairs
        return sorted(set(pairs["left"].to_pylist()))

    @cached_property
    def _vocabulary(self) -> persons.Vocabulary:
        rows = self._session.execute(sql.SQL("SELECT nullif(name, '') FROM {}").format(PEOPLE)).fetchall()
        return persons.Vocabulary.of(name for (name,) in rows)

    @cached_property
    def _people(self) -> pa.Table:
        return self._ready(sql.SQL("SELECT entry AS id, {} FROM {}"), PEOPLE)

    def _mentions(self, ids: sql.Composable) -> pa.Table:
        chosen = sql.SQL("SELECT mention_id AS id, {{}} FROM {{}} WHERE mention_id IN ({})").format(ids)
        return self._ready(chosen, MENTIONS)

    def _ready(self, select: sql.Composable, table: sql.Identifier) -> pa.Table:
        columns = sql.SQL(", ").join(
            sql.SQL("nullif({0}, '') AS {0}").format(sql.Identifier(name)) for name in _COMPARED
        )
        query = sql.SQL(select.as_string()).format(columns, table)
        return persons.prepared(_arrow(self._session, query), "id", self._vocabulary)


def _arrow(session: Session, query: sql.Composable) -> pa.Table:
    """What the query gives: `id` and the compared fields."""
    schema = pa.schema([("id", pa.int64()), *((name, pa.string()) for name in _COMPARED)])
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
