"""What rows write of places and agencies: each way of writing is answered once, then settled for every row.

A city has hundreds of thousands of rows and few ways of writing: rules written in Python read the ways,
PostgreSQL brings the answers to the rows. What can't be told is a finding, listed with its count.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from psycopg import sql
from psycopg.types.json import Jsonb

from lumbung.resolution.run import Run
from lumbung.resolution.tables import FINDING, IdentityTable
from lumbung.resolution.versions import listed
from schemas.contract import Contract

RESOLVED, FOUND = "resolved", "finding"
#: Written texts are shown up to this length; a name is shorter.
_SHOWN = 100


@dataclass(frozen=True)
class Wording:
    """One way of writing: texts, empty where there are none, and the days for which it holds, if any."""

    code: str
    name: str
    area: str
    first: date | None
    last: date | None


@dataclass(frozen=True)
class Answer:
    """What a wording means: an id and how that was told, or None with the reason and what may be meant."""

    meant: str | None
    how: tuple[str, ...] = ()
    reason: str = ""
    candidates: tuple[str, ...] = ()

    @property
    def evidence(self) -> dict[str, object]:
        """As it is kept with the row; it holds nothing that the row says."""
        if self.meant is not None:
            return {"how": list(self.how)}
        return {"reason": self.reason, "candidates": list(self.candidates)}


@dataclass(frozen=True)
class Mention:
    """Where a dataset's rows speak of something, and what settles it.

    `texts` are the expressions of code, name and area, as texts; `as_of` is the column with the day or year.
    `hidden` is true when what is written may be personal, and is not to be shown.
    """

    contract: Contract
    table: IdentityTable
    kind: str
    role: str
    texts: tuple[sql.Composable, sql.Composable, sql.Composable]
    as_of: str = ""
    hidden: bool = False


def text_of(column: str) -> sql.Composable:
    """The expression of a column's text: empty for none, and where no column is named."""
    if not column:
        return sql.SQL("''")
    return sql.SQL("coalesce({}::text, '')").format(sql.Identifier(column))


def begin_findings(run: Run) -> None:
    """Make room for the run's findings of one kind."""
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(pg_type)) for name, pg_type in FINDING.columns
    )
    run.session.execute("DROP TABLE IF EXISTS pg_temp.finding_wanted")
    run.session.execute(sql.SQL("CREATE TEMP TABLE finding_wanted ({}) ON COMMIT DROP").format(columns))


def settle_findings(run: Run, kind: str) -> None:
    """Settle what was found of this kind; findings of roles that are gone go too."""
    scope = sql.SQL("SELECT {} FROM identity.{} WHERE to_run_id IS NULL AND kind = {}").format(
        listed(FINDING.key), sql.Identifier(FINDING.name), sql.Literal(kind)
    )
    run.settle(FINDING, sql.SQL("SELECT * FROM finding_wanted"), scope)


def keep(run: Run, mention: Mention) -> None:
    """Leave everything as the run before settled it: neither the rows nor the rules changed."""
    run.session.execute(
        sql.SQL(
            "INSERT INTO finding_wanted SELECT {} FROM identity.{} "
            "WHERE to_run_id IS NULL AND (kind, dataset, role) = (%s, %s, %s)"
        ).format(listed(FINDING.names), sql.Identifier(FINDING.name)),
        [mention.kind, mention.contract.id, mention.role],
    )


def settle(
    run: Run, mention: Mention, turns: Sequence[date], answer: Callable[[Wording], Answer], only_changed: bool
) -> None:
    """Answer each way in which the dataset's rows write of it, and settle the role's table.

    `turns` are the days on which answers may change. With `only_changed` rows that are as in the run before
    keep their answer. A row that writes nothing has no row there.
    """
    changed = _changed(run, mention.contract) if only_changed else None
    _gather(run, mention, turns, changed)
    wordings = run.session.execute(
        "SELECT DISTINCT code, name, area, first_turn, last_turn FROM mention"
    ).fetchall()
    _answer(run, wordings, turns, answer)
    run.settle(
        mention.table,
        sql.SQL(
            "SELECT {}, meant, CASE WHEN meant IS NULL THEN {} ELSE {} END, evidence "
            "FROM mention JOIN answer USING (code, name, area, first_turn, last_turn)"
        ).format(listed(_keys(mention.contract)), sql.Literal(FOUND), sql.Literal(RESOLVED)),
        changed,
    )
    _find(run, mention)


