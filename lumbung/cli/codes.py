"""`lumbung codes import`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lumbung.cli import outcomes, screen
from lumbung.cli.examples import examples
from lumbung.cli.session import session_of

if TYPE_CHECKING:
    from lumbung.budget_codes.lists import Recognised

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for programs.")]


def app() -> typer.Typer:
    """The group `codes`."""
    group = typer.Typer(
        help="Lists of account and sub-activity codes.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    # With one command alone Typer would make the group that command.
    group.callback()(_group)
    group.command(
        "import",
        epilog=examples(
            "lumbung codes import kode_rekening.csv",
            "lumbung codes import nomenklatur.xlsx --regulation kepmendagri-900.1-861-2026",
        ),
    )(import_)
    return group


def _group() -> None:
    """Lists of account and sub-activity codes."""


def import_(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A list of accounts or sub-activities, CSV or XLSX.")
    ],
    regulation: Annotated[
        str,
        typer.Option(
            metavar="ID", help="The regulation of a list that doesn't name it, as regulation.csv has it."
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Bring an official list of codes home: recognise it, copy it into the project, sync it.

    A list is recognised by its columns. It lies below warehouse/reference then, beside the other lists of
    its kind, whose codes go on to count; one of the same name is replaced.
    """
    from lumbung.budget_codes import lists

    session = session_of(context)
    found = lists.recognise(session.settings.project, session.catalogue, file, regulation.strip())
    replaces = found.target.exists()
    with screen.progress(f"Syncing {found.contract.id}"):
        load = lists.bring_in(session.hub, found)
    if as_json:
        screen.say_json({"list": found.target.name, "replaced": replaces, "load": outcomes.load_json(load)})
        return
    outcomes.show_loads([load])
    _tell(found, session.settings.project, replaces=replaces)


def _tell(found: "Recognised", project: Path, *, replaces: bool) -> None:
    """Where the list lies, and what else counts."""
    place = found.target.relative_to(project)
    screen.say(f"{'Replaced' if replaces else 'Added'} {screen.printable(str(place))}.")
    if found.others:
        others = screen.printable(", ".join(found.others))
        screen.say(f"Codes of {others} count too: if they shall not, remove the file and sync again.")
