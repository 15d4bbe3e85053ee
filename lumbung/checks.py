"""What the gate found, and the books it is kept in. Knows nothing of Great Expectations."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import psycopg
from psycopg.types.json import Jsonb

from expectations.history import VolumeHistory

Outcome = Literal["passed", "failed", "errored"]
#: How many applied loads a new one is compared with.
HISTORY_LOADS = 7


@dataclass(frozen=True)
class CheckResult:
    """One rule's outcome on one subject.

    `errored` means that the rule could not be judged: the data may be right or wrong. `observed` can
    be written as JSON and never holds a personal value. `message` is one line, empty when passed.
    """

    rule: str
    severity: Literal["critical", "warning"]
    outcome: Outcome
    observed: dict[str, Any] = field(default_factory=dict)
    message: str = ""

    @property
    def blocks(self) -> bool:
        """True when the load or release must not go on: a critical rule that did not pass."""
        return self.severity == "critical" and self.outcome != "passed"

    @property
    def flags(self) -> bool:
        """True when users have to see a flag: a warning rule that did not pass."""
        return self.severity == "warning" and self.outcome != "passed"


def record(
    conn: psycopg.Connection[Any],
    results: Iterable[CheckResult],
    subject: str,
    *,
    load_id: int | None = None,
    release_id: int | None = None,
) -> None:
    """Write `results` to `ops.check_result`, in place of what an earlier try of the same check wrote.

    `subject` is a dataset's or table's name; exactly one of the two ids says what was judged. The
    caller commits.
    """
    conn.execute(
        "DELETE FROM ops.check_result WHERE subject = %s "
        "AND load_id IS NOT DISTINCT FROM %s AND release_id IS NOT DISTINCT FROM %s",
        (subject, load_id, release_id),
    )
    rows = [
        (subject, load_id, release_id, r.rule, r.severity, r.outcome, Jsonb(r.observed), r.message)
        for r in results
    ]
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ops.check_result (subject, load_id, release_id, rule, severity, outcome, "
            "observed, message) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            rows,
        )


def volume_history(conn: psycopg.Connection[Any], dataset: str) -> VolumeHistory | None:
    """The row counts after the last applied loads of `dataset`; None before the first."""
    rows = conn.execute(
        "SELECT after_count FROM ops.load WHERE dataset = %s AND state = 'applied' "
        "AND kind = 'sync' ORDER BY load_id DESC LIMIT %s",
        (dataset, HISTORY_LOADS),
    ).fetchall()
    return VolumeHistory(tuple(row[0] for row in rows)) if rows else None
