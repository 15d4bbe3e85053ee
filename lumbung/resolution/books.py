"""The books of the runs: `identity.run`."""

from lumbung.warehouse import Session


def applied_loads(session: Session) -> dict[str, int]:
    """The last applied load of each dataset that has one."""
    return dict(
        session.execute(
            "SELECT dataset, last_applied_load_id FROM ops.dataset WHERE last_applied_load_id IS NOT NULL"
        ).fetchall()
    )


def pins_of(session: Session, run_id: int) -> dict[str, int]:
    """The loads that the run read, by dataset."""
    row = session.execute("SELECT pins FROM identity.run WHERE run_id = %s", [run_id]).fetchone()
    assert row is not None, "runs are never deleted"
    pins: dict[str, int] = row[0]
    return pins


def last_changed_runs(session: Session, run_id: int) -> dict[str, int]:
    """By table, the last run up to this one that added or closed any version in it."""
    rows = session.execute(
        "SELECT key, max(run_id) FROM identity.run, jsonb_each(counts) "
        "WHERE run_id <= %s AND value <> '[0, 0]' GROUP BY key",
        [run_id],
    ).fetchall()
    return dict(rows)
