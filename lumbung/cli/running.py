"""`lumbung run`, `up`, `stop` and `uri`."""

import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lumbung.cli import outcomes, screen
from lumbung.cli.examples import examples
from lumbung.cli.exits import ExitCode
from lumbung.cli.session import Session, session_of

if TYPE_CHECKING:
    from lumbung.airflow_runtime import RunResult
    from lumbung.reports import Checks
    from schemas.contract import Column, Contract

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for programs.")]
_SAMPLE_ROWS = 5
_SAMPLE_COLUMNS = 7


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(epilog=examples("lumbung run", "lumbung run --json > run.json"))(run)
    app.command(epilog=examples("lumbung up", "LUMBUNG_AIRFLOW_PORT=8090 lumbung up"))(up)
    app.command(epilog=examples("lumbung stop"))(stop)
    app.command(epilog=examples("lumbung uri", 'psql "$(lumbung uri --password)"'))(uri)


def run(context: typer.Context, as_json: Json = False) -> None:
    """Run every DAG once: sync, check, publish.

    Progress goes to stderr, the report to stdout. A source that fails stops no other.
    """
    from lumbung.airflow_runtime import run_once

    session = session_of(context)
    with screen.progress("Starting Airflow") as now:
        result = run_once(session.settings, on_event=lambda event: _follow(event, now))
    if as_json:
        screen.say_json(_result_json(session, result))
    else:
        _report(session, result)
    raise typer.Exit(_exit_code(session, result))


def _follow(event: object, now: Any) -> None:
    """A line per dataset and release on stderr, and what is done now where it is watched."""
    from lumbung.airflow_runtime import DagStarted, StageFailed
    from lumbung.ledger import Load
    from lumbung.releases import ReleaseOutcome

    match event:
        case DagStarted(dag_id, position, count):
            now(f"{dag_id} ({position} of {count})")
        case Load():
            screen.tell(outcomes.load_line(event))
        case ReleaseOutcome():
            screen.tell(outcomes.release_line(event))
        case StageFailed():
            screen.tell(f"{event.subject}: {screen.printable(event.message)}")


def _exit_code(session: Session, result: "RunResult") -> ExitCode:
    """Refused when guards or the gate refused all that failed; else somebody has to look."""
    from lumbung import reports

    if result.ok:
        return ExitCode.FINE
    states = [
        load["state"]
        for failure in result.failures
        for load in reports.loads_of(session.engine, failure.subject, limit=1)
    ]
    all_refused = len(states) == len(result.failures) > 0 and set(states) == {"refused"}
    return ExitCode.REFUSED if all_refused else ExitCode.ACT


def _checks(session: Session, result: "RunResult") -> "list[Checks]":
    from lumbung import reports

    loads = [load.load_id for load in result.loads]
    for failure in result.failures:
        loads += [load["load_id"] for load in reports.loads_of(session.engine, failure.subject, limit=1)]
    return reports.checks_of(session.engine, loads, result.release.release_id if result.release else None)


def _result_json(session: Session, result: "RunResult") -> dict[str, Any]:
    return {
        "ok": result.ok,
        "seconds": round(result.seconds, 3),
        "loads": [outcomes.load_json(load) for load in result.loads],
        "checks": [asdict(checks) for checks in _checks(session, result)],
        "release": outcomes.release_json(result.release) if result.release else None,
        "failures": [{**asdict(failure), "subject": failure.subject} for failure in result.failures],
        "log": str(result.log),
        "uri": session.hub.warehouse.address,
    }


def _report(session: Session, result: "RunResult") -> None:
    screen.heading("Datasets")
    outcomes.show_loads(result.loads)
    if result.failures:
        screen.heading("Failed")
        screen.table(("what", "why"), [(f.subject, f.message) for f in result.failures])
    screen.heading("Checks")
    outcomes.show_checks(_checks(session, result))
    screen.heading("Release")
    if result.release is None:
        screen.say("None: what users see stays as it was.")
    else:
        screen.say(outcomes.release_line(result.release))
        outcomes.show_tables(result.release)
        _show_sample(session, result)
    _show_next(session, result)


