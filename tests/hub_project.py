"""A small city on real servers: a source of two days, the hub, two tables published from it.

`City` runs the stages as a scheduler would; `Sight` is all that anybody could see of the outcome, so that
two runs can be compared, and `faults` is what no reader may ever see.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg

from connectors.base import Connection
from connectors.connection import parse_connection
from lumbung import judging, pipeline
from lumbung.pipeline import Hub
from lumbung.settings import Settings
from lumbung.warehouse import Warehouse
from schemas.catalogue import Catalogue, load_catalogue
from tests.services import postgres_database

DATASET = "siak.residents"
DAY = date(2024, 8, 7)
ROWS = 20_000
TABLES = ("published.by_kelurahan", "published.by_year")
STAGES = ("land", "validate", "gate", "apply", "plan", "build", "check", "release")
#: How a client ends that could not go on and said so in one line.
GAVE_UP = 3

_SOURCE = """
apiVersion: v3.2.0
kind: DataContract
id: siak.residents
version: 1.0.0
status: active
name: Residents
team: {name: disdukcapil}
servers: [{server: siak, type: postgres, host: siak.example, port: 5432, database: siak, schema: public}]
schema:
  - name: residents
    physicalName: residents
    properties:
      - {name: nik, logicalType: string, logicalTypeOptions: {pattern: '^[0-9]{16}$'}, primaryKey: true,
         primaryKeyPosition: 1, required: true, classification: personal}
      - {name: full_name, logicalType: string, required: true, classification: personal}
      - {name: birth_date, logicalType: date, classification: personal}
      - {name: kelurahan, logicalType: string, classification: public}
      - {name: income_amount, logicalType: number, physicalType: 'decimal(18,2)', classification: personal}
slaProperties: [{property: frequency, value: 1, unit: d, schedule: '0 1 * * *', scheduler: cron}]
customProperties:
  - {property: sync, value: {mode: snapshot, maxDeletePct: 20, maxRefusedPct: 20}}
"""
_TABLE = """
apiVersion: v3.2.0
kind: DataContract
id: published.%(name)s
version: 1.0.0
status: active
name: %(name)s
team: {name: disdukcapil}
schema:
  - name: %(name)s
    properties:
      - {name: %(column)s, logicalType: %(kind)s, primaryKey: true, primaryKeyPosition: 1, required: true,
         classification: public}
      - {name: residents_count, logicalType: integer, required: true, classification: public}
      - {name: income_amount, logicalType: number, classification: public}
"""
_FILES = {
    "schemas/sources/siak/residents.odcs.yaml": _SOURCE,
    "schemas/published/people/by_kelurahan.odcs.yaml": _TABLE
    % {"name": "by_kelurahan", "column": "kelurahan", "kind": "string"},
    "schemas/published/people/by_year.odcs.yaml": _TABLE
    % {"name": "by_year", "column": "birth_year", "kind": "integer"},
    "warehouse/integrated/person.sql": (
        "SELECT nik, kelurahan, extract(year FROM birth_date)::bigint AS birth_year, income_amount "
        "FROM current.siak__residents"
    ),
    "warehouse/published/people/by_kelurahan.sql": (
        "SELECT kelurahan, count(*) AS residents_count, sum(income_amount) AS income_amount "
        "FROM integrated.person GROUP BY kelurahan"
    ),
    "warehouse/published/people/by_year.sql": (
        "SELECT birth_year, count(*) AS residents_count, sum(income_amount) AS income_amount "
        "FROM integrated.person GROUP BY birth_year"
    ),
}
# Every 50th row changes on the second day, every 90th goes, 300 come; of those refused on the first day some
# are corrected on the second, some stay wrong, some are wrong in another way.
_DAYS = """
CREATE TABLE day_1 AS SELECT
    CASE WHEN n %% 2003 = 0 THEN '6.17101E+15' ELSE (6171000000000000 + n)::text END AS nik,
    'Name ' || n AS full_name,
    CASE WHEN n %% 997 = 0 THEN '0000-00-00' ELSE (date '1950-01-01' + n)::text END AS birth_date,
    'Kelurahan ' || n %% 29 AS kelurahan,
    (n * 7 %% 1000)::text || '.50' AS income_amount
