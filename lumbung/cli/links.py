"""`lumbung links`: which records mean which people, what somebody has to look at, what was decided."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from lumbung.cli import screen
from lumbung.cli.examples import examples
from lumbung.cli.session import Session, session_of

if TYPE_CHECKING:
    from lumbung.resolution.links_reports import Doubt
    from lumbung.resolution.links_scope import Linked
    from lumbung.resolution.merging import Because

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
By = Annotated[str, typer.Option(metavar="NAME", help="Who decides (kept on record).")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why (kept on record).")]
Role = Annotated[str, typer.Option(metavar="ROLE", help="Which, where a dataset has several.")]
_PERSON = "0b7c91e4-52f8-4c7d-9f0e-6f2f3f0a1c11"


def app() -> typer.Typer:
    """The group `links`."""
    group = typer.Typer(
        help="Links of agencies' records to people: how they stand, what to look at, decisions.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    why = '--by "Rina (DPMPTSP)" --reason "card seen"'
    group.command(epilog=examples("lumbung links status", "lumbung links status --json"))(status)
    group.command(
        epilog=examples(
            "lumbung links review", "lumbung links review perizinan.permits --limit 20",
            "lumbung links review perizinan.permits --show",
        )
    )(review)  # fmt: skip
    group.command(
        epilog=examples(
            f"lumbung links decide perizinan.permits 1042 {_PERSON} {why}",
            f"lumbung links decide perizinan.permits 1042 {_PERSON} --not {why}",
        )
    )(decide)
    group.command(epilog=examples('lumbung links undo 17 --by Rina --reason "another card"'))(undo)
    group.command("decisions", epilog=examples("lumbung links decisions --json"))(list_decisions)
    return group


def status(context: typer.Context, as_json: Json = False) -> None:
    """How many records mean somebody, by dataset, role, outcome and method."""
    from lumbung.resolution import links_reports

    session = session_of(context)
    with session.hub.warehouse.connect() as warehouse:
        found = links_reports.standing(warehouse, session.catalogue)
        looked_at = links_reports.looked_at(warehouse)
    if as_json:
        screen.say_json({"links": [asdict(one) for one in found], "looked_at": looked_at})
        return
    rows = [(one.dataset, one.role, one.outcome, one.method, one.count) for one in found]
    screen.table(("dataset", "role", "outcome", "method", "records"), rows, numbers=(4,))
    for table, count in looked_at.items():
        screen.say(f"The last run looked at {screen.plural(count, 'record')} of {table}.")


def review(
    context: typer.Context,
    dataset: Annotated[str | None, typer.Argument(metavar="DATASET", help="Only this one's.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many of each role.")] = 20,
    show: Annotated[
        bool, typer.Option("--show", help="Show what record and register say: personal data, for you alone.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Records that are possibly somebody's (`possible`), and NIKs that are somebody else's (`conflict`).

    People stand by their ids, and each field by how it agrees. Personal values are shown with --show only,
    and never in JSON.
    """
    from lumbung.resolution import links_reports

    session = session_of(context)
    if dataset is not None:
        session.dataset(dataset)
    if show and as_json:
        raise typer.BadParameter("--show is for the screen; JSON never has personal values")
    listed: list[tuple[Linked, Doubt]] = []
    total = 0
    with session.hub.warehouse.connect() as warehouse:
        for linked in links_reports.roles_of(warehouse, session.catalogue, dataset):
            total += links_reports.count_doubts(warehouse, linked)
            listed += [(linked, doubt) for doubt in links_reports.doubts(warehouse, linked, limit)]
    if as_json:
        found = [asdict(doubt) | {"key": _key(linked, doubt, show=False)} for linked, doubt in listed]
        screen.say_json({"total": total, "records": found})
        return
    for linked, doubt in listed:
        _show(session, linked, doubt, show=show)
    screen.say(f"{len(listed):,} of {screen.plural(total, 'record')} to look at.")


def _show(session: Session, linked: "Linked", doubt: "Doubt", *, show: bool) -> None:
    from lumbung.resolution import links_reports

    key = screen.printable(_key(linked, doubt, show=show))
    screen.heading(f"{doubt.dataset} {key} ({doubt.role}): {doubt.outcome}")
    rows = [
        (one["person_id"], one["method"], one["score"], _agreement(one["fields"])) for one in doubt.candidates
    ]
    screen.table(("person", "method", "score", "how it agrees"), rows, numbers=(2,))
    if not show:
        return
    with session.hub.warehouse.connect() as warehouse:
        said = list(links_reports.values_of(warehouse, session.catalogue, linked, doubt))
    named = [field for field in said[0][1] if any(values[field] for _, values in said)] if said else []
    rows_shown = [[who, *(values[field] for field in named)] for who, values in said]
    screen.table(("who", *named), rows_shown)


