"""Outcomes of loads and releases, as tables for people and as JSON for programs."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lumbung.cli import screen

if TYPE_CHECKING:
    from lumbung.delivery import Delivery
    from lumbung.ledger import Load
    from lumbung.releases import ReleaseOutcome
    from lumbung.reports import Checks

Row = dict[str, Any]

_COUNTS = ("read", "added", "changed", "removed", "confirmed", "quarantined")
_HIDDEN = ("contract_fingerprint",)


def load_json(load: "Load") -> Row:
    """The load for a program: every count, and seconds in all."""
    said = {name: value for name, value in asdict(load).items() if name not in _HIDDEN}
    return {**said, "seconds": round(load.seconds, 3)}


def release_json(outcome: "ReleaseOutcome") -> Row:
    """The release and its tables for a program."""
    return {
        **asdict(outcome.release),
        "is_current": outcome.is_current,
        "tables": list(map(asdict, outcome.tables)),
    }


def show_loads(loads: Sequence["Load"]) -> None:
    """A row per load: where every row that it read has gone."""
    # Most loads leave nothing out; when one does, its sum only adds up with these.
    left_out = [n for n in ("filtered", "superseded") if any(getattr(load, f"{n}_count") for load in loads)]
    counts = (*_COUNTS, *left_out)
    rows = [
        (load.dataset, *(getattr(load, f"{name}_count") for name in counts), load.seconds, _state(load))
        for load in loads
    ]
    if rows:
        headers = ("dataset", *counts, "seconds", "state")
        screen.table(headers, rows, numbers=range(1, len(headers) - 1))
    for load in loads:
        if load.state == "applied" and load.reason:
            screen.say(f"{load.dataset}: {load.reason}")


def tell_problems(delivery: "Delivery") -> None:
    """On stderr what kept an owner from being told of a load."""
    for problem in delivery.problems:
        screen.tell(f"lumbung: {screen.printable(problem)}")


def load_line(load: "Load") -> str:
    """`siak.residents: applied, 20,000 read, 12 added, 3 quarantined (1.2 s)`."""
    told = [f"{count:,} {name}" for name in _COUNTS if (count := getattr(load, f"{name}_count"))]
    return f"{load.dataset}: {_state(load)}{''.join(f', {text}' for text in told)} ({load.seconds:.1f} s)"


def show_checks(checks: Iterable["Checks"]) -> None:
    """A row per subject that was judged, then what did not pass."""
    found = list(checks)
    if not found:
        screen.say("No new checks: nothing was loaded, and every table was used again.")
        return
    screen.table(
        ("subject", "passed", "flagged", "failed"),
        [(c.subject, c.passed, c.flagged, c.failed) for c in found],
        numbers=(1, 2, 3),
    )
    for message in (message for c in found for message in c.messages):
        screen.say(f"  {screen.printable(message)}")


def show_tables(outcome: "ReleaseOutcome") -> None:
    """The published tables of the release with their rows."""
    rows = [
        (t.name, t.row_count, t.check_state, "same as before" if t.is_reused else "new")
        for t in outcome.tables
        if t.table_schema == "published"
    ]
    screen.table(("table", "rows", "checks", "content"), rows, numbers=(1,))


def release_line(outcome: "ReleaseOutcome") -> str:
    """`Release 7 (as of 2024-08-07): released, 5 tables, 2 of them new.`"""
    tables = [t for t in outcome.tables if t.table_schema == "published"]
    new = sum(not t.is_reused for t in tables)
    back = f", back to release {outcome.release.rollback_of}" if outcome.release.rollback_of else ""
    return (
        f"Release {outcome.release_id} (as of {outcome.release.as_of_date}): {outcome.state}{back}, "
        f"{screen.plural(len(tables), 'published table')}, {new} new."
    )


def _state(load: "Load") -> str:
    accepted = f", accepted by {load.accepted_by}" if load.accepted_by else ""
    return f"{load.state}{', flagged' if load.is_flagged else ''}{accepted}"