def _changed(run: Run, contract: Contract) -> sql.Composable | None:
    """A SELECT of the keys of rows that came, went or changed since the run before; None for all."""
    if run.rows_before(contract) is None or run.before is None:
        return None
    before, now = run.before.pins[contract.id], run.pins[contract.id]
    return sql.SQL(
        "SELECT {} FROM {} WHERE (from_load_id > {before} AND from_load_id <= {now}) "
        "OR (to_load_id > {before} AND to_load_id <= {now})"
    ).format(
        listed(contract.key), sql.Identifier("history", contract.table),
        before=sql.Literal(before), now=sql.Literal(now),
    )  # fmt: skip


def _keys(contract: Contract) -> tuple[str, ...]:
    """Names for the key columns that no other column has."""
    return tuple(f"key_{number}" for number in range(len(contract.key)))


def _gather(run: Run, mention: Mention, turns: Sequence[date], keys: sql.Composable | None) -> None:
    """The keys and texts of every row that writes anything, in a table `mention`; with `keys`, of these."""
    contract = mention.contract
    named = sql.SQL(", ").join(
        sql.SQL("{} AS {}").format(sql.Identifier(name), sql.Identifier(key))
        for name, key in zip(contract.key, _keys(contract), strict=True)
    )
    code, name, area = mention.texts
    first, last = _days(mention)
    scope: sql.Composable = sql.SQL("")
    if keys is not None:
        scope = sql.SQL("WHERE ({}) IN ({})").format(listed(contract.key, "r"), keys)
    run.session.execute("DROP TABLE IF EXISTS pg_temp.mention")
    run.session.execute(
        sql.SQL(
            "CREATE TEMP TABLE mention ON COMMIT DROP AS SELECT * FROM ("
            "SELECT {named}, {code} AS code, {name} AS name, {area} AS area, "
            "coalesce(width_bucket({first}, {turns}::date[]), -1) AS first_turn, "
            "coalesce(width_bucket({last}, {turns}::date[]), -1) AS last_turn "
            "FROM ({rows}) AS r {scope}) AS m "
            "WHERE btrim(code) <> '' OR btrim(name) <> '' OR btrim(area) <> ''"
        ).format(
            named=named, code=code, name=name, area=area, first=first, last=last, scope=scope,
            turns=sql.Literal(list(turns)), rows=run.rows(contract),
        )
    )  # fmt: skip


def _days(mention: Mention) -> tuple[sql.Composable, sql.Composable]:
    """The first and the last day for which a row holds: expressions, NULL for none in particular."""
    if not mention.as_of:
        return sql.SQL("NULL::date"), sql.SQL("NULL::date")
    column = sql.Identifier(mention.as_of)
    if mention.contract.column(mention.as_of).logical_type == "date":
        return column, column
    day = "CASE WHEN {column} BETWEEN 1 AND 9999 THEN make_date({column}::int, {month}, {day}) END"
    return (
        sql.SQL(day).format(column=column, month=sql.Literal(1), day=sql.Literal(1)),
        sql.SQL(day).format(column=column, month=sql.Literal(12), day=sql.Literal(31)),
    )


