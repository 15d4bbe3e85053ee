"""The step that links records of agencies to people, as contracts' `entities.persons` name them.

By NIK where it is registered (`links_nik`), else by all that a record says (`links_scoring`); what people
decided wins (`links_decisions`). A record comes to `match`, `possible` (somebody has to look at it), `none`,
or `conflict`: its NIK is somebody else's. Only a match has a `person_id`.
"""

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from psycopg import sql

from lumbung.resolution.links_decisions import make_decided
from lumbung.resolution.links_nik import BY_NIK, judge_by_nik
from lumbung.resolution.links_people import FIELDS, make_people
from lumbung.resolution.links_scope import (
    MENTIONS,
    RECORDS,
    Linked,
    add_to_scope,
    in_scope,
    make_records,
    make_scope,
    unsettled,
)
from lumbung.resolution.links_settings import LinkSettings, link_settings
from lumbung.resolution.links_verdicts import VERDICTS, judge
from lumbung.resolution.run import Run
from lumbung.resolution.tables import role_table
from lumbung.resolution.versions import listed

if TYPE_CHECKING:
    from lumbung.resolution.links_scoring import Scorer

log = logging.getLogger(__name__)


def link_records(run: Run) -> None:
    """Settle the table of every role of a person. Raises `SettingsError`, as `link_settings` does."""
    roles = list(_roles(run))
    if not roles:
        return
    # Splink and DuckDB take seconds to import, and most commands never link.
    from lumbung.resolution.links_scoring import Scorer

    settings = link_settings(run.settings.project)
    make_people(run)
    scorer = Scorer(run.session, settings)
    for linked in roles:
        _link(run, linked, scorer, settings)


def _roles(run: Run) -> Iterator[Linked]:
    for contract in run.catalogue.sources.values():
        if run.has(contract.id):
            for role in contract.entities.persons:
                yield Linked(contract, role, run.tables[role_table(contract, "persons", role.role).name])


def _link(run: Run, linked: Linked, scorer: "Scorer", settings: LinkSettings) -> None:
    make_decided(run, linked.contract, linked.role)
    everything = make_scope(run, linked)
    if not everything:
        _add_affected(run, linked, scorer)
    make_records(run, linked, in_scope(linked))
    judge_by_nik(run.session, settings)
    scorer.score(
        sql.SQL(
            "SELECT mention_id FROM {} WHERE name <> '' "
            "AND mention_id NOT IN (SELECT mention_id FROM {} WHERE outcome = 'match')"
        ).format(MENTIONS, BY_NIK)
    )
    judge(run.session, scorer.thresholds, settings.candidates, run.settings.today())
    run.settle(linked.table, _wanted(linked), None if everything else in_scope(linked))
    _tell(run, linked)


def _add_affected(run: Run, linked: Linked, scorer: "Scorer") -> None:
    """Add records to the scope that somebody new or changed in the register may be meant by."""
    if scorer.changed_entries:
        make_records(run, linked, unsettled(linked))
        add_to_scope(run, linked, scorer.reached_by_changed())


def _wanted(linked: Linked) -> sql.Composed:
    """The links of the records in scope, in the columns of the role's table."""
    return sql.SQL(
        "SELECT {keys}, v.person_id, v.outcome, v.method, v.score, v.evidence "
        "FROM {records} AS r JOIN {mentions} AS m USING ({fields}, excluded) "
        "JOIN {verdicts} AS v USING (mention_id) WHERE r.decided IS NULL "
        "UNION ALL SELECT {keys}, r.decided, 'match', 'decision', 1, "
        "jsonb_build_object('decision_id', r.decision_id) FROM {records} AS r WHERE r.decided IS NOT NULL"
    ).format(
        keys=listed(linked.table.key, "r"), records=RECORDS, mentions=MENTIONS, fields=listed(FIELDS),
        verdicts=VERDICTS,
    )  # fmt: skip


def _tell(run: Run, linked: Linked) -> None:
    row = run.session.execute(sql.SQL("SELECT count(*) FROM {}").format(RECORDS)).fetchone()
    assert row is not None, "an aggregate gives a row"
    run.looked_at[linked.table.name] = row[0]
    log.info("%s, role %s: %d records looked at", linked.contract.id, linked.role.role, row[0])
