"""`lumbung balikan`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from lumbung.cli import screen
from lumbung.cli.examples import examples
from lumbung.cli.session import session_of
from lumbung.reason_words import Language


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog=examples(
            "lumbung balikan perizinan.permits --out balikan.xlsx",
            "lumbung balikan perizinan.permits --out balikan.csv --format csv --language en",
        )
    )(balikan)


def balikan(
    context: typer.Context,
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="Whose data.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write.")],
    kind: Annotated[
        Literal["csv", "xlsx"], typer.Option("--format", help="For a program, or for a spreadsheet.")
    ] = "xlsx",
    language: Annotated[Language, typer.Option(help="Of statuses and reasons.")] = "id",
) -> None:
    """An agency's own data back to it ("data balikan"), with what the hub knows of each row.

    Its columns under its own names, then hub_status, hub_reasons, and the keys that the hub has matched or
    corrected as hub_<column>. The file is readable by you alone. No text in it can run as a formula.
    """
    from lumbung import balikan as returned

    session = session_of(context)
    contract = session.dataset(dataset)
    with screen.progress(f"Writing {dataset}"), session.hub.warehouse.connect() as rows:
        count = returned.write(out, kind, returned.balikan(session.hub, rows, contract, language))
    screen.say(f"{screen.plural(count, 'row')} written to {out}.")
    if contract.is_personal:
        screen.tell("It holds personal data: for the owner of the data only.")
