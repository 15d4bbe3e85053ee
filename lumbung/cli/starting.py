"""`lumbung init`."""

from pathlib import Path
from typing import Annotated

import typer

from lumbung.cli import screen
from lumbung.cli.examples import examples
from lumbung.cli.session import session_of


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command(
        epilog=examples(
            "lumbung init ../singkawang", "lumbung init ../singkawang --source siak --source sipd"
        )
    )(init)


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The new folder.")],
    sources: Annotated[
        list[str] | None,
        typer.Option("--source", metavar="NAME", help="A source that the city has; default: all."),
    ] = None,
) -> None:
    """Start a project for another city: contracts of its sources, and every table they suffice for."""
    from lumbung import adoption
    from lumbung.models import load_models
    from schemas.catalogue import load_catalogue

    template = session_of(context).settings.project
    models = load_models(template, load_catalogue(template))
    everything = {contract.source for contract in models.catalogue.sources.values()}
    selection = adoption.select(models, sources or everything)
    written = adoption.write(selection, template, folder.expanduser().absolute())
    tables = sum(1 for model in selection.models if model.contract)
    datasets = screen.plural(len(selection.contracts), "dataset")
    screen.say(
        f"{folder}: {screen.plural(len(written), 'file')}, {datasets} of"
        f" {', '.join(selection.sources)}, {screen.plural(tables, 'published table')}."
    )
    for table, names in sorted(selection.lacking.items()):
        screen.say(f"left out: {table}, which needs {', '.join(names)}")
    screen.say(f"Next: read {folder / 'README.md'}.")
