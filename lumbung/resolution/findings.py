"""Step: where records say different things of the same person or business, and what stands nevertheless.

Nothing is overridden in silence: `identity.record_finding` has both values, who says which and since when,
and the agency that has to look; `identity.person_golden` what stands by the rules of `survivorship.yaml`,
NULL where they abstain. Comes after every step that links records.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from uuid import UUID

from psycopg import sql

from lumbung.resolution.disagreement import Disagreement, Statement, judge
from lumbung.resolution.findings_moments import date_findings
from lumbung.resolution.findings_other import (
    DISAGREEMENT,
    candidate_findings,
    death_findings,
    other_person_findings,
)
from lumbung.resolution.findings_said import BUSINESS, FOUND, PERSON, PERSON_FIELDS, SAID, make_said
from lumbung.resolution.run import Run
from lumbung.resolution.survivorship import CHOSEN, Rule, rules_of
from lumbung.resolution.tables import PERSON_GOLDEN, RECORD_FINDING
from lumbung.resolution.temporary import fill
from lumbung.resolution.versions import listed

#: Fields of businesses, and the rule for each.
_BUSINESS_RULES = {
    "business_name": "name", "npwp": "npwp", "address": "address", "owner": "owner_person_id",
}  # fmt: skip
_GROUPS = """
CREATE TEMP TABLE finding_group ON COMMIT DROP AS
SELECT subject, subject_id, field, count(DISTINCT upper(value)) > 1 AS differs
FROM pg_temp.finding_said GROUP BY subject, subject_id, field
"""
_DIFFERING = """
SELECT subject, subject_id, field, source, dataset, role, record, value, since
FROM pg_temp.finding_said JOIN pg_temp.finding_group USING (subject, subject_id, field)
WHERE differs ORDER BY subject, subject_id, field
"""
# Where all say the same, up to capitals: the spelling of the first in the rule's order.
_AGREEING = sql.SQL("""
SELECT subject_id, field, (array_agg(value ORDER BY rank, since DESC, record))[1], 'chosen',
    (array_agg(dataset ORDER BY rank, since DESC, record))[1], array_agg(DISTINCT dataset ORDER BY dataset)
FROM {said} JOIN pg_temp.finding_group USING (subject, subject_id, field)
JOIN (VALUES {ranks}) AS ranked (field, source, rank) USING (field, source)
WHERE subject = 'person' AND NOT differs GROUP BY subject_id, field
""")
_Rules = dict[tuple[str, str], Rule]


@dataclass
class _Judged:
    """What the fields that differ come to, as rows of the two tables."""

    findings: list[tuple[object, ...]] = field(default_factory=list, repr=False)
    golden: list[tuple[object, ...]] = field(default_factory=list, repr=False)


def settle_disagreements(run: Run) -> None:
    """Settle `identity.record_finding` and `identity.person_golden`.

    Raises `SettingsError` when the project's rules can't be used.
    """
    rules = rules_of(run.settings.project)
    fields = {(PERSON, name): rules[PERSON][name] for name in PERSON_FIELDS}
    fields |= {(BUSINESS, name): rules[BUSINESS][rule] for name, rule in _BUSINESS_RULES.items()}
    make_said(run)
    run.session.execute("DROP TABLE IF EXISTS pg_temp.finding_group")
    run.session.execute(_GROUPS)
    judged = _judged(run, fields)
    fill(run.session, "finding_found", RECORD_FINDING.columns, judged.findings)
    for found in (*other_person_findings(run), *death_findings(run), *candidate_findings(run)):
        run.session.execute(sql.SQL("INSERT INTO finding_found {}").format(found))
    date_findings(run)
    keys = listed(RECORD_FINDING.key)
    run.settle(
        RECORD_FINDING, sql.SQL("SELECT DISTINCT ON ({}) * FROM {} ORDER BY {}").format(keys, FOUND, keys)
    )
    _settle_golden(run, fields, judged.golden)


def _judged(run: Run, rules: _Rules) -> _Judged:
    judged = _Judged()
    rows = run.session.execute(_DIFFERING).fetchall()
    for (subject, subject_id, name), group in groupby(rows, key=lambda row: row[:3]):
        statements = [Statement(*row[3:]) for row in group]
        choice, found = judge(name, rules[subject, name], statements)
        for one in found:
            judged.findings.append(_finding(run, (subject, subject_id, name), one))
        if subject == PERSON and choice is not None:
            whose = {(one.source, one.value): one.dataset for one in statements}
            dataset = whose[choice.dataset or "", choice.value or ""] if choice.outcome == CHOSEN else None
            said_by = sorted({one.dataset for one in statements})
            judged.golden.append((subject_id, name, choice.value, choice.outcome, dataset, said_by))
    return judged


def _finding(run: Run, what: tuple[str, UUID, str], found: Disagreement) -> tuple[object, ...]:
    """A row of `identity.record_finding`: whose record differs from what stands has to look."""
    subject, subject_id, name = what
    one, other = found.one, found.other
    contract = run.catalogue.sources[one.dataset]
    other_owner = run.catalogue.sources[other.dataset].owner
    is_personal = any(contract.column(column).is_personal for column in contract.key)
    return (
        DISAGREEMENT, subject, str(subject_id), name, contract.owner, other_owner,
        one.dataset, one.role, one.record, is_personal, one.value, one.since,
        other.dataset, other.role, other.record, other.value, other.since, found.score,
    )  # fmt: skip


def _settle_golden(run: Run, rules: _Rules, differing: Sequence[tuple[object, ...]]) -> None:
    sources = [row[0] for row in run.session.execute("SELECT DISTINCT source FROM pg_temp.finding_said")]
    ranks = [
        sql.SQL("({}, {}, {})").format(name, source, rank)
        for (subject, name), rule in rules.items()
        if subject == PERSON
        for source in sources
        if (rank := rule.rank(source)) is not None
    ]
    fill(run.session, "golden_wanted", PERSON_GOLDEN.columns, differing)
    wanted: sql.Composable = sql.SQL("SELECT * FROM pg_temp.golden_wanted")
    if ranks:
        agreeing = _AGREEING.format(said=SAID, ranks=sql.SQL(", ").join(ranks))
        wanted = sql.SQL("{} UNION ALL {}").format(wanted, agreeing)
    run.settle(PERSON_GOLDEN, wanted)
