"""`lumbung sync` and `publish`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from lumbung.cli import outcomes, screen
from lumbung.cli.examples import examples
from lumbung.cli.exits import ExitCode, exit_of, exit_of_all
from lumbung.cli.session import Session, session_of
from schemas.contract import Contract
from schemas.errors import LumbungError

if TYPE_CHECKING:
    from lumbung.ledger import Load

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for programs.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        epilog=examples(
            "lumbung sync siak.residents",
            "lumbung sync siak perizinan.permits          every dataset of siak, and one more",
            "lumbung sync --all --json",
            "lumbung sync perizinan.permits --from 2024-01-01 --to 2024-02-01",
            "lumbung sync perizinan.permits --reconcile   find what is gone at the source",
            'lumbung sync siak.residents --accept 42 --by "Rina (Disdukcapil)" --reason "kelurahan merged"',
        )
    )(sync)
    app.command(
        epilog=examples("lumbung publish", "lumbung publish --as-of 2024-12-31", "lumbung publish --breaking")
    )(publish)


@dataclass
class _Synced:
    """What came of several syncs: loads, errors by dataset, and those that had to wait for a parent."""

    loads: "list[Load]" = field(default_factory=list)
    errors: dict[str, LumbungError] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)


def sync(  # noqa: PLR0913 - each is an option of the command line
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="DATASET|SOURCE...", help="Datasets, or sources with all of theirs."),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every dataset of the project.")] = False,
    since: Annotated[
        str, typer.Option("--from", metavar="VALUE", help="Read again from here on, by the watermark.")
    ] = "",
    until: Annotated[
        str, typer.Option("--to", metavar="VALUE", help="... to before here; the watermark stays as it is.")
    ] = "",
    reconcile: Annotated[
        bool, typer.Option("--reconcile", help="Read all keys, and remove rows that the source lost.")
    ] = False,
    accept: Annotated[
        int | None, typer.Option(metavar="LOAD", help="Apply this load although a guard refused it.")
    ] = None,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who accepts it (kept on record).")] = "",
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why (kept on record).")] = "",
    as_json: Json = False,
) -> None:
    """Bring datasets home: land, validate, check, apply.

    A dataset that fails does not stop the others, but those that refer to it wait. The exit code says why.
    """
    session = session_of(context)
    _refuse_mixed(since, until, reconcile=reconcile, accept=accept is not None)
    if accept is not None:
        found = _accepted(session, accept, names or [], by.strip(), reason.strip())
    elif by or reason:
        raise typer.BadParameter("--by and --reason go with --accept LOAD")
    else:
        chosen = _chosen(session, names or [], everything)
        found = _sync(chosen, _way(session, since, until, reconcile=reconcile))
    _notify(session, found)
    _report(found, as_json)
    raise typer.Exit(exit_of_all(map(exit_of, found.errors.values())))


def _refuse_mixed(since: str, until: str, *, reconcile: bool, accept: bool) -> None:
    if bool(since) != bool(until):
        raise typer.BadParameter("--from and --to go together: from the first, to before the second")
    if sum((bool(since), reconcile, accept)) > 1:
        raise typer.BadParameter("give one of --from and --to, --reconcile, --accept")


def _chosen(session: Session, names: Sequence[str], everything: bool) -> list[Contract]:
    if everything == bool(names):
        raise typer.BadParameter("name datasets or sources, or give --all")
    catalogue = session.catalogue
    if everything:
        return list(catalogue.sources.values())
    chosen: set[str] = set()
    for name in names:
        of_source = catalogue.datasets_of(name)
        chosen |= {c.id for c in of_source} if of_source else {session.dataset(name).id}
    return [c for c in catalogue.sources.values() if c.id in chosen]


def _way(session: Session, since: str, until: str, *, reconcile: bool) -> Callable[[Contract], "Load"]:
    """How each dataset is brought home: as usual, in a window, or by its keys alone."""
    from lumbung import pipeline, watermarks

    def way(contract: Contract) -> "Load":
        if reconcile:
            return pipeline.reconcile(session.hub, contract.id)
        window = None
        if since:
            window = watermarks.window(contract, since, until, session.settings.timezone)
        return pipeline.sync(session.hub, contract.id, window)

    return way


def _sync(contracts: Sequence[Contract], way: Callable[[Contract], "Load"]) -> _Synced:
    found = _Synced()
    with screen.progress("Syncing") as now:
        for position, contract in enumerate(contracts, start=1):
            now(f"Syncing {contract.id} ({position} of {len(contracts)})")
            missed = {r.dataset for r in contract.references} & {*found.errors, *found.skipped}
            if missed:
                found.skipped[contract.id] = ", ".join(sorted(missed))
                continue
            try:
                found.loads.append(way(contract))
            except LumbungError as error:
                found.errors[contract.id] = error
    return found


def _refuse_accepting(session: Session, load_id: int, names: Sequence[str], by: str, reason: str) -> None:
    """Refuse what is wrong with the command line before anything is written."""
    from lumbung import reports

    if not by or not reason:
        raise typer.BadParameter("--accept needs --by NAME and --reason TEXT; both stay on record")
    load = reports.find_load(session.engine, load_id)
    if load is None:
        raise typer.BadParameter(f"there is no load {load_id}; `lumbung status DATASET` lists them")
    if list(names) not in ([], [load["dataset"]]):
        raise typer.BadParameter(f"load {load_id} is of {load['dataset']}, not of {', '.join(names)}")


def _accepted(session: Session, load_id: int, names: Sequence[str], by: str, reason: str) -> _Synced:
    from lumbung import pipeline

    _refuse_accepting(session, load_id, names, by, reason)
    with screen.progress(f"Applying load {load_id}"):
        return _Synced([pipeline.accept(session.hub, load_id, by, reason)])


def _notify(session: Session, found: _Synced) -> None:
    from lumbung import pipeline
    from lumbung.errors import LoadRefused

    for load in found.loads:
        outcomes.tell_problems(pipeline.notify(session.hub, load.load_id))
    for error in found.errors.values():
        if isinstance(error, LoadRefused):
            outcomes.tell_problems(pipeline.notify_refused(session.hub, error))


def _report(found: _Synced, as_json: bool) -> None:
    if as_json:
        screen.say_json(
            {
                "loads": [outcomes.load_json(load) for load in found.loads],
                "failures": [
                    {"dataset": dataset, "exit_code": int(exit_of(error)), "message": str(error)}
                    for dataset, error in found.errors.items()
                ],
                "skipped": found.skipped,
            }
        )
    else:
        outcomes.show_loads(found.loads)
    for error in found.errors.values():
        screen.tell(f"lumbung: {screen.printable(str(error))}")
    for dataset, parents in found.skipped.items():
        screen.tell(f"lumbung: {dataset}: not synced, because {parents} failed")


def publish(
    context: typer.Context,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="What :as_of_date means; default today."),
    ] = None,
    breaking: Annotated[
        bool, typer.Option("--breaking", help="Allow changes that break what is built on the views.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Build, check and release every table."""
    from lumbung import pipeline
    from lumbung.errors import ReleaseSuperseded

    session = session_of(context)
    try:
        with screen.progress("Publishing"):
            outcome = pipeline.publish(session.hub, as_of.date() if as_of else None, breaking=breaking)
    except ReleaseSuperseded as newer:
        screen.tell(f"Nothing to do: {newer}")
        raise typer.Exit(ExitCode.FINE) from None
    if as_json:
        screen.say_json(outcomes.release_json(outcome))
        return
    screen.say(outcomes.release_line(outcome))
    outcomes.show_tables(outcome)
