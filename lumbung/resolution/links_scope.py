"""Which records of a dataset a run looks at again, and what they say of a person.

Looked at are records that are new or say something else than in the run before, those of which people
decided since, and those that a change in the register may affect. Everything else is carried over.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from lumbung.resolution.links_decisions import DECIDED
from lumbung.resolution.links_people import CHANGED, FIELDS, text_of
from lumbung.resolution.run import Run
from lumbung.resolution.tables import IdentityTable
from lumbung.resolution.versions import listed
from schemas.contract import Contract
from schemas.entities import PersonRole, columns_named

#: The keys that are looked at.
SCOPE = sql.Identifier("pg_temp", "link_scope")
#: Records: the dataset's key, what they say, and what was decided of them.
RECORDS = sql.Identifier("pg_temp", "link_record")
#: What records say, once however many say it: mention_id, the fields, excluded (people it does not mean).
MENTIONS = sql.Identifier("pg_temp", "link_mention")
#: One row per mention and person that it may mean: mention_id, person_id, weight (bits), probability,
#: fields (jsonb: how each agrees).
PAIRS = sql.Identifier("pg_temp", "link_pair")


@dataclass(frozen=True)
class Linked:
    """A role of people in a dataset, and the table of its links."""

    contract: Contract
    role: PersonRole
    table: IdentityTable

    @property
    def links(self) -> sql.Identifier:
        """The table with its versions."""
        return sql.Identifier("identity", self.table.name)


def make_scope(run: Run, linked: Linked) -> bool:
    """Make `SCOPE`; returns whether it is everything.

    Whom a changed register may affect by what they say beside a NIK is still to be added (`add_to_scope`).
    """
    contract, before = linked.contract, run.rows_before(linked.contract)
    select: sql.Composable = sql.SQL("SELECT {} FROM ({}) AS r").format(
        listed(contract.key), run.rows(contract)
    )
    if before is not None:
        parts = [_touched(run, linked)]
        if contract.id in run.changed:
            parts.append(_said_otherwise(run, linked, before))
        select = sql.SQL(" UNION ").join(parts)
    run.session.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(SCOPE))
    run.session.execute(sql.SQL("CREATE TEMP TABLE link_scope ON COMMIT DROP AS {}").format(select))
    return before is None


def make_records(run: Run, linked: Linked, keys: sql.Composable) -> None:
    """Make `RECORDS` and `MENTIONS` of the records with these keys, a SELECT, as far as they are there."""
    run.session.execute("DROP TABLE IF EXISTS pg_temp.link_record, pg_temp.link_mention")
    run.session.execute(
        sql.SQL(
            "CREATE TEMP TABLE link_record ON COMMIT DROP AS "
            "SELECT {r_keys}, {fields}, coalesce(d.excluded, '{{}}') AS excluded, d.person_id AS decided, "
            "d.decision_id FROM ({rows}) AS r JOIN ({keys}) AS s ON ({r_keys}) = ({s_keys}) "
            "LEFT JOIN {decided} AS d ON {same}"
        ).format(
            r_keys=listed(linked.contract.key, "r"),
            s_keys=listed(linked.contract.key, "s"),
            fields=fields_of(linked.role),
            rows=run.rows(linked.contract),
            keys=keys,
            decided=DECIDED,
            same=_same_key(linked.contract.key),
        )
    )
    run.session.execute(
        sql.SQL(
            "CREATE TEMP TABLE link_mention ON COMMIT DROP AS "
            "SELECT row_number() OVER () AS mention_id, said.* FROM "
            "(SELECT DISTINCT {}, excluded FROM {} WHERE decided IS NULL) AS said"
        ).format(listed(FIELDS), RECORDS)
    )
    run.session.execute("ANALYZE link_record, link_mention")


def in_scope(linked: Linked) -> sql.Composed:
    """A SELECT of the keys in scope."""
    return sql.SQL("SELECT {} FROM {}").format(listed(linked.table.key), SCOPE)


def unsettled(linked: Linked) -> sql.Composed:
    """A SELECT of the keys whom a NIK settles not, nor a decision, and that are not in scope yet."""
    return sql.SQL(
        "SELECT {keys} FROM {links} WHERE to_run_id IS NULL AND method IS DISTINCT FROM 'decision' "
        "AND NOT (outcome = 'match' AND method = 'nik') EXCEPT {scope}"
    ).format(keys=listed(linked.table.key), links=linked.links, scope=in_scope(linked))


def add_to_scope(run: Run, linked: Linked, mention_ids: Sequence[int]) -> None:
    """Add the keys of those `RECORDS` that say what these mentions do."""
    run.session.execute(
        sql.SQL("INSERT INTO {} SELECT {} FROM {} AS r JOIN {} AS m USING ({}, excluded) {}").format(
            SCOPE, listed(linked.table.key, "r"), RECORDS, MENTIONS, listed(FIELDS),
            sql.SQL("WHERE m.mention_id = ANY (%s)"),
        ),
        [list(mention_ids)],
    )  # fmt: skip


def fields_of(role: PersonRole) -> sql.Composed:
    """What a record `r` says: a list of the columns `FIELDS`."""
    named = columns_named(role)
    return sql.SQL(", ").join(
        sql.SQL("{} AS {}").format(text_of(sql.Identifier("r", named[field])), sql.Identifier(field))
        if field in named
        else sql.SQL("''::text AS {}").format(sql.Identifier(field))
        for field in FIELDS
    )


def _said_otherwise(run: Run, linked: Linked, before: sql.Composed) -> sql.Composed:
    """Keys that are new, gone, or whose record says something else of the person than before."""
    now, then = (
        sql.SQL("SELECT {}, {} FROM ({}) AS r").format(
            listed(linked.contract.key, "r"), fields_of(linked.role), rows
        )
        for rows in (run.rows(linked.contract), before)
    )
    return sql.SQL(
        "SELECT {keys} FROM (({now} EXCEPT {then}) UNION ALL ({then} EXCEPT {now})) AS difference"
    ).format(keys=listed(linked.contract.key), now=now, then=then)


def _touched(run: Run, linked: Linked) -> sql.Composed:
    """Keys that name a changed person: by NIK, as the link so far, as a candidate, or by a decision."""
    key = linked.table.key
    return sql.SQL(
        "SELECT {keys} FROM (SELECT {r_keys}, {fields} FROM ({rows}) AS r) AS said "
        "WHERE nik <> '' AND nik IN (SELECT nik FROM {changed}) "
        "UNION SELECT {keys} FROM {links} AS t WHERE to_run_id IS NULL "
        "AND (person_id IN (SELECT person_id FROM {changed}) OR EXISTS ("
        "SELECT FROM jsonb_array_elements(evidence -> 'candidates') AS candidate "
        "WHERE (candidate ->> 'person_id')::uuid IN (SELECT person_id FROM {changed}))) "
        "UNION SELECT {r_keys} FROM ({rows}) AS r JOIN {decided} AS d ON {same} WHERE d.is_new"
    ).format(
        keys=listed(key), r_keys=listed(key, "r"), fields=fields_of(linked.role),
        rows=run.rows(linked.contract), changed=CHANGED, links=linked.links, decided=DECIDED,
        same=_same_key(key),
    )  # fmt: skip


def _same_key(key: tuple[str, ...]) -> sql.Composed:
    """A condition: the key of record `r` is that of decision `d`."""
    values = sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier("r", name)) for name in key)
    return sql.SQL("ARRAY[{}] = d.key").format(values)
