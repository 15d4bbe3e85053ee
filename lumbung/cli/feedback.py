"""`lumbung quarantine export`, `mail`, `waive` and `reopen`: what the owner of the data gets, and says."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from lumbung.cli import screen
from lumbung.cli.examples import examples
from lumbung.cli.session import session_of
from lumbung.reason_words import Language

Entries = Annotated[list[int], typer.Argument(metavar="ENTRY...", help="Numbers in `quarantine list`.")]


def register(group: typer.Typer) -> None:
    """Add the commands of this module to the group `quarantine`."""
    group.command(
        epilog=examples(
            "lumbung quarantine export siak.residents --output kesalahan.xlsx",
            "lumbung quarantine export siak.residents --load 42 --format csv --output kesalahan.csv",
            "lumbung quarantine export siak.residents --output defects.xlsx --language en",
        )
    )(export)
    group.command(epilog=examples("lumbung quarantine mail 42"))(mail)
    group.command(
        epilog=examples(
            'lumbung quarantine waive 17 18 --by "Rina (Disdukcapil)" --reason "card issued elsewhere"'
        )
    )(waive)
    group.command(epilog=examples("lumbung quarantine reopen 17"))(reopen)


def export(
    context: typer.Context,
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="Whose defects.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write.")],
    load: Annotated[
        int | None,
        typer.Option(
            metavar="LOAD", help="As they were at this load, applied or refused; default: as they are now."
        ),
    ] = None,
    kind: Annotated[
        Literal["csv", "xlsx"], typer.Option("--format", help="For a program, or for a spreadsheet.")
    ] = "xlsx",
    language: Annotated[Language, typer.Option(help="Of headings and reasons.")] = "id",
) -> None:
    """The defect list for the OPD that owns the data: row, key, column, value, what is wrong, how to mend it.

    A workbook begins with a summary: how the load went, and how each kind of defect moved since the load
    before. It shows personal values; the file is readable by you alone. No text in it can run as a formula.
    """
    from lumbung import exports, feedback

    session = session_of(context)
    contract = session.dataset(dataset)
    with screen.progress(f"Exporting {dataset}"):
        found = feedback.feedback(session.engine, contract, load)
        listing = exports.Listing(found, language, session.settings.timezone)
        lines = exports.defects(feedback.lines(session.engine, found), listing)
        count = exports.write(output, kind, lines, listing)
    screen.say(f"{screen.plural(count, 'defect')} written to {output}.")
    if contract.is_personal:
        screen.tell("It holds personal data: for the owner of the data only.")


def mail(
    context: typer.Context,
    load: Annotated[
        int, typer.Argument(metavar="LOAD", help="An applied or refused load; `lumbung status` lists them.")
    ],
) -> None:
    """Mail a load's defect list to the owner of the data, again if it was mailed before.

    To the addresses of the contract's `support`, by the connection `smtp_default` or LUMBUNG_MAIL_CONNECTION.
    """
    from lumbung import delivery

    session = session_of(context)
    with screen.progress(f"Mailing load {load}"):
        count = delivery.mail(session.hub, load)
    screen.say(f"Mailed to {screen.plural(count, 'address', 'addresses')}.")


def waive(
    context: typer.Context,
    entries: Entries,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who accepts it (kept on record).")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why (kept on record).")],
) -> None:
    """Let open entries stay out, because their owner accepts it: no list tells of them any more.

    They still count as refused. A waiver ends when its row changes, goes, or comes good.
    """
    from lumbung import pipeline

    if not by.strip() or not reason.strip():
        raise typer.BadParameter("--by and --reason may not be empty; both stay on record")
    pipeline.waive(session_of(context).hub, entries, by.strip(), reason.strip())
    screen.say(f"{screen.plural(len(set(entries)), 'entry', 'entries')} waived.")


def reopen(context: typer.Context, entries: Entries) -> None:
    """Take waivers back: the entries are told to their owner again."""
    from lumbung import pipeline

    pipeline.reopen(session_of(context).hub, entries)
    screen.say(f"{screen.plural(len(set(entries)), 'entry', 'entries')} open again.")
