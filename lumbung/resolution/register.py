"""The step that knows persons and households: which NIK, document and family card is whose.

Each key gets a random id of its own when it is first seen, for ever (`person_origin`, `household_origin`).
A key may *follow* another: a corrected NIK the one before, the number of a replaced card the one before, a
merged person the one kept. The person is then known by the own id of the key that the others follow. Nothing
else moves an id, so taking back what made a key follow brings back the very ids of before.
"""

from psycopg import sql

from lumbung.resolution.following import Following, leaders
from lumbung.resolution.merging import MERGES
from lumbung.resolution.run import Run
from lumbung.resolution.successors import possible_successors
from lumbung.resolution.tables import (
    HOUSEHOLD_KEY,
    HOUSEHOLD_ORIGIN,
    PERSON_CANDIDATE,
    PERSON_KEY,
    PERSON_ORIGIN,
    IdentityTable,
)
from schemas.contract import Contract

#: Kinds of key, in column `source` of `person_key`: a NIK means the same whoever says it.
NIK, DOCUMENT = "nik", "document"
_NO_KEYS = sql.SQL("SELECT NULL, NULL WHERE false")
_NO_CARDS = sql.SQL("SELECT NULL WHERE false")


def register(run: Run) -> None:
    """Settle `person_key`, `household_key` and `person_candidate` by the register's parts in the run."""
    if not _is_touched(run):
        return
    persons, cards = _person_keys(run), _card_numbers(run)
    _give_ids(run, PERSON_ORIGIN, persons, _NO_KEYS)
    _give_ids(run, HOUSEHOLD_ORIGIN, cards, _NO_CARDS)
    told, replaced = _corrected(run, "key"), _corrected(run, "card")
    _settle(run, Following(PERSON_ORIGIN, told, [MERGES]), PERSON_KEY, _NO_KEYS)
    _settle(run, Following(HOUSEHOLD_ORIGIN, replaced), HOUSEHOLD_KEY, _NO_CARDS)
    possible = [possible_successors(run, contract) for contract in parts(run, "residents")]
    if candidates := [each for each in possible if each is not None]:
        run.settle(PERSON_CANDIDATE, sql.SQL(" UNION ").join(candidates))


def _is_touched(run: Run) -> bool:
    """Whether the register or a decision about persons changed since the run before."""
    sources = run.catalogue.sources
    if run.before is None or any(sources[d].register.part for d in run.changed if d in sources):
        return True
    row = run.session.execute("SELECT max(decision_id) FROM identity.decision").fetchone()
    return row is not None and row[0] != run.before.last_decision_id


def parts(run: Run, part: str) -> list[Contract]:
    """The datasets that are this part of the register and were ever applied."""
    found = run.catalogue.sources.values()
    return [contract for contract in found if contract.register.part == part and run.has(contract.id)]


def events_in_force(run: Run, contract: Contract, kind: str) -> sql.Composed:
    """A SELECT of the events of a kind that no later one corrects, named e; for adding conditions."""
    register, key = contract.register, contract.key[0]
    corrected: sql.Composable = sql.SQL("")
    if register.corrects:
        corrected = sql.SQL(
            " AND NOT EXISTS (SELECT FROM ({rows}) c WHERE c.{corrects} = e.{key})"
        ).format(
            rows=run.rows(contract), corrects=sql.Identifier(register.corrects), key=sql.Identifier(key)
        )  # fmt: skip
    return sql.SQL("FROM ({rows}) e WHERE e.{kind} = {value}{corrected}").format(
        rows=run.rows(contract), kind=sql.Identifier(register.kind), value=sql.Literal(kind),
        corrected=corrected,
    )  # fmt: skip


def _person_keys(run: Run) -> list[sql.Composed]:
    """SELECTs of every key that the register speaks of, as (source, key)."""
    found = [_column(run, c, c.register.key, NIK) for c in parts(run, "residents")]
    found += [_column(run, c, c.register.key, DOCUMENT) for c in parts(run, "foreigners")]
    for contract in parts(run, "events"):
        columns = (contract.register.key, contract.register.old_key)
        found += [_column(run, contract, column, NIK) for column in columns]
    return found


