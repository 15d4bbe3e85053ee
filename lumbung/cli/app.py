"""The commands of `lumbung`, put together."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.main import get_command

from lumbung.cli import (
    changes,
    codes,
    contracts,
    lineages,
    links,
    persons,
    quarantines,
    releases,
    returning,
    running,
    standing,
    starting,
    syncing,
)
from lumbung.cli.examples import examples
from lumbung.cli.exits import MEANINGS
from lumbung.cli.session import session_of

_EXIT_CODES = "\b\nExit codes:\n" + "\n".join(f"  {code.value:>3}  {text}" for code, text in MEANINGS.items())
_EPILOG = (
    examples(
        "lumbung run                          every DAG once: sync, check, publish",
        "lumbung sync siak.residents          one dataset",
        "lumbung status                       how every dataset stands",
        "lumbung quarantine list              rows that were refused, and why",
        'psql "$(lumbung uri --password)"     look at the data yourself',
    )
    + "\n\n"
    + _EXIT_CODES
)


def command() -> Any:
    """The whole command line, as Click knows it."""
    return get_command(_app())


def _app() -> typer.Typer:
    app = typer.Typer(
        help="Lumbung brings a city's data home: synced, checked, integrated, published.",
        epilog=_EPILOG,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
    app.callback()(_options)
    for group in (running, syncing, standing, lineages, returning, starting):
        group.register(app)
    app.add_typer(contracts.app(), name="contract")
    app.add_typer(codes.app(), name="codes")
    app.add_typer(quarantines.app(), name="quarantine")
    app.add_typer(releases.app(), name="release")
    app.add_typer(links.app(), name="links")
    app.add_typer(persons.person_app(), name="person")
    app.add_typer(persons.register_app(), name="register")
    app.add_typer(changes.app(), name="changes")
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lumbung {version('lumbung')}")
        raise typer.Exit


def _options(
    context: typer.Context,
    project: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Folder with schemas/, expectations/ and warehouse/ [LUMBUNG_PROJECT]."
        ),
    ] = None,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    session_of(context).project = project
