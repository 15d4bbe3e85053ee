"""`lumbung release list`, `diff` and `rollback`."""

from dataclasses import asdict
from typing import Annotated

import typer

from lumbung.cli import outcomes, screen
from lumbung.cli.examples import examples
from lumbung.cli.session import session_of

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Release = Annotated[int, typer.Argument(metavar="ID", help="The release's number.")]


def app() -> typer.Typer:
    """The group `release`."""
    group = typer.Typer(
        help="What was published when: compare releases, go back to one.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command("list", epilog=examples("lumbung release list", "lumbung release list --json"))(list_all)
    group.command(epilog=examples("lumbung release diff 6 7"))(diff)
    group.command(epilog=examples("lumbung release rollback 6"))(rollback)
    return group


def list_all(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    as_json: Json = False,
) -> None:
    """The last releases, newest first; those that were refused too."""
    from lumbung.releases import list_releases

    session = session_of(context)
    found = list_releases(session.hub.warehouse, limit)
    if as_json:
        screen.say_json([outcomes.release_json(outcome) for outcome in found])
        return
    if not found:
        screen.say("No release yet; `lumbung publish` makes one.")
        return
    rows = [
        (
            str(o.release_id), "current" if o.is_current else o.state,
            screen.time_of(o.release.released_at or o.release.started_at, session.settings.timezone),
            o.release.as_of_date, sum(t.table_schema == "published" for t in o.tables),
            f"back to {o.release.rollback_of}" if o.release.rollback_of else o.release.reason,
        )
        for o in found
    ]  # fmt: skip
    screen.table(("release", "state", "when", "as of", "tables", "note"), rows, numbers=(4,))


def diff(
    context: typer.Context,
    before: Annotated[int, typer.Argument(metavar="A", help="The older release.")],
    after: Annotated[int, typer.Argument(metavar="B", help="The newer one.")],
    as_json: Json = False,
) -> None:
    """How the tables of two releases differ, in rows."""
    from lumbung import compare
    from lumbung.models import load_models

    session = session_of(context)
    models = load_models(session.settings.project, session.catalogue)
    found = compare.diff(session.hub.warehouse, models, before, after)
    if as_json:
        screen.say_json([asdict(difference) for difference in found])
        return
    rows = [(d.table, d.before, d.after, d.added, d.removed, d.changed, d.note) for d in found]
    headers = ("table", f"rows in {before}", f"rows in {after}", "added", "removed", "changed", "note")
    screen.table(headers, rows, numbers=range(1, 6))


def rollback(
    context: typer.Context,
    release_id: Release,
    breaking: Annotated[
        bool, typer.Option("--breaking", help="Allow changes that break what is built on the views.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show the tables of an older release again, as a new release. Nothing is lost by it."""
    from lumbung import pipeline

    session = session_of(context)
    with screen.progress(f"Going back to release {release_id}"):
        outcome = pipeline.rollback(session.hub, release_id, breaking=breaking)
    if as_json:
        screen.say_json(outcomes.release_json(outcome))
        return
    screen.say(outcomes.release_line(outcome))
    outcomes.show_tables(outcome)
