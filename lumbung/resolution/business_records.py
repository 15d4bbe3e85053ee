"""What the records of a run say of businesses, read and parsed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg import sql

from lumbung.businesses.linking import Mention
from lumbung.businesses.names import name_of
from lumbung.businesses.numbers import nib_of, npwp_of
from lumbung.history_rows import versions_until
from lumbung.resolution.run import Run
from lumbung.resolution.tables import role_table
from lumbung.resolution.versions import as_of, listed
from schemas.contract import Contract
from schemas.entities import BusinessRole

_TEXTS = ("nib", "npwp", "name", "address")


@dataclass(frozen=True)
class BusinessRecord:
    """One row's say in one role; `number` is that of the role's temporary table, see `make_records`."""

    role: int
    number: int
    dataset: str
    since: datetime
    name: str = field(repr=False)
    address: str = field(repr=False)
    region_code: str | None
    mention: Mention = field(repr=False)

    @property
    def npwp(self) -> str:
        """The taxpayer's number of 16 digits; empty without one."""
        return self.mention.npwp.number if self.mention.npwp else ""

    @property
    def owner(self) -> str:
        """The owner's person_id as text; empty where none is known."""
        return str(self.mention.owner or "")


def records_table(role: int) -> sql.Identifier:
    """The temporary table of a role's rows: number, since, the dataset's key, and what they say."""
    return sql.Identifier("pg_temp", f"business_record_{role}")


def make_records(run: Run, number: int, contract: Contract, role: BusinessRole) -> Iterator[BusinessRecord]:
    """Make the role's temporary table, and give each of its rows that says anything of a business."""
    table = records_table(number)
    run.session.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))
    run.session.execute(
        sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS {}").format(
            sql.Identifier(f"business_record_{number}"), _select(run, contract, role)
        )
    )
    keys = sql.SQL("jsonb_build_array({})::text").format(listed(contract.key))
    rows = run.session.execute(
        sql.SQL("SELECT number, since, {}, owner_id, region_code, {} FROM {}").format(
            keys, listed(tuple(f"said_{name}" for name in _TEXTS)), table
        )
    )
    for row in rows:
        yield _record(run, number, f"{contract.id}/{role.role}", row)


def _record(run: Run, role: int, where: str, row: tuple[Any, ...]) -> BusinessRecord:
    number, since, key, owner, region, nib, npwp, name, address = row
    mention = Mention(
        json.dumps([where, key]),
        nib_of(nib),
        npwp_of(npwp, run.settings.today()),
        name_of(name),
        address,
        region or "",
        owner,
    )
    return BusinessRecord(role, number, where.split("/")[0], since, name, address, region, mention)


def _select(run: Run, contract: Contract, role: BusinessRole) -> sql.Composed:
    """The rows that are open at the pin, with their owner and region as the run has settled them so far."""
    said = sql.SQL(", ").join(_text(role, name) for name in _TEXTS)
    anything = sql.SQL(" OR ").join(
        sql.SQL("{} IS NOT NULL").format(sql.Identifier("r", column))
        for column in (role.nib, role.npwp, role.name)
        if column
    )
    owner = _beside(run, contract, "persons", role.owner, "person_id")
    region = _beside(run, contract, "places", _place_of(contract, role), "region_code")
    return sql.SQL(
        "SELECT row_number() OVER (ORDER BY {keys}) AS number, recorded_from AS since, {keys}, "
        "{owner} AS owner_id, {region} AS region_code, {said} FROM ({rows}) AS r "
        "WHERE recorded_to = 'infinity' AND ({anything})"
    ).format(
        keys=listed(contract.key, "r"),
        owner=owner,
        region=region,
        said=said,
        rows=versions_until(contract, run.pins[contract.id]),
        anything=anything,
    )


def _text(role: BusinessRole, name: str) -> sql.Composed:
    column = getattr(role, name)
    value = sql.SQL("coalesce(btrim({}::text), '')").format(sql.Identifier("r", column)) if column else None
    return sql.SQL("{} AS {}").format(value or sql.Literal(""), sql.Identifier(f"said_{name}"))


def _beside(run: Run, contract: Contract, kind: str, role: str, column: str) -> sql.Composable:
    """What another role's table says of the same row; NULL without such a role."""
    if not role:
        return sql.SQL("NULL::uuid" if kind == "persons" else "NULL::text")
    table = role_table(contract, kind, role)
    return sql.SQL("(SELECT o.{} FROM ({}) AS o WHERE ({}) = ({}))").format(
        sql.Identifier(column),
        as_of(table, run.run_id),
        listed(contract.key, "o"),
        listed(contract.key, "r"),
    )


def _place_of(contract: Contract, role: BusinessRole) -> str:
    """The role of the place that the business's kelurahan is; empty where the contract has none."""
    named = (place.role for place in contract.entities.places if place.kelurahan == role.kelurahan != "")
    return next(named, "")
