"""Step: which NIKs are of people who died, or one of several of one person."""

from psycopg import sql

from lumbung.resolution.register import NIK, events_in_force, parts
from lumbung.resolution.run import Run
from lumbung.resolution.tables import NIK_STATE, PERSON_KEY
from lumbung.resolution.versions import as_of

DECEASED, DUPLICATE = "deceased", "duplicate"


def settle_nik_states(run: Run) -> None:
    """Settle `identity.nik_state` by the register's events and residents, after the step that knows persons.

    All NIKs of somebody who died are `deceased`, by an event that no later one corrects; those that several
    residents of today have, who are one person, are `duplicate`.
    """
    found = [*(_deceased(run)), *(_duplicates(run))]
    if not found:
        return
    run.settle(
        NIK_STATE,
        sql.SQL("SELECT nik, min(state) FROM ({}) AS s (nik, state) GROUP BY nik").format(
            sql.SQL(" UNION ALL ").join(found)
        ),
    )


def _keys(run: Run) -> sql.Composed:
    return sql.SQL("SELECT key, person_id FROM ({}) AS k WHERE source = {}").format(
        as_of(PERSON_KEY, run.run_id), sql.Literal(NIK)
    )


def _deceased(run: Run) -> list[sql.Composed]:
    return [
        sql.SQL(
            "SELECT o.key, {state} FROM (SELECT e.{nik} AS nik {events}) AS d "
            "JOIN ({keys}) AS k ON k.key = d.nik JOIN ({keys}) AS o USING (person_id)"
        ).format(
            state=sql.Literal(DECEASED),
            nik=sql.Identifier(contract.register.key),
            events=events_in_force(run, contract, contract.register.died),
            keys=_keys(run),
        )
        for contract in parts(run, "events")
        if contract.register.died
    ]


def _duplicates(run: Run) -> list[sql.Composed]:
    listed = [
        sql.SQL("SELECT {} AS key FROM ({}) AS r").format(
            sql.Identifier(contract.register.key), run.rows(contract)
        )
        for contract in parts(run, "residents")
    ]
    if not listed:
        return []
    return [
        sql.SQL(
            "SELECT key, {state} FROM (SELECT key, count(*) OVER (PARTITION BY person_id) AS niks "
            "FROM ({listed}) AS r JOIN ({keys}) AS k USING (key)) AS counted WHERE niks > 1"
        ).format(
            state=sql.Literal(DUPLICATE), listed=sql.SQL(" UNION ").join(listed), keys=_keys(run)
        )
    ]  # fmt: skip