def _card_numbers(run: Run) -> list[sql.Composed]:
    """SELECTs of every number of a family card that the register speaks of."""
    found = []
    for part in ("family_cards", "residents", "foreigners", "events"):
        for contract in parts(run, part):
            columns = (contract.register.kk_number, contract.register.old_kk_number)
            found += [_column(run, contract, column) for column in columns if column]
    return found


def _column(run: Run, contract: Contract, column: str, source: str | None = None) -> sql.Composed:
    """A SELECT of what the column ever had up to the run's load, and had anew since the run before."""
    known = run.before.pins.get(contract.id, 0) if run.before and run.before.same_rules else 0
    said = sql.SQL("") if source is None else sql.SQL("{}::text AS source, ").format(sql.Literal(source))
    return sql.SQL(
        "SELECT {source}{column} AS key FROM {history} "
        "WHERE from_load_id > {known} AND from_load_id <= {load} AND {column} <> ''"
    ).format(
        source=said, column=sql.Identifier(column), history=sql.Identifier("history", contract.table),
        known=sql.Literal(known), load=sql.Literal(run.pins[contract.id]),
    )  # fmt: skip


def _give_ids(run: Run, origin: IdentityTable, keys: list[sql.Composed], none: sql.SQL) -> None:
    """A random id for each key that has none yet."""
    if not keys:
        return
    names = sql.SQL(", ").join(map(sql.Identifier, origin.key))
    wanted = sql.SQL(
        "SELECT *, gen_random_uuid() FROM (SELECT * FROM ({keys}) AS k ({names}) "
        "EXCEPT SELECT {names} FROM {origin} WHERE to_run_id IS NULL) AS unknown"
    ).format(keys=sql.SQL(" UNION ").join(keys), names=names, origin=sql.Identifier("identity", origin.name))
    run.settle(origin, wanted, scope=none)


def _corrected(run: Run, what: str) -> list[sql.Composable]:
    """SELECTs (follower, leader) of what events say to be the same person ("key") or household ("card")."""
    found: list[sql.Composable] = []
    for contract in parts(run, "events"):
        said = contract.register
        new, old = (said.key, said.old_key) if what == "key" else (said.kk_number, said.old_kk_number)
        kind = said.key_corrected if what == "key" else said.card_replaced
        if not kind:
            continue
        origin, column, only = _origin_of(what)
        found.append(
            sql.SQL(
                "SELECT n.own_id, o.own_id FROM (SELECT e.{new} AS new, e.{old} AS old {events}) e "
                "JOIN {origin} n ON n.{column} = e.new AND n.to_run_id IS NULL{only_n} "
                "JOIN {origin} o ON o.{column} = e.old AND o.to_run_id IS NULL{only_o}"
            ).format(
                new=sql.Identifier(new), old=sql.Identifier(old), events=events_in_force(run, contract, kind),
                origin=sql.Identifier("identity", origin.name), column=sql.Identifier(column),
                only_n=sql.SQL(only.format("n")), only_o=sql.SQL(only.format("o")),
            )
        )  # fmt: skip
    return found


def _origin_of(what: str) -> tuple[IdentityTable, str, str]:
    if what == "key":
        return PERSON_ORIGIN, "key", " AND {}.source = 'nik'"
    return HOUSEHOLD_ORIGIN, "kk_number", ""


def _settle(run: Run, following: Following, table: IdentityTable, none: sql.SQL) -> None:
    """The id of each key: its own, or that of the key it follows. Only what differs is compared further."""
    wanted = sql.SQL(
        "SELECT {key}, coalesce(f.leader, o.own_id) FROM {origin} o "
        "LEFT JOIN ({leaders}) f ON f.own_id = o.own_id WHERE o.to_run_id IS NULL "
        "EXCEPT SELECT {known} FROM {table} WHERE to_run_id IS NULL"
    ).format(
        key=sql.SQL(", ").join(sql.Identifier("o", name) for name in table.key),
        origin=sql.Identifier("identity", following.origin.name),
        leaders=leaders(run.session, following),
        known=sql.SQL(", ").join(map(sql.Identifier, table.names)),
        table=sql.Identifier("identity", table.name),
    )
    run.settle(table, wanted, scope=none)