def _answer(
    run: Run,
    wordings: Iterable[tuple[str, str, str, int, int]],
    turns: Sequence[date],
    answer: Callable[[Wording], Answer],
) -> None:
    """The answers, in a table `answer`."""
    run.session.execute("DROP TABLE IF EXISTS pg_temp.answer")
    run.session.execute(
        "CREATE TEMP TABLE answer (code text, name text, area text, first_turn int, last_turn int, "
        "meant text, evidence jsonb) ON COMMIT DROP"
    )
    with run.session.cursor().copy("COPY answer FROM STDIN") as copy:
        for code, name, area, first, last in wordings:
            said = answer(Wording(code, name, area, _day(turns, first), _day(turns, last)))
            copy.write_row((code, name, area, first, last, said.meant, Jsonb(said.evidence)))
    run.session.execute("ANALYZE pg_temp.mention, pg_temp.answer")


def _day(turns: Sequence[date], turn: int) -> date | None:
    """A day on which everything is as between this turn and the next."""
    if turn < 0 or not turns:
        return None
    return turns[turn - 1] if turn else turns[0] - timedelta(days=1)


def _find(run: Run, mention: Mention) -> None:
    """List the wordings that nobody could tell, each since the run that first found it."""
    run.session.execute(
        sql.SQL(
            "INSERT INTO finding_wanted "
            "SELECT f.kind, f.dataset, f.role, f.owner, f.code, f.name, f.area, f.reason, f.candidates, "
            "f.row_count, coalesce(t.since, now()) FROM ("
            "SELECT {kind} AS kind, {dataset} AS dataset, {role} AS role, {owner} AS owner, {shown}, "
            "m.evidence ->> 'reason' AS reason, min(m.candidates) AS candidates, count(*) AS row_count "
            "FROM ({rows}) AS r JOIN ({found}) AS m ON ({r_keys}) = ({m_keys}) GROUP BY 5, 6, 7, 8"
            ") AS f (kind, dataset, role, owner, code, name, area, reason, candidates, row_count) "
            "LEFT JOIN identity.{finding} AS t ON t.to_run_id IS NULL "
            "AND (t.kind, t.dataset, t.role, t.written_code, t.written_name, t.written_area, t.reason) "
            "= (f.kind, f.dataset, f.role, f.code, f.name, f.area, f.reason)"
        ).format(
            kind=sql.Literal(mention.kind), dataset=sql.Literal(mention.contract.id),
            role=sql.Literal(mention.role), owner=sql.Literal(mention.contract.owner),
            shown=_shown(mention), rows=run.rows(mention.contract), found=_found(mention),
            r_keys=listed(mention.contract.key, "r"), m_keys=listed(_keys(mention.contract), "m"),
            finding=sql.Identifier(FINDING.name),
        )
    )  # fmt: skip


def _shown(mention: Mention) -> sql.Composed:
    """Code, name and area as they are shown. What may be somebody's number is left out."""
    if mention.hidden:
        return sql.SQL("'', '', ''").format()
    # No code has sixteen digits: the undotted ones of agencies have fifteen, NOPs eighteen.
    private = (r"\m[0-9]{16}\M", "[0-9]{9,}", "[0-9]{9,}")
    shown = (
        sql.SQL("left(regexp_replace({}, {}, '#', 'g'), {})").format(text, pattern, sql.Literal(_SHOWN))
        for text, pattern in zip(mention.texts, map(sql.Literal, private), strict=True)
    )
    return sql.SQL(", ").join(shown)


def _found(mention: Mention) -> sql.Composed:
    """A SELECT of the findings in the role's table: keys, evidence, candidates as a text."""
    named = sql.SQL(", ").join(
        sql.SQL("{} AS {}").format(sql.Identifier(name), sql.Identifier(key))
        for name, key in zip(mention.contract.key, _keys(mention.contract), strict=True)
    )
    return sql.SQL(
        "SELECT {}, evidence, array_to_string("
        "ARRAY(SELECT jsonb_array_elements_text(evidence -> 'candidates')), ', ') AS candidates "
        "FROM identity.{} WHERE to_run_id IS NULL AND outcome = {}"
    ).format(named, sql.Identifier(mention.table.name), sql.Literal(FOUND))
