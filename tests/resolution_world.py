"""Datasets whose contracts speak of entities, their rows made history without the stages before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from psycopg import sql

from lumbung import history_table
from lumbung.hub import Hub
from lumbung.resolution.run import Run
from lumbung.resolution.stage import identify
from lumbung.settings import Settings
from lumbung.warehouse import Session, Warehouse
from schemas.catalogue import Catalogue
from schemas.contract import Contract
from schemas.entities import Entities
from schemas.register import Register
from tests.release_project import contract

Row = Sequence[object]


@dataclass
class World:
    """A hub whose datasets' rows are set by hand; `steps` are what a run of entity resolution does."""

    folder: Path
    warehouse: Warehouse
    steps: tuple[Callable[[Run], None], ...]
    sources: dict[str, Contract] = field(default_factory=dict)

    @property
    def hub(self) -> Hub:
        settings = Settings(self.folder, self.folder, self.warehouse.url)
        return Hub(settings, self.warehouse, Catalogue(self.sources, {}))

    def dataset(
        self, name: str, columns: str, *, entities: Entities | None = None, register: Register | None = None
    ) -> None:
        """Declare a dataset with columns written as `id bigint, label text`, the first one its key."""
        made = contract(name, columns, key=columns.split()[0])
        made = replace(
            made, entities=entities or Entities(), register=register or Register(), owner=made.source
        )
        self.sources[name] = made
        with self.warehouse.connect() as session:
            history_table.ensure(session, made, 0).index(session)

    def rows(self, name: str, *rows: Row) -> None:
        """Apply a load of these rows and no others; rows that stay as they were keep their version."""
        made = self.sources[name]
        with self.warehouse.connect() as session:
            load_id = _book(session, made, len(rows))
            known = session.execute(
                sql.SQL("SELECT {} FROM {} WHERE to_load_id IS NULL").format(_columns(made), _history(made))
            ).fetchall()
            for row in {tuple(map(str, row)) for row in known} - {tuple(map(str, row)) for row in rows}:
                session.execute(
                    sql.SQL(
                        "UPDATE {} SET to_load_id = %s, recorded_to = now() "
                        "WHERE to_load_id IS NULL AND {} = %s"
                    ).format(_history(made), sql.Identifier(made.key[0])),
                    [load_id, row[0]],
                )
            kept = {tuple(map(str, row)) for row in known}
            for row in rows:
                if tuple(map(str, row)) not in kept:
                    session.execute(
                        sql.SQL(
                            "INSERT INTO {} ({}, source_hash, recorded_from, recorded_to, from_load_id) "
                            "VALUES ({}, 0, now(), 'infinity', %s)"
                        ).format(
                            _history(made), _columns(made), sql.SQL(", ").join(sql.Placeholder() * len(row))
                        ),
                        [*row, load_id],
                    )

    def identify(self) -> int:
        """A run of entity resolution."""
        return identify(self.hub, self.steps)

    def query(self, select: str, *values: object) -> list[tuple[Any, ...]]:
        """What is in the warehouse."""
        with self.warehouse.connect() as session:
            return session.execute(select.encode(), values or None).fetchall()


def _columns(made: Contract) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in made.names)


def _history(made: Contract) -> sql.Identifier:
    return sql.Identifier("history", made.table)


def _book(session: Session, dataset: Contract, count: int) -> int:
    before = session.execute(
        sql.SQL("SELECT count(*) FROM {} WHERE to_load_id IS NULL").format(_history(dataset))
    ).fetchone()
    assert before is not None
    row = session.execute(
        "INSERT INTO ops.load (dataset, mode, state, contract_version, contract_fingerprint, read_count, "
        "staged_count, quarantined_count, filtered_count, superseded_count, added_count, changed_count, "
        "removed_count, confirmed_count, before_count, after_count) VALUES (%(d)s, 'snapshot', 'applied', "
        "'1', 'f', %(n)s, %(n)s, 0, 0, 0, %(n)s, 0, %(b)s, 0, %(b)s, %(n)s) RETURNING load_id",
        {"d": dataset.id, "n": count, "b": before[0]},
    ).fetchone()
    assert row is not None
    session.execute(
        "INSERT INTO ops.dataset (dataset, contract_fingerprint, contract_version, columns, "
        "last_applied_load_id, last_changed_load_id) VALUES (%(d)s, 'f', '1', '{}', %(l)s, %(l)s) "
        "ON CONFLICT (dataset) DO UPDATE SET last_applied_load_id = %(l)s, last_changed_load_id = %(l)s",
        {"d": dataset.id, "l": row[0]},
    )
    return int(row[0])
