"""`lumbung contract draft` and `try`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lumbung.cli import screen
from lumbung.cli.examples import examples
from lumbung.cli.exits import ExitCode, exit_of, exit_of_all
from lumbung.cli.session import Session, session_of
from lumbung.reason_words import Language

if TYPE_CHECKING:
    from lumbung.drafting.drafts import Written
    from lumbung.drafting.trial import Trial
    from schemas.contract import Contract

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


Names = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE [TABLE...]",
        help="A connection's id, a file or a folder; only these tables, files, sheets, endpoints.",
    ),
]
Source = Annotated[
    str, typer.Option(metavar="NAME", help="What the source is called; default: made from SOURCE.")
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Where to write [schemas/sources/NAME].")
]
Rows = Annotated[int, typer.Option("--sample", min=1, metavar="N", help="Look at so many rows of each.")]


def register(group: typer.Typer) -> None:
    """Add the commands to the group `contract`."""
    group.command(
        epilog=examples(
            "lumbung contract draft incoming/reklame.csv --source reklame",
            "lumbung contract draft simda permohonan izin",
            "lumbung contract draft oss residents --source oss",
        )
    )(draft)
    group.command(
        "try",
        epilog=examples(
            "lumbung contract try reklame.reklame", "lumbung contract try draft.odcs.yaml --rows 1000"
        ),
    )(try_)


def draft(
    context: typer.Context,
    names: Names,
    source: Source = "",
    out: Out = None,
    rows: Rows = 50_000,
    force: Annotated[bool, typer.Option("--force", help="Replace contracts that are there.")] = False,
) -> None:
    """Draft a contract for each table of a live source, from its catalogue and a sample of its rows.

    Every value seen fits the draft. What a human has to decide is marked # EDIT: in the file.
    """
    from lumbung.drafting.drafts import Wanted, Written
    from lumbung.drafting.drafts import draft as drafted

    session = session_of(context)
    wanted = Wanted(names[0], tuple(names[1:]), source, rows)
    made, failed = [], []
    with screen.progress(f"Drafting from {names[0]}") as now:
        for item in drafted(wanted, session.settings.project, session.resolve, out, force=force):
            if isinstance(item, Written):
                now(f"Drafted {item.draft.id}")
                made.append(item)
            else:
                failed.append(item.error)
    _show_drafts(made)
    for error in failed:
        screen.tell(f"lumbung: {screen.printable(str(error))}")
    raise typer.Exit(exit_of_all(map(exit_of, failed)))


def _show_drafts(made: "list[Written]") -> None:
    if not made:
        return
    rows = [
        (
            item.draft.id, item.rows, len(item.draft.columns),
            ", ".join(c.name for c in item.draft.columns if c.key_position), item.draft.questions,
            str(item.file),
        )
        for item in made
    ]  # fmt: skip
    screen.table(("dataset", "rows seen", "columns", "key", "to decide", "file"), rows, numbers=(1, 2, 4))
    screen.tell("Next: decide what # EDIT: marks, then `lumbung contract check` and `lumbung contract try`.")


def try_(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="CONTRACT", help="A contract's file, or a dataset's id.")],
    rows: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only the first N rows; default: all.")
    ] = None,
    language: Annotated[Language, typer.Option(help="Of the reasons.")] = "en",
    as_json: Json = False,
) -> None:
    """Read the source by the contract and tell what a sync would refuse; nothing is kept.

    Exit code 1 when a row would be refused. Values are never shown, only the numbers of rows.
    """
    from connectors.registry import open_connector
    from lumbung.drafting.trial import tried
    from lumbung.hub import Hub, open_warehouse
    from schemas.catalogue import Catalogue

    session = session_of(context)
    contract = _contract(session, name)
    # The contract may be a draft that the project doesn't have yet, beside others that are broken.
    hub = Hub(session.settings, open_warehouse(session.settings), Catalogue({}, {}), session.resolve)
    with screen.progress(f"Trying {contract.id}"):
        connector = open_connector(contract, hub.connection(contract), session.settings.project)
        trial = tried(hub.warehouse, contract, connector, rows)
    reasons = [
        _said(code=one.code, rows=one.rows, at=one.places, contract=contract, language=language)
        for one in trial.reasons
    ]
    if as_json:
        screen.say_json({**asdict(trial), "reasons": reasons})
    else:
        _show(trial, reasons)
    raise typer.Exit(ExitCode.ACT if trial.quarantined else ExitCode.FINE)


def _contract(session: Session, name: str) -> "Contract":
    """The contract in the file, or that of the dataset; of a file outside the project too."""
    from schemas.catalogue import SUFFIX
    from schemas.loading import load_contract

    if name.endswith(SUFFIX) or Path(name).is_file():
        return load_contract(Path(name))
    source, _, dataset = name.partition(".")
    file = session.settings.project / "schemas" / "sources" / source / f"{dataset}{SUFFIX}"
    if not dataset or not file.is_file():
        raise typer.BadParameter(f"there is no contract {name!r}: expected a file, or source.dataset")
    return load_contract(file)


def _said(
    *, code: str, rows: int, at: tuple[str, ...], contract: "Contract", language: Language
) -> dict[str, Any]:
    from lumbung.reasons import explain

    return {"code": code, "rows": rows, "places": list(at), **asdict(explain(code, contract, language))}


def _show(trial: "Trial", reasons: list[dict[str, Any]]) -> None:
    counts = [
        f"{trial.staged:,} staged",
        f"{trial.quarantined:,} quarantined",
        f"{trial.filtered:,} filtered",
    ]
    counts += [f"{trial.superseded:,} superseded"] if trial.superseded else []
    more = "" if trial.is_whole else " (the source has more)"
    screen.say(f"{trial.dataset}: {trial.read:,} read = {' + '.join(counts)}{more}")
    if reasons:
        screen.table(
            ("reason", "rows", "at row", "what is wrong", "what to do"),
            [(r["code"], r["rows"], ", ".join(r["places"]), r["problem"], r["remedy"]) for r in reasons],
            numbers=(1,),
        )
    if trial.unknown:
        screen.say(f"Columns that the contract doesn't have: {screen.printable(', '.join(trial.unknown))}")
    if trial.unjudged:
        screen.say(f"Foreign keys not judged, to datasets without rows yet: {', '.join(trial.unjudged)}")
    if not trial.quarantined:
        screen.say("Nothing would be refused.")
