"""`lumbung quarantine list`, `show` and `replay`; the group of commands."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lumbung.cli import feedback, outcomes, screen
from lumbung.cli.examples import examples
from lumbung.cli.exits import exit_of, exit_of_all
from lumbung.cli.session import Session, session_of
from lumbung.reason_words import Language
from schemas.contract import Contract
from schemas.errors import LumbungError

if TYPE_CHECKING:
    from lumbung.reports import Entry

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


def app() -> typer.Typer:
    """The group `quarantine`."""
    group = typer.Typer(
        help="Rows that were refused: look at them, tell their owner, try them again.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command(
        "list",
        epilog=examples(
            "lumbung quarantine list", "lumbung quarantine list siak.residents --limit 500",
            "lumbung quarantine list --state all --json",
        ),
    )(list_entries)  # fmt: skip
    group.command(epilog=examples("lumbung quarantine show 17", "lumbung quarantine show 17 --reveal"))(show)
    feedback.register(group)
    group.command(epilog=examples("lumbung quarantine replay", "lumbung quarantine replay siak.residents"))(
        replay
    )
    return group


def list_entries(
    context: typer.Context,
    dataset: Annotated[str | None, typer.Argument(metavar="DATASET", help="Only this one's.")] = None,
    state: Annotated[
        Literal["open", "waived", "all"], typer.Option(help="Open entries, waived ones, or closed ones too.")
    ] = "open",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """Refused rows by key, with the reasons. Personal values are never shown here."""
    from lumbung import reports

    session = session_of(context)
    if dataset is not None:
        session.dataset(dataset)
    wanted = None if state == "all" else state
    total = reports.count_entries(session.engine, dataset, state=wanted)
    found = [
        _summary(entry, session)
        for entry in reports.entries(session.engine, dataset, state=wanted, limit=limit)
    ]
    if as_json:
        screen.say_json({"total": total, "entries": found})
        return
    if found:
        fields = ("entry_id", "dataset", "key", "reasons", "row_count", "opened_at", "state")
        rows = [[_cell(entry[name], session) for name in fields] for entry in found]
        screen.table(("entry", "dataset", "key", "reasons", "rows", "since", "state"), rows, numbers=(4,))
    shown = f"{len(found):,} of {screen.plural(total, 'entry', 'entries')}"
    screen.say(
        f"{shown}; --limit shows more."
        if total > len(found)
        else f"{screen.plural(total, 'entry', 'entries')}."
    )


def _summary(entry: "Entry", session: Session) -> dict[str, Any]:
    from lumbung.masking import masked_key

    contract = session.catalogue.sources.get(entry.dataset)
    return {
        "entry_id": entry.entry_id,
        "dataset": entry.dataset,
        "key": masked_key(entry.row_key, contract) if entry.has_key else None,
        "reasons": list(entry.reasons),
        "row_count": len(entry.rows),
        "row_numbers": list(entry.row_numbers),
        "load_id": entry.load_id,
        "state": entry.state,
        "opened_at": entry.opened_at.astimezone(session.settings.timezone),
        "closed_at": entry.closed_at and entry.closed_at.astimezone(session.settings.timezone),
        "closed_by_load_id": entry.closed_by_load_id,
        "waived_by": entry.waived_by,
        "waived_reason": entry.waived_reason,
        "waived_at": entry.waived_at and entry.waived_at.astimezone(session.settings.timezone),
    }


def _cell(value: Any, session: Session) -> object:
    if isinstance(value, list):
        return " ".join(value)
    if hasattr(value, "astimezone"):
        return screen.time_of(value, session.settings.timezone)
    return value


def show(
    context: typer.Context,
    entry_id: Annotated[int, typer.Argument(metavar="ENTRY", help="Its number in `quarantine list`.")],
    reveal: Annotated[bool, typer.Option("--reveal", help="Show personal values as they are.")] = False,
    language: Annotated[Language, typer.Option(help="Of the reasons.")] = "en",
    as_json: Json = False,
) -> None:
    """One entry: what came from the source, what is wrong with it, how to mend it."""
    from lumbung import masking, reports

    session = session_of(context)
    entry = reports.find_entry(session.engine, entry_id)
    if entry is None:
        raise typer.BadParameter(f"there is no entry {entry_id}; `lumbung quarantine list` shows them")
    contract = session.catalogue.sources.get(entry.dataset)
    said = _summary(entry, session)
    if reveal and entry.has_key:
        said["key"] = entry.row_key
    rows = [row if reveal else masking.masked_row(row, contract) for row in entry.rows]
    said["rows"] = [_in_order(row, contract) for row in rows]
    said["explanations"] = _explained(entry, contract, language)
    if as_json:
        screen.say_json(said)
    else:
        _show(said, session)


def _in_order(row: dict[str, str], contract: Contract | None) -> dict[str, str]:
    """The fields as the contract lists them; what it doesn't know (a fault, an old column) last."""
    names = contract.names if contract else ()
    return {name: row[name] for name in (*filter(row.__contains__, names), *(set(row) - set(names)))}