def _show_sample(session: Session, result: "RunResult") -> None:
    from lumbung import reports

    assert result.release is not None
    filled = {t.table_name for t in result.release.tables if t.table_schema == "published" and t.row_count}
    fit = [c for c in session.catalogue.published.values() if c.name in filled and not c.is_personal]
    if not fit:
        return
    contract = max(fit, key=lambda c: (_amounts(c), c.name))
    names = _sample_columns(contract)
    rows = reports.sample(session.engine, contract, names, _SAMPLE_ROWS)
    screen.heading(f"The first rows of published.{contract.name}")
    numeric = [place for place, name in enumerate(names) if _is_quantity(contract.column(name))]
    cells = [
        [row[name] if place in numeric else _text(row[name]) for place, name in enumerate(names)]
        for row in rows
    ]
    screen.table(names, cells, numbers=numeric)


def _amounts(contract: "Contract") -> bool:
    """Whether the table tells of money: such rows speak for themselves, small counts may be withheld."""
    return any(c.name.endswith("_amount") for c in contract.columns)


def _is_quantity(column: "Column") -> bool:
    """Whether digits are to be grouped: a year or a month's number is none."""
    named = column.name.endswith(("_year", "_number", "_id"))
    return column.logical_type in ("integer", "number") and not named


def _text(value: object) -> object:
    """Years and the like as they are written, not grouped as quantities."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _sample_columns(contract: "Contract") -> list[str]:
    """As many columns as a screen takes, without the codes whose names stand beside them."""
    names = [c.name for c in contract.columns]
    told = [n for n in names if not (n.endswith("_code") and n.replace("_code", "_name") in names)]
    return told[:_SAMPLE_COLUMNS]


def _show_next(session: Session, result: "RunResult") -> None:
    lumbung, open_entries = _own_name(), sum(load.quarantined_count or 0 for load in result.loads)
    screen.heading("What to do next")
    screen.say(f'Look at the data:       psql "$({lumbung} uri --password)"')
    screen.say(f"                        {session.hub.warehouse.address}")
    if open_entries:
        screen.say(f"See what was refused:   {lumbung} quarantine list")
        screen.say(f"Tell the data's owner:  {lumbung} quarantine export DATASET --output kesalahan.xlsx")
    docs = session.settings.home / "data_docs" / "index.html"
    if docs.exists():
        screen.say(f"Read what was checked:  {docs}")
    screen.say(f"See how things stand:   {lumbung} status")
    # `lumbung up`, unless something else brought the connections and so has to bring them again.
    screen.say("Run Airflow live:       the same command, with up instead of run")
    if result.failures:
        screen.say(f"See what went wrong:    {result.log}")
    screen.say(f"\nDone in {result.seconds:.0f} s.")


def _own_name() -> str:
    """How this command can be typed again: its bare name when that is what the shell would find."""
    called = Path(sys.argv[0])
    found = shutil.which("lumbung")
    if called.name != "lumbung" or (found and Path(found).resolve() == called.resolve()):
        return "lumbung"
    folder = Path.cwd()
    return str(called.relative_to(folder)) if called.is_relative_to(folder) else str(called)


def up(context: typer.Context) -> None:
    """Run Airflow live until Ctrl-C.

    Schedules, UI and REST API on 127.0.0.1:8080, or the port in LUMBUNG_AIRFLOW_PORT.
    """
    from lumbung.airflow_runtime import AirflowReady, AirflowStarting
    from lumbung.airflow_runtime import up as serve

    def follow(event: object) -> None:
        match event:
            case AirflowStarting(step):
                screen.tell(f"{step[:1].upper()}{step[1:]} ...")
            case AirflowReady():
                screen.say(f"Airflow is up: {event.url}")
                screen.say(f"User {event.user}, password {event.password}")
                screen.say(f"Logs: {event.logs}.  Ctrl-C ends it.")

    raise typer.Exit(serve(session_of(context).settings, on_event=follow))


def stop(context: typer.Context) -> None:
    """Stop Airflow and the embedded server."""
    from lumbung import airflow_runtime, embedded

    settings = session_of(context).settings
    with screen.progress("Stopping"):
        stopped = [
            name
            for name, ended in (
                ("Airflow", airflow_runtime.stop(settings)),
                ("the embedded PostgreSQL", embedded.stop(settings.home)),
            )
            if ended
        ]
    screen.say(f"Stopped {' and '.join(stopped)}." if stopped else "Nothing was running.")


def uri(
    context: typer.Context,
    password: Annotated[
        bool, typer.Option("--password", help="With the password, for psql and the like.")
    ] = False,
) -> None:
    """Show the warehouse's address.

    For psql and any other PostgreSQL client. Starts the embedded server if need be.
    """
    from lumbung.hub import open_warehouse

    warehouse = open_warehouse(session_of(context).settings)
    typer.echo(warehouse.url if password else warehouse.address)