FROM generate_series(1, %(rows)s) AS n;
CREATE TABLE day_2 AS SELECT
    CASE WHEN n %% 2003 = 0 THEN 'wrong' ELSE (6171000000000000 + n)::text END AS nik,
    'Name ' || n AS full_name,
    CASE WHEN n %% (997 * 2) = 0 THEN '2024-13-45' WHEN n %% 1499 = 0 THEN 'yesterday'
         ELSE (date '1950-01-01' + n)::text END AS birth_date,
    'Kelurahan ' || n %% 29 AS kelurahan,
    (n * 7 %% 1000 + CASE WHEN n %% 50 = 0 THEN 1 ELSE 0 END)::text || '.50' AS income_amount
FROM generate_series(1, %(rows)s + 300) AS n WHERE n %% 90 <> 0;
CREATE VIEW residents AS SELECT * FROM day_1
"""


@contextmanager
def source(rows: int = ROWS) -> Iterator[str]:
    """URL of a source database that shows its first day."""
    with postgres_database() as url:
        with psycopg.connect(url, autocommit=True) as link:
            link.execute((_DAYS % {"rows": rows}).encode())
        yield url


def show_day(source_url: str, day: int) -> None:
    """Let the source be as on that day, 1 or 2."""
    with psycopg.connect(source_url, autocommit=True) as link:
        link.execute(f"CREATE OR REPLACE VIEW residents AS SELECT * FROM day_{day}".encode())


def write_project(folder: Path) -> Path:
    """The project's contracts and models below `folder`."""
    for name, text in _FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


@cache
def catalogue_of(project: Path) -> Catalogue:
    return load_catalogue(project)


@dataclass(frozen=True)
class City:
    """A project, its source and its warehouse."""

    project: Path
    warehouse_url: str
    source_url: str

    def hub(self) -> Hub:
        """The project's hub on its warehouse, which is migrated already."""
        settings = Settings(self.project, self.project / "var", self.warehouse_url)
        return Hub(settings, Warehouse(self.warehouse_url), catalogue_of(self.project), self.resolve)

    def resolve(self, name: str) -> Connection:
        """The source's connection."""
        return parse_connection(name, self.source_url)

    def run(self, reached: Callable[[str], None] = lambda stage: None) -> None:
        """A day's sync and release; `reached` is told the name of each stage as it begins."""
        judge = judging.judge_load

        def announced(*args: object) -> None:
            reached("gate")
            judge(*args)  # type: ignore[arg-type]

        hub = self.hub()
        reached("land")
        load_id = pipeline.land(hub, DATASET)
        with patch.object(judging, "judge_load", announced):
            reached("validate")
            pipeline.validate(hub, load_id)
        reached("apply")
        pipeline.apply(hub, load_id)
        self._publish(hub, reached)

    def _publish(self, hub: Hub, reached: Callable[[str], None]) -> None:
        reached("plan")
        release_id = pipeline.plan_release(hub, DAY)
        reached("build")
        for table in ("integrated.person", *TABLES):
            pipeline.build(hub, release_id, table)
        reached("check")
        pipeline.check(hub, release_id)
        reached("release")
        pipeline.release(hub, release_id)

    def run_sql(self, statement: str) -> None:
        """Change something behind the hub's back."""
        with psycopg.connect(self.warehouse_url, application_name="someone") as session:
            session.execute(statement.encode())

    def query(self, statement: str) -> list[tuple[object, ...]]:
        """What a reader gets."""
        with psycopg.connect(self.warehouse_url, application_name="reader") as session:
            return session.execute(statement.encode()).fetchall()


@dataclass(frozen=True)
class Sight:
    """The contents of a warehouse, without what may differ from run to run (ids, times).

    Loads are told by their place among those that changed something.
    """

    current: object
    published: tuple[Any, ...]
    history: object
    quarantine: object

    @property
    def residents(self) -> int:
        """How many residents the published tables count."""
        (_, first, _), (_, second, _) = self.published
        assert first == second
        return int(first)

    @classmethod
    def of(cls, city: City) -> "Sight":
        """As it is now."""
        return cls(seen_current(city), seen_published(city), _history(city), _quarantine(city))


def seen_current(city: City) -> object:
    """A digest of the open versions."""
    return city.query(f"SELECT count(*), {_digest('c')} FROM current.siak__residents AS c")[0]


