"""Step: which business each record means, and what stands for each business.

Every contract with `entities.businesses` takes part. Rules: `lumbung.businesses.linking` for who is who,
`survivorship.yaml` for what stands. It comes after the links to persons, who may be owners.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from psycopg import sql
from psycopg.types.json import Jsonb

from lumbung.businesses import linking
from lumbung.businesses.linking import MATCH, Found, Key
from lumbung.businesses.names import normal_name
from lumbung.identity.addresses import normal_address
from lumbung.resolution.business_records import BusinessRecord, make_records, records_table
from lumbung.resolution.run import Run
from lumbung.resolution.survivorship import ABSTAINED, Said, choose, rules_of
from lumbung.resolution.tables import BUSINESS, BUSINESS_KEY, ROLE_COLUMNS, role_table
from lumbung.resolution.temporary import fill
from lumbung.resolution.versions import Settled, as_of, listed
from schemas.contract import Contract
from schemas.entities import BusinessRole

_FOUND = sql.Identifier("pg_temp", "business_found")
_ROLE_COLUMNS = ROLE_COLUMNS["businesses"]
Roles = Sequence[tuple[Contract, BusinessRole]]


def settle_businesses(run: Run) -> None:
    """Settle `identity.business_key`, `identity.business` and the table of every business role."""
    roles = [
        (contract, role)
        for contract in run.catalogue.sources.values()
        if run.has(contract.id)
        for role in contract.entities.businesses
    ]
    if not any(_is_touched(run, contract, role) for contract, role in roles):
        return
    records = [
        record
        for number, (contract, role) in enumerate(roles)
        for record in make_records(run, number, contract, role)
    ]
    mentions = [record.mention for record in records]
    found = linking.resolve(mentions)
    ids = _settle_keys(run, linking.businesses(mentions, found))
    _settle_roles(run, roles, zip(records, found, strict=True), ids)
    meant = defaultdict[UUID, list[BusinessRecord]](list)
    for record, one in zip(records, found, strict=True):
        if one and one.outcome == MATCH:
            meant[ids[one.keys[0]]].append(record)
    _settle_businesses(run, meant)


def _is_touched(run: Run, contract: Contract, role: BusinessRole) -> bool:
    """Whether the role's rows changed, or what else they say of people and places."""
    beside = [(kind, other) for kind, others in contract.entities.by_kind.items() for other in others]
    names = [role_table(contract, kind, other.role).name for kind, other in beside if other != role]
    nothing = Settled(0, 0)
    return contract.id in run.changed or any(run.counts.get(name, nothing) != nothing for name in names)


def _settle_keys(run: Run, made: Mapping[Key, set[Key]]) -> dict[Key, UUID]:
    """The id of every key. Numbers that no record has any more keep theirs, should they come again."""
    rows = run.session.execute(as_of(BUSINESS_KEY, run.run_id)).fetchall()
    known = {Key(system, value): business_id for system, value, business_id in rows}
    ids = linking.identified(made, known)
    kept = {key: known[key] for key in known.keys() - ids.keys() if key.system == linking.NIB}
    wanted = ((*key, business_id) for key, business_id in {**kept, **ids}.items())
    fill(run.session, "business_key_wanted", BUSINESS_KEY.columns, wanted)
    run.settle(BUSINESS_KEY, sql.SQL("SELECT * FROM pg_temp.business_key_wanted"))
    return ids


def _settle_roles(
    run: Run,
    roles: Roles,
    found: Iterable[tuple[BusinessRecord, Found | None]],
    ids: Mapping[Key, UUID],
) -> None:
    columns = (("role", "integer"), ("number", "bigint"), *_ROLE_COLUMNS)
    rows = ((record.role, record.number, *_said(one, ids)) for record, one in found if one)
    fill(run.session, "business_found", columns, rows)
    for number, (contract, role) in enumerate(roles):
        table = role_table(contract, "businesses", role.role)
        wanted = sql.SQL(
            "SELECT {}, {} FROM {} AS r JOIN {} AS f ON f.role = {} AND f.number = r.number"
        ).format(
            listed(contract.key, "r"),
            listed(tuple(name for name, _ in _ROLE_COLUMNS), "f"),
            records_table(number),
            _FOUND,
            number,
        )
        run.settle(table, wanted)


def _said(found: Found, ids: Mapping[Key, UUID]) -> tuple[object, ...]:
    """The columns of a role's table. Candidates that are no business yet have no id to be named by."""
    named = [ids[key] for key in found.keys if key in ids]
    if found.outcome == MATCH:
        return named[0], MATCH, found.method, found.score, Jsonb(dict(found.evidence))
    candidates = {"candidates": [str(one) for one in dict.fromkeys(named)]}
    return None, found.outcome, found.method, found.score, Jsonb({**found.evidence, **candidates})


def _settle_businesses(run: Run, meant: Mapping[UUID, Sequence[BusinessRecord]]) -> None:
    rules = rules_of(run.settings.project)["business"]
    rows = []
    for business_id, records in meant.items():
        chosen = {name: choose(rules[name], list(_values(name, records))) for name in _VALUES}
        values = [one and one.value for one in chosen.values()]
        abstained = [name for name, one in chosen.items() if one and one.outcome == ABSTAINED]
        nib = next((record.mention.nib for record in records if record.mention.nib), None)
        datasets = sorted({record.dataset for record in records})
        rows.append((business_id, nib, *values, datasets, abstained))
    fill(run.session, "business_wanted", BUSINESS.columns, rows)
    run.settle(BUSINESS, sql.SQL("SELECT * FROM pg_temp.business_wanted"))


#: What stands for a business besides its NIB, in the order of the table: the value, and what is the same.
_VALUES: dict[str, Callable[[BusinessRecord], tuple[str, str]]] = {
    "npwp": lambda record: (record.npwp, record.npwp),
    "name": lambda record: (record.name, normal_name(record.name)),
    "address": lambda record: (record.address, normal_address(record.address)),
    "region_code": lambda record: (record.region_code or "", record.region_code or ""),
    "owner_person_id": lambda record: (record.owner, record.owner),
}


def _values(name: str, records: Iterable[BusinessRecord]) -> Iterator[Said]:
    for record in records:
        value, same = _VALUES[name](record)
        if value:
            yield Said(record.dataset, value, same, record.since)
