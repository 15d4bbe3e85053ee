"""Step: what the run changed about people, in kinds of change, for those who follow them.

It comes after the steps that know persons and the states of NIKs. Nothing is said of people whom the hub
did not know before the run: nobody can follow them yet.
"""

from collections.abc import Iterator

from psycopg import sql

from lumbung.resolution import feed
from lumbung.resolution.register import DOCUMENT, NIK, parts
from lumbung.resolution.run import Run
from lumbung.resolution.tables import NIK_STATE, PERSON_KEY
from schemas.contract import Contract

#: Kinds of change by the register's fields.
NAME, BIRTH, SEX, MOTHER, HOUSEHOLD, MOVED = "name", "birth", "sex", "mother", "household", "moved"
#: Kinds of change by keys and states; `listed` and `unlisted`: in the register again, or not any more.
KEY, MERGED, SPLIT, LISTED, UNLISTED = "nik", "merged", "split", "listed", "unlisted"

_KINDS = {
    "name": NAME, "family_name": NAME, "birth_date": BIRTH, "birth_place": BIRTH, "sex": SEX,
    "mother_name": MOTHER, "kk_number": HOUSEHOLD, "address": MOVED, "rt": MOVED, "rw": MOVED,
    "province": MOVED, "regency": MOVED, "district": MOVED, "village": MOVED,
}  # fmt: skip
_OF_A_CARD = ("address", "rt", "rw")
_KEYS = sql.Identifier("identity", PERSON_KEY.name)
_STATES = sql.Identifier("identity", NIK_STATE.name)
_FOUND = sql.SQL("SELECT person_id, kind, merged_into FROM pg_temp.person_change_found")
# Rows whose version loads closed since the run before, and rows that they left with another one.
_OLD = sql.SQL(
    "SELECT * FROM {history} WHERE from_load_id <= {then} AND to_load_id > {then} AND to_load_id <= {now}"
)
_NEW = sql.SQL(
    "SELECT * FROM {history} WHERE from_load_id > {then} AND from_load_id <= {now} "
    "AND (to_load_id IS NULL OR to_load_id > {now})"
)


def note_changes(run: Run) -> None:
    """Number what changed about each person since the run before; nothing in the first run."""
    if run.before is None:
        return
    run.session.execute("DROP TABLE IF EXISTS pg_temp.person_change_found")
    run.session.execute(
        "CREATE TEMP TABLE person_change_found (person_id uuid, kind text, merged_into uuid) ON COMMIT DROP"
    )
    for found in (*_of_keys(run), *_of_states(run), *_of_people(run), *_of_cards(run)):
        run.session.execute(sql.SQL("INSERT INTO person_change_found {}").format(found))
    feed.record(
        run.session,
        run.run_id,
        sql.SQL(
            "SELECT person_id, array_agg(DISTINCT kind ORDER BY kind) AS kinds, "
            "min(merged_into::text)::uuid AS merged_into FROM ({found}) AS f "
            "WHERE kind IS NOT NULL AND EXISTS (SELECT FROM {keys} k "
            "WHERE k.person_id = f.person_id AND k.from_run_id < {run}) GROUP BY person_id"
        ).format(found=_FOUND, keys=_KEYS, run=run.run_id),
    )


def _of_keys(run: Run) -> Iterator[sql.Composed]:
    """Keys that went from one person to another: a merge when none is left there, else a split."""
    moved = sql.SQL(
        "SELECT c.person_id AS old_id, o.person_id AS new_id, EXISTS (SELECT FROM {keys} k "
        "WHERE k.person_id = c.person_id AND k.to_run_id IS NULL) AS remains "
        "FROM {keys} c JOIN {keys} o USING (source, key) WHERE c.to_run_id = {run} "
        "AND o.from_run_id = {run} AND o.to_run_id IS NULL AND c.person_id <> o.person_id"
    ).format(keys=_KEYS, run=run.run_id)
    kind = sql.SQL("CASE WHEN remains THEN {} ELSE {} END").format(SPLIT, MERGED)
    into = sql.SQL("CASE WHEN NOT remains THEN new_id END")
    yield sql.SQL("SELECT old_id, {}, {} FROM ({}) AS m").format(kind, into, moved)
    yield sql.SQL("SELECT new_id, {}, NULL::uuid FROM ({}) AS m").format(kind, moved)
    yield sql.SQL(
        "SELECT o.person_id, {}, NULL::uuid FROM {keys} o WHERE o.from_run_id = {run} "
        "AND NOT EXISTS (SELECT FROM {keys} c WHERE c.to_run_id = {run} "
        "AND (c.source, c.key) = (o.source, o.key))"
    ).format(KEY, keys=_KEYS, run=run.run_id)


