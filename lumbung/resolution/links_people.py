"""The people to whom records are linked, as the register knows them in a run.

Whoever left the register is still there as last known: records speak of people who moved or died since.
"""

from collections.abc import Mapping

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


def make_people(run: Run) -> None:
    """Make `PEOPLE` and `CHANGED`."""
    run.session.execute("DROP TABLE IF EXISTS pg_temp.link_person, pg_temp.link_changed_person")
    now = _people(run.catalogue, run.pins, _keys(run.run_id))
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
    then = _people(run.catalogue, before.pins, _keys(before.run_id))
    return sql.SQL(
        "SELECT *, true AS is_now FROM (SELECT {columns} FROM {people} EXCEPT {then}) AS come "
        "UNION ALL SELECT *, false FROM ({then} EXCEPT SELECT {columns} FROM {people}) AS gone"
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


def _people(catalogue: Catalogue, pins: Mapping[str, int], keys: sql.Composable) -> sql.Composable:
    """A SELECT of person_id and the fields, a row for each entry that has a person."""
    there = [c for c in catalogue.sources.values() if c.id in pins]
    cards = [_latest(c, pins) for c in there if c.register.part == "family_cards"]
    entries = [_entries(c, pins, keys, cards) for c in there if c.register.part in _KEYS]
    if not entries:
        nothing = sql.SQL(", ").join(sql.SQL("NULL::text AS {}").format(sql.Identifier(f)) for f in FIELDS)
        return sql.SQL("SELECT NULL::uuid AS person_id, {} WHERE false").format(nothing)
    return sql.SQL(" UNION ").join(entries)


def _entries(
    contract: Contract, pins: Mapping[str, int], keys: sql.Composable, cards: list[sql.Composed]
) -> sql.Composed:
    values = sql.SQL(", ").join(
        sql.SQL("{} AS {}").format(_value(contract, field, bool(cards)), sql.Identifier(field))
        for field in FIELDS
    )
    joined: sql.Composable = sql.SQL("")
    if cards and contract.register.kk_number:
        joined = sql.SQL("LEFT JOIN ({}) AS c ON c.kk_number = r.{}").format(
            cards[0], sql.Identifier(contract.register.kk_number)
        )
    return sql.SQL(
        "SELECT k.person_id, {} FROM ({}) AS r JOIN ({}) AS k ON k.source = {} AND k.key = r.{} {}"
    ).format(
        values,
        _latest(contract, pins),
        keys,
        sql.Literal(_KEYS[contract.register.part]),
        sql.Identifier(contract.register.key),
        joined,
    )


def _value(contract: Contract, field: str, has_cards: bool) -> sql.Composable:
    register = contract.register
    named = register.columns
    if field == "nik" and register.part == "residents":
        return text_of(sql.Identifier("r", register.key))
    if field == "name" and register.family_name:
        both = sql.SQL("concat_ws(' ', {}, {})").format(
            sql.Identifier("r", register.name), sql.Identifier("r", register.family_name)
        )
        return text_of(both)
    if field in named:
        return text_of(sql.Identifier("r", named[field]))
    if field in _OF_THE_CARD and has_cards and register.kk_number:
        return sql.SQL("coalesce({}, '')").format(sql.Identifier("c", field))
    return sql.SQL("''::text")


def _latest(contract: Contract, pins: Mapping[str, int]) -> sql.Composed:
    """The last version of each key, gone or not; of a family card in the names of the fields."""
    columns: sql.Composable = sql.SQL("*")
    if contract.register.part == "family_cards":
        named = contract.register.columns
        listed = [
            sql.SQL("{} AS {}").format(text_of(sql.Identifier(named[field])), sql.Identifier(field))
            if field in named
            else sql.SQL("''::text AS {}").format(sql.Identifier(field))
            for field in _OF_THE_CARD
        ]
        key = sql.SQL("{} AS kk_number").format(sql.Identifier(contract.register.kk_number))
        columns = sql.SQL(", ").join([key, *listed])
    key_columns = versions.listed(contract.key)
    return sql.SQL(
        "SELECT DISTINCT ON ({key}) {columns} FROM {history} WHERE from_load_id <= {load} "
        "ORDER BY {key}, from_load_id DESC"
    ).format(
        key=key_columns,
        columns=columns,
        history=sql.Identifier("history", contract.table),
        load=sql.Literal(pins[contract.id]),
    )


def text_of(value: sql.Composable) -> sql.Composed:
    """The value as text without blanks around it, empty for nothing."""
    return sql.SQL("coalesce(btrim({}::text), '')").format(value)