def _agreement(fields: dict[str, str]) -> str:
    return "; ".join(f"{name}: {level}" for name, level in fields.items() if level != "missing")


def _key(linked: "Linked", doubt: "Doubt", *, show: bool) -> str:
    from lumbung.masking import masked_key
    from lumbung.resolution.links_reports import KEY_MARK

    key = KEY_MARK.join(doubt.key)
    return key if show else masked_key(key, linked.contract)


def decide(  # noqa: PLR0913 - each is an option of the command line
    context: typer.Context,
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="Whose record.")],
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="The record's key, parts joined by |; - to be asked for it.")
    ],
    person: Annotated[UUID, typer.Argument(metavar="PERSON", help="The person's id.")],
    by: By,
    reason: Reason,
    role: Role = "",
    is_not: Annotated[bool, typer.Option("--not", help="The record is not that person.")] = False,
) -> None:
    """This record is that person, or is not. From the next `lumbung publish` on that wins over any score.

    A key that is personal does not belong into a shell's history: give - and type it when asked.
    """
    from lumbung.resolution import links_decisions

    session = session_of(context)
    record = _record(session, dataset, role, typer.prompt("Key", hide_input=True) if key == "-" else key)
    with session.hub.warehouse.connect() as warehouse:
        kind: links_decisions.Kind = "not_match" if is_not else "match"
        number = links_decisions.decide(warehouse, record, person, kind, _because(by, reason))
    screen.say(
        f"Decision {number}: the record is {'not ' if is_not else ''}{person}, from the next "
        f"`lumbung publish` on; `lumbung links undo {number}` takes it back."
    )


def _record(session: Session, dataset: str, role: str, key: str) -> Any:
    from lumbung.resolution.links_decisions import Record
    from lumbung.resolution.links_reports import KEY_MARK

    contract = session.dataset(dataset)
    roles = {one.role: one for one in contract.entities.persons}
    if not roles:
        raise typer.BadParameter(
            f"the contract of {dataset} names no people; see docs/contracts.md, entities"
        )
    chosen = role or next(iter(roles)) if len(roles) == 1 or role else ""
    if chosen not in roles:
        raise typer.BadParameter(f"--role: expected {' or '.join(roles)}")
    parts = key.split(KEY_MARK) if len(contract.key) > 1 else [key]
    if len(parts) != len(contract.key):
        raise typer.BadParameter(f"the key of {dataset} is {KEY_MARK.join(contract.key)}")
    return Record(contract, roles[chosen], dict(zip(contract.key, parts, strict=True)))


def undo(
    context: typer.Context,
    decision: Annotated[int, typer.Argument(metavar="DECISION", help="Its number.")],
    by: By,
    reason: Reason,
) -> None:
    """Take a decision back: from the next `lumbung publish` on it is as if nobody had decided."""
    from lumbung.resolution import links_decisions

    session = session_of(context)
    with session.hub.warehouse.connect() as warehouse:
        links_decisions.undo(warehouse, decision, _because(by, reason))
    screen.say(f"Decision {decision} is undone, from the next `lumbung publish` on.")


def list_decisions(context: typer.Context, as_json: Json = False) -> None:
    """Who decided what about which record, when and why; newest first."""
    from lumbung.masking import masked_key
    from lumbung.resolution import links_reports

    session = session_of(context)
    with session.hub.warehouse.connect() as warehouse:
        found = links_reports.decisions(warehouse)
    contracts = session.catalogue.sources
    keys = [masked_key(links_reports.KEY_MARK.join(d.key.values()), contracts.get(d.dataset)) for d in found]
    if as_json:
        screen.say_json([asdict(d) | {"key": key} for d, key in zip(found, keys, strict=True)])
        return
    rows = [
        (
            str(d.decision_id), d.kind, d.dataset, d.role, key, str(d.person_id), d.decided_by, d.reason,
            screen.time_of(d.decided_at, session.settings.timezone),
            d.undone_by and f"undone by {d.undone_by}",
        )
        for d, key in zip(found, keys, strict=True)
    ]  # fmt: skip
    headers = ("decision", "what", "dataset", "role", "key", "person", "by", "why", "when", "note")
    screen.table(headers, rows)


def _because(by: str, reason: str) -> "Because":
    from lumbung.resolution.merging import Because

    if not by.strip() or not reason.strip():
        raise typer.BadParameter("--by and --reason may not be empty; both stay on record")
    return Because(by.strip(), reason.strip())