def _explained(entry: "Entry", contract: Contract | None, language: Language) -> list[dict[str, str]]:
    from lumbung.reasons import explain

    if contract is None:
        return []
    return [{"code": code, **asdict(explain(code, contract, language))} for code in entry.reasons]


def _show(said: dict[str, Any], session: Session) -> None:
    since = screen.time_of(said["opened_at"], session.settings.timezone)
    key = screen.shown(said["key"] or "not readable")
    where = f"Entry {said['entry_id']} of {said['dataset']} (load {said['load_id']})"
    screen.say(f"{where}: {said['state']}, since {since}")
    screen.say(f"key: {key}")
    if said["waived_by"]:
        when = screen.time_of(said["waived_at"], session.settings.timezone)
        by, reason = screen.printable(said["waived_by"]), screen.printable(said["waived_reason"])
        screen.say(f"waived by {by} on {when}: {reason}")
    for number, row in zip(said["row_numbers"], said["rows"], strict=True):
        screen.heading(f"Row {number}")
        screen.table(("column", "value"), row.items())
    screen.heading("What is wrong")
    for one in said["explanations"]:
        screen.say(f"{one['code']}: {one['problem']} {one['remedy']}")
    if not said["explanations"]:
        screen.say(" ".join(said["reasons"]))


def replay(
    context: typer.Context,
    datasets: Annotated[
        list[str] | None, typer.Argument(metavar="DATASET...", help="Default: all with open entries.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Judge open entries again under today's contract, and apply those that are good now.

    Rows that a newer version has overtaken are closed, never applied.
    """
    from lumbung import pipeline, reports

    session = session_of(context)
    opened = reports.open_counts(session.engine)
    known = session.catalogue.sources
    wanted = (
        [session.dataset(name).id for name in datasets] if datasets else [d for d in known if d in opened]
    )
    loads, errors = [], list[LumbungError]()
    with screen.progress("Replaying") as now:
        for name in wanted:
            now(f"Replaying {name}")
            try:
                load = pipeline.replay(session.hub, name)
            except LumbungError as error:
                errors.append(error)
                continue
            if load:
                loads.append(load)
                outcomes.tell_problems(pipeline.notify(session.hub, load.load_id))
    _report(session, loads, wanted, as_json)
    for refused in errors:
        screen.tell(f"lumbung: {screen.printable(str(refused))}")
    raise typer.Exit(exit_of_all(map(exit_of, errors)))


def _report(session: Session, loads: list[Any], wanted: list[str], as_json: bool) -> None:
    from lumbung import reports

    opened = reports.open_counts(session.engine)
    left = {name: opened.get(name, 0) for name in wanted}
    if as_json:
        screen.say_json({"loads": [outcomes.load_json(load) for load in loads], "open_entries": left})
        return
    outcomes.show_loads(loads)
    screen.say(
        f"{screen.plural(sum(left.values()), 'entry', 'entries')} still open."
        if loads
        else "Nothing to replay."
    )