def _of_states(run: Run) -> Iterator[sql.Composed]:
    """People who died, or turned out to have several NIKs; and those of whom that was taken back."""
    yield sql.SQL(
        "SELECT k.person_id, s.state, NULL::uuid FROM {states} s JOIN {keys} k ON k.source = {nik} "
        "AND k.key = s.nik AND k.to_run_id IS NULL "
        "WHERE s.from_run_id = {run} AND s.to_run_id IS NULL OR s.to_run_id = {run}"
    ).format(states=_STATES, keys=_KEYS, nik=sql.Literal(NIK), run=run.run_id)


def _of_people(run: Run) -> Iterator[sql.Composed]:
    """Residents and foreigners of whom the register says something else, or nothing any more, or again.

    People are compared, not rows: a row that comes back under a corrected NIK is nobody new.
    """
    for part, source in (("residents", NIK), ("foreigners", DOCUMENT)):
        for contract in parts(run, part):
            old, new = (_with_person(run, rows, contract, source) for rows in _changed_rows(run, contract))
            columns = contract.register.columns
            kinds = [_kind(columns[field], kind) for field, kind in _KINDS.items() if field in columns]
            yield sql.SQL(
                "SELECT person_id, unnest(CASE WHEN n.row_key IS NULL THEN ARRAY[{gone}] "
                "WHEN o.row_key IS NULL THEN ARRAY[{come}] ELSE ARRAY[{kinds}] END), NULL::uuid "
                "FROM ({old}) AS o FULL JOIN ({new}) AS n USING (person_id)"
            ).format(
                gone=UNLISTED, come=LISTED, kinds=sql.SQL(", ").join([sql.SQL("NULL::text"), *kinds]),
                old=old, new=new,
            )  # fmt: skip


def _of_cards(run: Run) -> Iterator[sql.Composed]:
    """People on a family card whose address is another now."""
    for card in parts(run, "family_cards"):
        columns = card.register.columns
        address = [_kind(columns[field], MOVED) for field in _OF_A_CARD if field in columns]
        if not address:
            continue
        old, new = _changed_rows(run, card)
        for contract in parts(run, "residents"):
            yield sql.SQL(
                "SELECT r.person_id, {moved}, NULL::uuid FROM ({old}) AS o JOIN ({new}) AS n USING ({card}) "
                "JOIN ({people}) AS r ON r.{kk} = n.{card} WHERE num_nonnulls({address}) > 0"
            ).format(
                moved=MOVED, old=old, new=new, card=sql.Identifier(card.register.kk_number),
                people=_with_person(run, run.rows(contract), contract, NIK),
                kk=sql.Identifier(contract.register.kk_number), address=sql.SQL(", ").join(address),
            )  # fmt: skip


def _kind(column: str, kind: str) -> sql.Composed:
    """The kind of change when the column differs between `o` and `n`; NULL when it does not."""
    return sql.SQL("CASE WHEN o.{column} IS DISTINCT FROM n.{column} THEN {kind} END").format(
        column=sql.Identifier(column), kind=sql.Literal(kind)
    )


def _changed_rows(run: Run, contract: Contract) -> list[sql.Composed]:
    """Rows as they were at the run before, and as they are; each without those that stayed."""
    assert run.before is not None, "the first run compares nothing"
    then = run.before.pins.get(contract.id, 0)
    history = sql.Identifier("history", contract.table)
    return [text.format(history=history, then=then, now=run.pins[contract.id]) for text in (_OLD, _NEW)]


def _with_person(run: Run, rows: sql.Composed, contract: Contract, source: str) -> sql.Composed:
    return sql.SQL(
        "SELECT r.*, r.{key} AS row_key, k.person_id FROM ({rows}) AS r "
        "JOIN {keys} AS k ON k.source = {source} AND k.key = r.{key} AND k.to_run_id IS NULL"
    ).format(
        key=sql.Identifier(contract.register.key), rows=rows, keys=_KEYS, source=sql.Literal(source)
    )  # fmt: skip
