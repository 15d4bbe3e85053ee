"""A project of a few small models, and loads applied to its history without the stages before."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from psycopg import sql

from lumbung.models import Models, load_models
from lumbung.release import build, plan
from lumbung.releases import ReleaseOutcome, mark_checked, unchecked_tables
from lumbung.views import swap
from lumbung.warehouse import Session, Warehouse
from schemas.catalogue import Catalogue
from schemas.contract import Column, Contract

DAY = date(2024, 8, 7)
KINDS = {"bigint": "integer", "text": "string", "date": "date"}


def contract(name: str, columns: str, *, key: str = "id", file: Path = Path("none")) -> Contract:
    """A contract called `name` with columns written as `id bigint, label text`."""
    pairs = [c.strip().split(" ", 1) for c in columns.split(",")]
    kind: Literal["source", "published"] = "published" if name.startswith("published.") else "source"
    return Contract(
        id=name, kind=kind, version="1.0.0", status="active", title=name, description="", owner="test",
        tags=(), file=file, physical_name=name,
        columns=tuple(
            Column(n, n, KINDS.get(t, "number"), t, key_position=1 if n == key else None) for n, t in pairs
        ),
    )  # fmt: skip


@dataclass
class Project:
    """A folder of models with the contracts that they need."""

    folder: Path
    sources: dict[str, Contract] = field(default_factory=dict)
    published: dict[str, Contract] = field(default_factory=dict)

    def source(self, name: str, columns: str) -> None:
        """Declare a dataset."""
        self.sources[name] = contract(name, columns)

    def integrated(self, entity: str, select: str) -> Path:
        """Write the model of an integrated entity."""
        return self._write(self.folder / "warehouse" / "integrated" / f"{entity}.sql", select)

    def table(self, name: str, columns: str, select: str, *, key: str = "id") -> Path:
        """Write the model and contract of a published table."""
        file = self.folder / "schemas" / "published" / "city" / f"{name}.odcs.yaml"
        self.published[name] = contract(f"published.{name}", columns, key=key, file=file)
        return self.model(name, select)

    def model(self, name: str, select: str) -> Path:
        """Write the model of a published table only."""
        return self._write(self.folder / "warehouse" / "published" / "city" / f"{name}.sql", select)

    def load(self) -> Models:
        """The project's models."""
        return load_models(self.folder, Catalogue(self.sources, self.published))

    def _write(self, file: Path, text: str) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file


class History:
    """Loads applied as whole snapshots: every load replaces all rows of its dataset."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse

    def apply(self, dataset: Contract, rows: list[tuple[object, ...]] | None, fingerprint: str = "f") -> int:
        """Apply a load of `rows`, or one that confirms all rows (None). Returns the load's number."""
        with self.warehouse.connect() as session:
            self._create(session, dataset)
            changes = 0 if rows is None else max(1, len(rows))
            load_id = self._book(session, dataset, changes, fingerprint)
            if rows is not None:
                self._replace(session, dataset, rows, load_id)
            return load_id

    def _create(self, session: Session, dataset: Contract) -> None:
        columns = [
            sql.SQL("{} " + column.pg_type).format(sql.Identifier(column.name)) for column in dataset.columns
        ]
        session.execute(
            sql.SQL(
                "CREATE TABLE IF NOT EXISTS {} ({}, from_load_id bigint NOT NULL, to_load_id bigint)"
            ).format(sql.Identifier("history", dataset.table), sql.SQL(", ").join(columns))
        )

    def _book(self, session: Session, dataset: Contract, changes: int, fingerprint: str) -> int:
        row = session.execute(
            "INSERT INTO ops.load (dataset, mode, state, contract_version, contract_fingerprint, "
            "read_count, staged_count, quarantined_count, filtered_count, superseded_count, "
            "added_count, changed_count, removed_count, confirmed_count, before_count, after_count) "
            "VALUES (%(d)s, 'snapshot', 'applied', '1', %(f)s, %(n)s, %(n)s, 0, 0, 0, "
            "%(n)s, 0, 0, 0, 0, %(n)s) RETURNING load_id",
            {"d": dataset.id, "n": changes, "f": fingerprint},
        ).fetchone()
        assert row is not None
        session.execute(
            "INSERT INTO ops.dataset (dataset, contract_fingerprint, contract_version, columns, "
            "last_applied_load_id) VALUES (%(d)s, 'f', '1', '{}', %(l)s) "
            "ON CONFLICT (dataset) DO UPDATE SET last_applied_load_id = %(l)s",
            {"d": dataset.id, "l": row[0]},
        )
        return int(row[0])

    def _replace(
        self, session: Session, dataset: Contract, rows: list[tuple[object, ...]], load_id: int
    ) -> None:
        table = sql.Identifier("history", dataset.table)
        session.execute(
            sql.SQL("UPDATE {} SET to_load_id = %s WHERE to_load_id IS NULL").format(table), [load_id]
        )
        if rows:
            marks = sql.SQL(", ").join([sql.Placeholder()] * (len(rows[0]) + 1))
            with session.cursor() as cursor:
                insert = sql.SQL("INSERT INTO {} VALUES ({})").format(table, marks)
                cursor.executemany(insert, [(*row, load_id) for row in rows])


def make(warehouse: Warehouse, models: Models, as_of_date: date = DAY) -> int:
    """Plan and build a release, and let every table pass. Returns its number."""
    release_id = plan(warehouse, models, as_of_date)
    for model in models:
        build(warehouse, models, release_id, model.name)
    for table in unchecked_tables(warehouse, release_id):
        mark_checked(warehouse, release_id, table.name, "passed")
    return release_id


def publish(
    warehouse: Warehouse, models: Models, *, breaking: bool = False, as_of_date: date = DAY
) -> ReleaseOutcome:
    """A whole release, made visible."""
    return swap(warehouse, make(warehouse, models, as_of_date), breaking=breaking)


def rows(warehouse: Warehouse, query: str) -> list[tuple[object, ...]]:
    """What a reader gets."""
    with warehouse.connect() as session:
        return session.execute(query.encode()).fetchall()
