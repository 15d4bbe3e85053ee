"""`lumbung lineage` and `lumbung dictionary`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lumbung.cli import screen
from lumbung.cli.examples import examples
from lumbung.cli.session import session_of
from lumbung.reason_words import Language

if TYPE_CHECKING:
    from lumbung.models import Models
    from lumbung.origins import Origin


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        epilog=examples("lumbung lineage published.progress.disbursed_amount", "lumbung lineage progress")
    )(lineage)
    app.command(
        epilog=examples("lumbung dictionary --out kamus", "lumbung dictionary --out en --language en")
    )(dictionary)


def lineage(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="published.TABLE or published.TABLE.COLUMN; TABLE will do.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """What a column, or each column of a table, is made from: down to the columns of the sources."""
    from lumbung.models import load_models
    from lumbung.origins import origins

    session = session_of(context)
    models = load_models(session.settings.project, session.catalogue)
    table, column = _parted(models, name)
    found = origins(models, table, column)
    if as_json:
        screen.say_json([origin.plain() for origin in found])
        return
    for origin in found:
        for line in _lines(origin):
            screen.say(screen.printable(line))


def _parted(models: "Models", name: str) -> tuple[str, str | None]:
    """`published.progress.month` -> the model's name and the column; what has no schema is published."""
    for full in (name, f"published.{name}"):
        if full in models.by_name:
            return full, None
        table, _, column = full.rpartition(".")
        if table in models.by_name:
            return table, column
    return models[name if "." in name else f"published.{name}"].name, None


def _lines(origin: "Origin", depth: int = 0) -> Iterator[str]:
    note = f"  ({origin.note})" if origin.note else ""
    yield f"{'    ' * depth}{'<- ' if depth else ''}{origin.relation}.{origin.column}{note}"
    for each in origin.made_from:
        yield from _lines(each, depth + 1)


def dictionary(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="The folder for the pages.")],
    language: Annotated[Language, typer.Option("--language", help="The pages' language.")] = "id",
) -> None:
    """Write the data dictionary: a page per published table, with columns, origins and sample queries."""
    from lumbung.dictionary import write
    from lumbung.models import load_models

    session = session_of(context)
    models = load_models(session.settings.project, session.catalogue)
    written = write(models, session.settings.project, out, language)
    screen.say(f"{out}: {screen.plural(len(written), 'page')}; begin with {out / 'README.md'}.")