def seen_published(city: City) -> tuple[Any, ...]:
    """Digests of both tables, read in one statement as one reader would."""
    selects = ", ".join(
        f"(SELECT (count(*), sum(residents_count), {_digest('t')}) FROM {t} AS t)" for t in TABLES
    )
    return city.query(f"SELECT {selects}")[0]


def _digest(alias: str) -> str:
    return f"md5(string_agg({alias}::text, ' ' ORDER BY {alias}::text))"


_RANKS = (
    "WITH ranks AS (SELECT load_id, row_number() OVER (ORDER BY load_id) AS rank FROM ops.load "
    "WHERE state = 'applied' AND added_count + changed_count + removed_count > 0) "
)
_VERSIONS = (
    "SELECT nik, full_name, birth_date, kelurahan, income_amount, source_hash, "
    "b.rank AS began, e.rank AS ended FROM history.siak__residents "
    "LEFT JOIN ranks b ON b.load_id = from_load_id LEFT JOIN ranks e ON e.load_id = to_load_id"
)
_ENTRIES = (
    "SELECT row_key, has_key, rows, reasons, state, o.rank AS opened, c.rank AS closed "
    "FROM quarantine.entry LEFT JOIN ranks o USING (load_id) "
    "LEFT JOIN ranks c ON c.load_id = closed_by_load_id"
)


def _history(city: City) -> object:
    return city.query(f"{_RANKS} SELECT count(*), count(ended), {_digest('v')} FROM ({_VERSIONS}) AS v")[0]


def _quarantine(city: City) -> object:
    return city.query(f"{_RANKS} SELECT count(*), count(closed), {_digest('v')} FROM ({_ENTRIES}) AS v")[0]


FAULTS = {
    "version half closed": (
        "SELECT 1 FROM history.siak__residents WHERE (recorded_to = 'infinity') <> (to_load_id IS NULL)"
    ),
    "two open versions": (
        "SELECT 1 FROM history.siak__residents WHERE recorded_to = 'infinity' "
        "GROUP BY nik HAVING count(*) > 1"
    ),
    "version of a load that was not applied": (
        "SELECT 1 FROM history.siak__residents h WHERE NOT EXISTS (SELECT FROM ops.load "
        "WHERE load_id = h.from_load_id AND state = 'applied') OR h.to_load_id IS NOT NULL AND NOT EXISTS "
        "(SELECT FROM ops.load WHERE load_id = h.to_load_id AND state = 'applied')"
    ),
    "last load is not the last one applied": (
        "SELECT 1 FROM ops.dataset d WHERE last_applied_load_id IS DISTINCT FROM "
        "(SELECT max(load_id) FROM ops.load l WHERE l.dataset = d.dataset AND state = 'applied')"
    ),
    "ledger that does not add up": (
        "SELECT 1 FROM ops.load WHERE state = 'applied' AND (after_count <> before_count + added_count "
        "- removed_count OR read_count <> staged_count + quarantined_count + filtered_count "
        "+ superseded_count OR staged_count <> added_count + changed_count + confirmed_count)"
    ),
    "last count is not history's": (
        "SELECT 1 FROM ops.dataset JOIN ops.load ON load_id = last_applied_load_id WHERE after_count <> "
        "(SELECT count(*) FROM history.siak__residents WHERE recorded_to = 'infinity')"
    ),
    "load applied without the gate": (
        "SELECT 1 FROM ops.load l WHERE state = 'applied' AND NOT EXISTS "
        "(SELECT FROM ops.check_result c WHERE c.load_id = l.load_id)"
    ),
    "key both good and refused anew": (
        "SELECT 1 FROM quarantine.entry e JOIN history.siak__residents h ON h.nik = e.row_key "
        "WHERE e.state = 'open' AND h.recorded_to = 'infinity' AND h.from_load_id >= e.load_id"
    ),
    "released table without its checks": (
        "SELECT 1 FROM ops.release JOIN ops.release_table USING (release_id) WHERE state = 'released' "
        "AND (check_state NOT IN ('passed', 'flagged') OR row_count IS NULL)"
    ),
}  # fmt: skip


def faults(city: City) -> list[str]:
    """What is half done, by name; nothing ever should be."""
    return [name for name, query in FAULTS.items() if city.query(f"{query} LIMIT 1")]
