"""Agencies: which organisation each row speaks of, by the hub's table of agencies, or a finding."""

from collections.abc import Iterator
from functools import partial

from psycopg import sql
from psycopg.rows import dict_row

from lumbung.organisations.register import Register, Told, of_reference
from lumbung.organisations.resolve import Mention, Resolved, resolve
from lumbung.resolution import mentions, tables
from lumbung.resolution.mentions import Answer, Wording
from lumbung.resolution.run import Run
from schemas.contract import Contract
from schemas.entities import OrganisationRole, columns_named

ORGANISATIONS, ALIASES, REGIONS = "reference.organisation", "reference.organisation_alias", "reference.region"


def settle_organisations(run: Run) -> None:
    """Settle the agency of every row in every role that a contract names, and list what can't be told.

    Raises RegisterError when the table of agencies has an unusable row.
    """
    register = register_of(run)
    mentions.begin_findings(run)
    same_lists = run.changed.isdisjoint({ORGANISATIONS, ALIASES, REGIONS})
    for contract, organisation in _roles(run):
        mention = _mention(run, contract, organisation)
        if same_lists and contract.id not in run.changed:
            mentions.keep(run, mention)
        else:
            mentions.settle(run, mention, register.turns, partial(_told, register), only_changed=same_lists)
    mentions.settle_findings(run, "organisations")


def register_of(run: Run) -> Register:
    """The register of the pinned tables; the city of which kecamatan are listed may follow every name."""
    regions = _reference(run, REGIONS)
    parents = {row["parent_code"] for row in regions if row["region_level_code"] == "kecamatan"}
    cities = {str(row["region_name"]) for row in regions if row["region_code"] in parents}
    return of_reference(_reference(run, ORGANISATIONS), _reference(run, ALIASES), sorted(cities))


def _reference(run: Run, dataset: str) -> list[Told]:
    if not run.has(dataset) or dataset not in run.catalogue.sources:
        return []
    with run.session.cursor(row_factory=dict_row) as cursor:
        return list(cursor.execute(run.rows(run.catalogue.sources[dataset])))


def _roles(run: Run) -> Iterator[tuple[Contract, OrganisationRole]]:
    for contract in run.catalogue.sources.values():
        if run.has(contract.id):
            yield from ((contract, organisation) for organisation in contract.entities.organisations)


def _mention(run: Run, contract: Contract, organisation: OrganisationRole) -> mentions.Mention:
    return mentions.Mention(
        contract=contract,
        table=run.tables[tables.role_table(contract, "organisations", organisation.role).name],
        kind="organisations",
        role=organisation.role,
        texts=(mentions.text_of(organisation.code), mentions.text_of(organisation.name), sql.SQL("''")),
        as_of=organisation.as_of,
        hidden=any(contract.column(name).is_personal for name in columns_named(organisation).values()),
    )


def _told(register: Register, wording: Wording) -> Answer:
    answer = resolve(register, Mention(wording.code, wording.name, wording.first, wording.last))
    if isinstance(answer, Resolved):
        return Answer(answer.organisation, how=answer.how)
    return Answer(None, reason=answer.kind.value, candidates=answer.candidates)
