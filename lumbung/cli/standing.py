"""`lumbung status`."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lumbung.cli import outcomes, screen
from lumbung.cli.examples import examples
from lumbung.cli.session import Session, session_of
from schemas.contract import Contract

if TYPE_CHECKING:
    from lumbung.reports import DatasetStatus

_COUNTS = ("read", "added", "changed", "removed", "confirmed", "quarantined")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=examples("lumbung status", "lumbung status siak.residents", "lumbung status --json"))(
        status
    )


def status(
    context: typer.Context,
    dataset: Annotated[
        str | None, typer.Argument(metavar="DATASET", help="Only this one, with its loads.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Show how the datasets stand.

    Freshness, last load, refused rows; and the release that users see.
    """
    session = session_of(context)
    if dataset is not None:
        _one_status(session, session.dataset(dataset), as_json)
        return
    from lumbung import delivery, releases, reports

    found = sorted(
        reports.dataset_statuses(session.engine, session.catalogue), key=lambda status: status.dataset
    )
    current = next((o for o in releases.list_releases(session.hub.warehouse) if o.is_current), None)
    if as_json:
        release = outcomes.release_json(current) if current else None
        screen.say_json({"datasets": list(map(_status_json, found)), "release": release})
        return
    screen.table(
        ("dataset", "fresh", "last applied", "rows", "last load", "quarantined"),
        [_status_row(s, session) for s in found],
        numbers=(3, 5),
    )
    for line in (*_worries(found), *delivery.failures(session.hub)):
        screen.say(line)
    screen.heading("Release")
    screen.say(outcomes.release_line(current) if current else "None yet; `lumbung publish` makes one.")


def _status_json(status: "DatasetStatus") -> dict[str, Any]:
    return {**asdict(status), "is_late": status.is_late}


def _status_row(status: "DatasetStatus", session: Session) -> tuple[object, ...]:
    fresh = "never" if status.applied_at is None else "late" if status.is_late else "yes"
    load = status.last_load
    last = f"{load['load_id']} {_state(load)}" if load else ""
    applied = screen.time_of(status.applied_at, session.settings.timezone)
    return (status.dataset, fresh, applied, status.row_count, last, status.open_entries)


def _state(load: dict[str, Any]) -> str:
    kind = {"replay": " by replay", "reconcile": " by keys alone"}.get(load["kind"], "")
    return f"{load['state']}{kind}{', flagged' if load['is_flagged'] else ''}"


def _worries(found: "Sequence[DatasetStatus]") -> Iterator[str]:
    for one in found:
        load = one.last_load
        if load and load["state"] in ("refused", "failed"):
            yield f"{one.dataset}: load {load['load_id']} {load['state']}: {screen.shown(load['reason'])}"
        if one.is_late and one.age_hours is not None:
            yield f"{one.dataset}: {one.age_hours:,.0f} h old, promised within {one.promised_hours:g} h"


def _one_status(session: Session, contract: Contract, as_json: bool) -> None:
    from lumbung import reports

    found = next(
        s for s in reports.dataset_statuses(session.engine, session.catalogue) if s.dataset == contract.id
    )
    loads = reports.loads_of(session.engine, contract.id)
    reasons = reports.open_reasons(session.engine, contract.id)
    checks = reports.checks_of(session.engine, [load["load_id"] for load in loads[:1]])
    if as_json:
        said = {
            **_status_json(found),
            "loads": loads,
            "open_reasons": reasons,
            "checks": list(map(asdict, checks)),
        }
        screen.say_json(said)
        return
    promised = f", promised within {found.promised_hours:g} h" if found.promised_hours else ""
    age = f"{found.age_hours:,.1f} h old" if found.age_hours is not None else "never synced"
    screen.say(f"{contract.id}: {contract.title} ({contract.owner or 'no owner'}); {age}{promised}")
    screen.heading("Loads")
    _show_history(loads, session)
    if reasons:
        screen.heading("Open in quarantine, by reason")
        screen.table(("reason", "entries"), reasons.items(), numbers=(1,))
    if checks:
        screen.heading("Checks of the last load")
        outcomes.show_checks(checks)


def _show_history(loads: Sequence[dict[str, Any]], session: Session) -> None:
    rows = [
        (
            str(load["load_id"]),
            screen.time_of(load["started_at"], session.settings.timezone),
            _state(load),
            *(load[f"{name}_count"] for name in _COUNTS),
            load["seconds"],
        )
        for load in loads
    ]
    screen.table(("load", "began", "state", *_COUNTS, "seconds"), rows, numbers=range(3, 10))
    for load in loads:
        if load["reason"]:
            screen.say(f"load {load['load_id']}: {screen.printable(load['reason'])}")
