"""Places: which region each row speaks of, by the hub's code lists, or a finding."""

from collections.abc import Iterator
from functools import partial

from psycopg import sql
from psycopg.rows import dict_row

from lumbung.places.codes import NUMBERS, PARTED, widths_of
from lumbung.places.crosswalk import Crosswalk, Row, Told, of_reference
from lumbung.places.resolve import Mention, Resolved, resolve
from lumbung.resolution import mentions, tables
from lumbung.resolution.mentions import Answer, Wording
from lumbung.resolution.run import Run
from schemas.contract import Contract
from schemas.entities import PlaceRole, columns_named

#: The code lists: regions, their codes, their names.
LISTS = ("reference.region", "reference.region_code", "reference.region_alias")
_KELURAHAN, _KECAMATAN = 4, 3


def settle_places(run: Run) -> None:
    """Settle the place of every row in every role that a contract names, and list what can't be told.

    Lists of a system's own codes come first: what the names in them mean, the codes mean elsewhere.
    Raises CrosswalkError when the code lists have an unusable row.
    """
    crosswalk = crosswalk_of(run)
    mentions.begin_findings(run)
    listing = [(contract, place) for contract, place in _roles(run) if place.lists]
    for contract, place in listing:
        _settle(run, crosswalk, contract, place, lists=LISTS)
    rows = [row for contract, place in listing for row in _listed(run, contract, place)]
    crosswalk = crosswalk.with_rows(rows)
    lists = (*LISTS, *(contract.id for contract, _ in listing))
    for contract, place in _roles(run):
        if not place.lists:
            _settle(run, crosswalk, contract, place, lists)
    mentions.settle_findings(run, "places")


def crosswalk_of(run: Run) -> Crosswalk:
    """The crosswalk of the pinned code lists; without any, every mention is a finding."""
    regions, codes, aliases = (_reference(run, dataset) for dataset in LISTS)
    return of_reference(regions, codes, aliases)


def _reference(run: Run, dataset: str) -> list[Told]:
    if not run.has(dataset) or dataset not in run.catalogue.sources:
        return []
    with run.session.cursor(row_factory=dict_row) as cursor:
        return list(cursor.execute(run.rows(run.catalogue.sources[dataset])))


def _roles(run: Run) -> Iterator[tuple[Contract, PlaceRole]]:
    for contract in run.catalogue.sources.values():
        if run.has(contract.id):
            yield from ((contract, place) for place in contract.entities.places)


def _settle(
    run: Run, crosswalk: Crosswalk, contract: Contract, place: PlaceRole, lists: tuple[str, ...]
) -> None:
    """Settle one role by the crosswalk, which is made of these lists."""
    mention = mentions.Mention(
        contract=contract,
        table=run.tables[tables.role_table(contract, "places", place.role).name],
        kind="places",
        role=place.role,
        texts=(_code(place), mentions.text_of(place.kelurahan), mentions.text_of(place.kecamatan)),
        as_of=place.as_of,
        hidden=any(contract.column(name).is_personal for name in columns_named(place).values()),
    )
    same_lists = run.changed.isdisjoint(lists)
    if same_lists and contract.id not in run.changed:
        mentions.keep(run, mention)
    else:
        answer = partial(_told, crosswalk, place)
        mentions.settle(run, mention, crosswalk.turns, answer, only_changed=same_lists)


def _code(place: PlaceRole) -> sql.Composable:
    """The code's text; of a NIK or NOP only its beginning is told, in a number of the right form.

    There are as many of these numbers as people and plots, and few beginnings.
    """
    if place.code_parts:
        return _joined(place)
    text = mentions.text_of("" if place.lists else place.code)
    if place.code_system not in NUMBERS:
        return text
    number = NUMBERS[place.code_system]
    return sql.SQL(
        "CASE WHEN btrim({text}) = '' THEN '' "
        "WHEN btrim({text}, {blank}) ~ {parted} AND regexp_replace({text}, '[^0-9]', '', 'g') ~ {form} "
        "THEN left(regexp_replace({text}, '[^0-9]', '', 'g'), {length}) || {rest} ELSE 'malformed' END"
    ).format(
        text=text,
        blank=sql.Literal(" '\t\u00a0"),
        parted=sql.Literal(f"^(?:{PARTED.pattern})$"),
        form=sql.Literal(f"^(?:{number.form.pattern})$"),
        length=sql.Literal(number.length),
        rest=sql.Literal(number.rest),
    )


def _joined(place: PlaceRole) -> sql.Composable:
    """The text of a code that is kept in parts, with leading zeros; a part that is missing leaves a gap."""
    parts = [
        sql.SQL("coalesce(lpad({column}::text, greatest({width}, length({column}::text)), '0'), '')").format(
            column=sql.Identifier(column), width=sql.Literal(width)
        )
        for column, width in zip(place.code_parts, widths_of(place.code_system), strict=False)
    ]
    return sql.SQL("rtrim(concat_ws('.', {}), '.')").format(sql.SQL(", ").join(parts))


def _told(crosswalk: Crosswalk, place: PlaceRole, wording: Wording) -> Answer:
    mention = Mention(
        code=wording.code,
        name=wording.name,
        kecamatan=wording.area,
        system=place.code_system,
        on=wording.last,
        level=_level(place),
    )
    if place.kecamatan and not wording.name and not wording.code:
        # A kecamatan beside nothing narrows nothing: it is what the row says.
        mention = Mention(name=wording.area, on=wording.last, level=_level(place))
    answer = resolve(crosswalk, mention)
    if isinstance(answer, Resolved):
        return Answer(answer.code, how=answer.how)
    return Answer(None, reason=answer.kind.value, candidates=answer.candidates)


def _level(place: PlaceRole) -> int:
    """The level of the place that the columns are for; a code alone may be of any."""
    if place.kelurahan:
        return _KELURAHAN
    if place.code_parts:
        return len(place.code_parts)
    return _KECAMATAN if place.kecamatan and not place.code else 0


def _listed(run: Run, contract: Contract, place: PlaceRole) -> list[Row]:
    """The codes of a list that is settled, each with the place that its names mean."""
    table = run.tables[tables.role_table(contract, "places", place.role).name]
    keys = sql.SQL(" AND ").join(
        sql.SQL("r.{name} = t.{name}").format(name=sql.Identifier(name)) for name in contract.key
    )
    select = sql.SQL(
        "SELECT DISTINCT t.region_code, r.{code}::text FROM ({rows}) AS r JOIN identity.{table} AS t "
        "ON {keys} WHERE t.to_run_id IS NULL AND t.outcome = {resolved} AND r.{code} IS NOT NULL "
        "ORDER BY 2, 1"
    ).format(
        code=sql.Identifier(place.code),
        rows=run.rows(contract),
        table=sql.Identifier(table.name),
        keys=keys,
        resolved=sql.Literal(mentions.RESOLVED),
    )
    return [Row(region, place.code_system, code) for region, code in run.session.execute(select).fetchall()]
