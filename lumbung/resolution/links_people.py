"""The people to whom records are linked, as the register knows them in a run.

Whoever left the register is still there as last known: records speak of people who moved or died since.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg import sql

from lumbung.resolution import versions
from lumbung.resolution.run import Run
from lumbung.resolution.tables import PERSON_KEY
from schemas.catalogue import Catalogue
from schemas.contract import Contract

#: What is compared, of records and of people; texts, empty where nothing is known, dates in ISO form.
FIELDS = (
    "nik", "name", "birth_date", "birth_place", "sex", "address", "rt", "rw", "kelurahan", "kk_number",
    "mother_name",
)  # fmt: skip
#: One row per entry of the register: entry (number, from 1), person_id and the fields.
PEOPLE = sql.Identifier("pg_temp", "link_person")
#: Entries that are new, gone or otherwise since the run before: person_id and the fields, `is_now` for those
#: that there are now.
CHANGED = sql.Identifier("pg_temp", "link_changed_person")

#: The kind of key (column `source` of `person_key`) that a part of the register knows people by.
_KEYS = {"residents": "nik", "foreigners": "document"}
_OF_THE_CARD = ("address", "rt", "rw")
#: The code list with the names of regions, and the digits of each level of a code.
_REGIONS = "reference.region"
_LEVELS = {"province": 2, "regency": 2, "district": 2, "village": 4}


def make_people(run: Run) -> None:
    """Make `PEOPLE` and `CHANGED`."""
    run.session.execute("DROP TABLE IF EXISTS pg_temp.link_person, pg_temp.link_changed_person")
    now = people(run.catalogue, run.pins, _keys(run.run_id))
    run.session.execute(
        sql.SQL(
            "CREATE TEMP TABLE link_person ON COMMIT DROP AS "
            "SELECT row_number() OVER (ORDER BY person_id, nik, name) AS entry, * FROM ({}) AS p"
        ).format(now)
    )
    run.session.execute(
        sql.SQL("CREATE TEMP TABLE link_changed_person ON COMMIT DROP AS {}").format(_changed(run, now))
    )
    run.session.execute("ANALYZE link_person, link_changed_person")


def _changed(run: Run, now: sql.Composable) -> sql.Composable:
    columns = versions.listed(("person_id", *FIELDS))
    before = run.before
    if before is None or not before.same_rules or not _may_have_changed(run):
        return sql.SQL("SELECT {}, true AS is_now FROM {} WHERE false").format(columns, PEOPLE)
    then = people(run.catalogue, before.pins, _keys(before.run_id))
    return sql.SQL(
        "SELECT *, true AS is_now FROM (SELECT {columns} FROM {people} EXCEPT ({then})) AS come "
        "UNION ALL SELECT *, false FROM (({then}) EXCEPT SELECT {columns} FROM {people}) AS gone"
    ).format(columns=columns, people=PEOPLE, then=then)


def _may_have_changed(run: Run) -> bool:
    settled = run.counts.get(PERSON_KEY.name)
    keys_changed = settled is not None and (settled.added or settled.closed)
    return bool(keys_changed) or any(
        run.catalogue.sources[dataset].register.part
        for dataset in run.changed
        if dataset in run.catalogue.sources
    )


def _keys(run_id: int) -> sql.Composed:
    return versions.as_of(PERSON_KEY, run_id)


def people(catalogue: Catalogue, pins: Mapping[str, int], keys: sql.Composable) -> sql.Composable:
    """A SELECT of person_id and the fields, a row for each entry of the register by those loads.

    `keys` is a SELECT of `person_key`; entries whose key it has not are left out.
    """
    there = [c for c in catalogue.sources.values() if c.id in pins]
    cards = next((_latest(c, pins) for c in there if c.register.part == "family_cards"), None)
    regions = next((_latest(c, pins) for c in there if c.id == _REGIONS), None)
    entries = [
        _entries(c, _latest(c, pins), keys, _Beside(cards, regions))
        for c in there
        if c.register.part in _KEYS
    ]
    if not entries:
        nothing = sql.SQL(", ").join(sql.SQL("NULL::text AS {}").format(sql.Identifier(f)) for f in FIELDS)
        return sql.SQL("SELECT NULL::uuid AS person_id, {} WHERE false").format(nothing)
    return sql.SQL(" UNION ").join(entries)


@dataclass(frozen=True)
class _Beside:
    """SELECTs of what is joined to an entry: its family card, the names of regions; None where not there."""

    cards: sql.Composable | None
    regions: sql.Composable | None


def _entries(contract: Contract, rows: sql.Composable, keys: sql.Composable, beside: _Beside) -> sql.Composed:
    register = contract.register
    beside = _Beside(
        beside.cards if register.kk_number else None, beside.regions if _says_region(contract) else None
    )
    values = sql.SQL(", ").join(
        sql.SQL("{} AS {}").format(_value(contract, field, beside), sql.Identifier(field)) for field in FIELDS
    )
    joins: list[sql.Composable] = [
        sql.SQL(
            "SELECT k.person_id, {} FROM ({}) AS r JOIN ({}) AS k ON k.source = {} AND k.key = r.{}"
        ).format(values, rows, keys, sql.Literal(_KEYS[register.part]), sql.Identifier(register.key))
    ]
    if beside.cards:
        card = sql.Identifier("r", register.kk_number)
        joins.append(sql.SQL("LEFT JOIN ({}) AS c ON c.kk_number = {}").format(beside.cards, card))
    if beside.regions:
        joins.append(
            sql.SQL(
                "LEFT JOIN (SELECT region_code, min(region_name) AS region_name FROM ({}) AS g "
                "GROUP BY region_code) AS g ON g.region_code = {}"
            ).format(beside.regions, _region_code(contract))
        )
    return sql.SQL(" ").join(joins)


def _value(contract: Contract, field: str, beside: _Beside) -> sql.Composable:
    register, named = contract.register, contract.register.columns
    if field == "nik" and register.part == "residents":
        return text_of(sql.Identifier("r", register.key))
    if field == "name" and register.family_name:
        both = sql.SQL("concat_ws(' ', btrim({}), btrim({}))").format(
            sql.Identifier("r", register.name), sql.Identifier("r", register.family_name)
        )
        return text_of(both)
    if field in named:
        return text_of(sql.Identifier("r", named[field]))
    if field in _OF_THE_CARD and beside.cards:
        return text_of(sql.Identifier("c", field))
    if field == "kelurahan" and beside.regions:
        return text_of(sql.Identifier("g", "region_name"))
    return sql.SQL("''::text")


def _says_region(contract: Contract) -> bool:
    return all(level in contract.register.columns for level in _LEVELS)


def _region_code(contract: Contract) -> sql.Composed:
    """Kemendagri's dotted code of SIAK's numbers, which have no leading zeros: 61, 71, 1, 1002."""
    parts = [
        sql.SQL("lpad({}::text, {}, '0')").format(
            sql.Identifier("r", contract.register.columns[level]), sql.Literal(width)
        )
        for level, width in _LEVELS.items()
    ]
    return sql.SQL(" || '.' || ").join(parts)


def _latest(contract: Contract, pins: Mapping[str, int]) -> sql.Composed:
    """The last version of each key, gone or not; of a family card in the names of the fields."""
    columns: sql.Composable = sql.SQL("*")
    if contract.register.part == "family_cards":
        columns = _card_columns(contract)
    return sql.SQL(
        "SELECT DISTINCT ON ({key}) {columns} FROM {history} WHERE from_load_id <= {load} "
        "ORDER BY {key}, from_load_id DESC"
    ).format(
        key=versions.listed(contract.key),
        columns=columns,
        history=sql.Identifier("history", contract.table),
        load=sql.Literal(pins[contract.id]),
    )


def _card_columns(contract: Contract) -> sql.Composed:
    named = contract.register.columns
    return sql.SQL(", ").join(
        sql.SQL("{} AS {}").format(sql.Identifier(named[field]), sql.Identifier(field))
        if field in named
        else sql.SQL("''::text AS {}").format(sql.Identifier(field))
        for field in ("kk_number", *_OF_THE_CARD)
    )


def text_of(value: sql.Composable) -> sql.Composed:
    """The value as text without blanks around it, empty for nothing."""
    return sql.SQL("coalesce(btrim({}::text), '')").format(value)
