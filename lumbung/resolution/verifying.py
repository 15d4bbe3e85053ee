"""The check by element, asked of the register: a NIK is looked up, elements are compared, values stay here.

Who a NIK is, who died and who has several is as the last run of entity resolution settled it; elements are
compared with the register's last applied loads. Every look-up is by an index.
"""

from collections.abc import Mapping
from dataclasses import replace

from psycopg import sql
from psycopg.rows import dict_row

from lumbung.identity import verification
from lumbung.identity.verification import Answer, RegisteredPerson, Request
from lumbung.resolution.nik_states import DECEASED, DUPLICATE
from lumbung.warehouse import Session
from schemas.catalogue import Catalogue
from schemas.contract import Contract

#: The elements of a registered person, and the register's field that tells each.
_FIELDS = {
    "birth_place": "birth_place",
    "birth_date": "birth_date",
    "sex_code": "sex",
    "kk_number": "kk_number",
    "province_code": "province",
    "regency_code": "regency",
    "district_code": "district",
    "village_code": "village",
}


def verify_nik(session: Session, catalogue: Catalogue, request: Request) -> Answer:
    """Check a request against whoever the NIK is registered for.

    11 deceased, 12 several NIKs of one person, 13 not found, 14 known and not in the register any more, 15
    bad format; 00 with an answer per element otherwise. Never raises on what a request says, and holds no
    registered value.
    """
    # The format is judged first, without asking the register: the answer then says nothing of it.
    answer = verification.verify(None, request)
    if answer.response_code == verification.BAD_FORMAT:
        return answer
    nik = request.nik.strip()
    pins = _last_pins(session)
    state = _state(session, nik) if pins else None
    if state is None:
        return answer
    person = _registered(session, catalogue, pins, nik)
    if person is None:
        person = RegisteredPerson(nik, is_active=False)
    person = replace(person, is_deceased=state == DECEASED, is_duplicate=state == DUPLICATE)
    return verification.verify(person, request)


def _last_pins(session: Session) -> dict[str, int]:
    """The loads of the last run; empty before the first."""
    row = session.execute("SELECT pins FROM identity.run ORDER BY run_id DESC LIMIT 1").fetchone()
    pins: dict[str, int] = row[0] if row else {}
    return pins


def _state(session: Session, nik: str) -> str | None:
    """What is known of the NIK: empty for nothing in particular; None when it is nobody's."""
    row = session.execute(
        "SELECT coalesce(s.state, '') FROM identity.person_key k "
        "LEFT JOIN identity.nik_state s ON s.nik = k.key AND s.to_run_id IS NULL "
        "WHERE k.source = 'nik' AND k.key = %s AND k.to_run_id IS NULL",
        [nik],
    ).fetchone()
    return row[0] if row else None


def _registered(
    session: Session, catalogue: Catalogue, pins: Mapping[str, int], nik: str
) -> RegisteredPerson | None:
    """The resident with this NIK, as the last applied loads have it; None where none has."""
    there = [contract for contract in catalogue.sources.values() if contract.id in pins]
    cards = [contract for contract in there if contract.register.part == "family_cards"]
    for contract in there:
        if contract.register.part != "residents":
            continue
        with session.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute(_select(contract, cards), [nik]).fetchone()
        if found is not None:
            return RegisteredPerson(nik, **found)
    return None


def _select(contract: Contract, cards: list[Contract]) -> sql.Composed:
    columns = contract.register.columns
    fields = [_name(contract)]
    fields += [
        sql.SQL("{} AS {}").format(_value("r", columns.get(field), element), sql.Identifier(element))
        for element, field in _FIELDS.items()
    ]
    holder, alias = (cards[0], "c") if "address" not in columns and cards else (contract, "r")
    fields.append(sql.SQL("{} AS address").format(_address(holder, alias)))
    joined: sql.Composable = sql.SQL("")
    if alias == "c":
        joined = sql.SQL("LEFT JOIN {} AS c ON c.{} = r.{} AND c.recorded_to = 'infinity'").format(
            sql.Identifier("history", holder.table),
            sql.Identifier(holder.register.kk_number),
            sql.Identifier(contract.register.kk_number),
        )
    return sql.SQL("SELECT {} FROM {} AS r {} WHERE r.{} = %s AND r.recorded_to = 'infinity'").format(
        sql.SQL(", ").join(fields),
        sql.Identifier("history", contract.table),
        joined,
        sql.Identifier(contract.register.key),
    )


def _name(contract: Contract) -> sql.Composed:
    named = [name for name in (contract.register.name, contract.register.family_name) if name]
    parts = sql.SQL(", ").join([sql.Literal(" "), *(sql.Identifier("r", name) for name in named)])
    return sql.SQL("concat_ws({}) AS full_name").format(parts)


def _value(alias: str, column: str | None, element: str) -> sql.Composable:
    if column is None:
        return sql.SQL("NULL")
    kind = sql.SQL("date") if element == "birth_date" else sql.SQL("text")
    return sql.SQL("{}::{}").format(sql.Identifier(alias, column), kind)


def _address(contract: Contract, alias: str) -> sql.Composed:
    """The street with RT and RW, as far as the register has them."""
    columns = contract.register.columns
    marked = [
        sql.SQL("{} || {}").format(sql.Literal(mark), sql.Identifier(alias, columns[field]))
        for field, mark in (("address", ""), ("rt", "RT "), ("rw", "RW "))
        if field in columns
    ]
    return sql.SQL("concat_ws({})").format(sql.SQL(", ").join([sql.Literal(" "), *marked]))
