"""What a swap has to know of a view that is there already, and of the readers that hold it."""

from dataclasses import dataclass

from lumbung.relations import Column, columns_of
from lumbung.warehouse import Session

_VIEW = """
SELECT c.oid::bigint, c.relkind = 'v', pg_get_userbyid(c.relowner),
    ARRAY(SELECT DISTINCT used.relname::text
        FROM pg_rewrite rule
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = rule.oid
        JOIN pg_class used ON d.refclassid = 'pg_class'::regclass AND d.refobjid = used.oid
        WHERE rule.ev_class = c.oid AND used.relnamespace = to_regnamespace('release'))
FROM pg_class c WHERE c.oid = to_regclass(format('%%I.%%I', %s::text, %s::text))
"""
# The owner's own privileges come back by themselves.
_GRANTS = """
SELECT CASE WHEN acl.grantee <> 0 THEN pg_get_userbyid(acl.grantee) END, acl.privilege_type, acl.is_grantable,
    given.attname
FROM pg_class c
CROSS JOIN LATERAL (
    SELECT c.relacl AS acl, NULL AS attname
    UNION ALL SELECT a.attacl, a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL
) AS given
CROSS JOIN LATERAL aclexplode(given.acl) AS acl
WHERE c.oid = %s AND acl.grantee <> c.relowner
ORDER BY 4 NULLS FIRST, 1, 2
"""
# What is built on a view hangs on the view itself or on its row type.
_DEPENDENTS = """
WITH RECURSIVE dependent (oid, description) AS (
    SELECT %(oid)s::oid, NULL::text
    UNION
    SELECT rule.ev_class,
        CASE WHEN rule.ev_class IS NULL THEN pg_describe_object(d.classid, d.objid, d.objsubid)
             ELSE pg_describe_object('pg_class'::regclass, rule.ev_class, 0) END
    FROM dependent
    JOIN pg_class c ON c.oid = dependent.oid
    JOIN pg_depend d ON d.deptype IN ('n', 'a') AND (
        d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid
        OR d.refclassid = 'pg_type'::regclass AND d.refobjid IN (
            c.reltype, (SELECT typarray FROM pg_type WHERE oid = c.reltype)))
    LEFT JOIN pg_rewrite rule ON d.classid = 'pg_rewrite'::regclass AND d.objid = rule.oid
    WHERE rule.ev_class IS DISTINCT FROM c.oid
)
SELECT DISTINCT description FROM dependent WHERE description IS NOT NULL ORDER BY 1
"""
_BLOCKERS = """
SELECT a.pid, coalesce(a.usename, '?'), to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SS TZ')
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'relation' AND l.granted AND l.pid <> pg_backend_pid()
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.relation = to_regclass(%s)
ORDER BY a.xact_start
"""


@dataclass(frozen=True)
class Grant:
    """One privilege on a view, or on one column of it; `role` is None for everybody (PUBLIC)."""

    role: str | None
    privilege: str
    is_grantable: bool
    column: str | None


@dataclass(frozen=True)
class ViewFacts:
    """A view as it is: its columns, owner, grants, the release relations it shows, what is built on it."""

    is_view: bool
    owner: str
    relations: tuple[str, ...]
    columns: tuple[Column, ...]
    grants: tuple[Grant, ...]
    dependents: tuple[str, ...]


def find_view(session: Session, schema: str, name: str) -> ViewFacts | None:
    """The relation of that name; None when there is none."""
    row = session.execute(_VIEW, [schema, name]).fetchone()
    if row is None:
        return None
    oid, is_view, owner, relations = row
    dependents = session.execute(_DEPENDENTS, {"oid": oid}).fetchall()
    return ViewFacts(
        is_view=is_view,
        owner=owner,
        relations=tuple(relations),
        columns=tuple(columns_of(session, schema, name)),
        grants=tuple(Grant(*grant) for grant in session.execute(_GRANTS, [oid]).fetchall()),
        dependents=tuple(description for (description,) in dependents),
    )


def blockers(session: Session, view: str) -> str:
    """Who holds the view now, in words: process, user and since when; never what they asked."""
    rows = session.execute(_BLOCKERS, [view]).fetchall()
    if not rows:
        return "readers held one after the other"
    held = [f"process {pid} of {user}{f' since {since}' if since else ''}" for pid, user, since in rows]
    return f"{' and '.join(held)} {'hold' if len(held) > 1 else 'holds'}"
