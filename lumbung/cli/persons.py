"""`lumbung person` and `lumbung register`: who is one with whom, and where people were."""

from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from lumbung.cli import screen
from lumbung.cli.examples import examples
from lumbung.cli.session import Session, session_of

if TYPE_CHECKING:
    from lumbung.resolution.merging import Because

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
By = Annotated[str, typer.Option(metavar="NAME", help="Who decides (kept on record).")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why (kept on record).")]
_ONE, _OTHER = "0b7c91e4-52f8-4c7d-9f0e-6f2f3f0a1c11", "d1f0a8c2-7a34-4e0b-8a55-0e9d3b6c2f22"


def person_app() -> typer.Typer:
    """The group `person`."""
    group = typer.Typer(
        help="Persons by their id (never by a NIK): merge two that are one, split them again.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    why = '--by "Rina (Disdukcapil)" --reason "two NIKs, one person"'
    group.command(epilog=examples(f"lumbung person merge {_ONE} {_OTHER} {why}"))(merge)
    group.command(epilog=examples(f"lumbung person split {_ONE} {_OTHER} {why}"))(split)
    group.command("decisions", epilog=examples("lumbung person decisions --json"))(list_decisions)
    group.command("candidates", epilog=examples("lumbung person candidates"))(list_candidates)
    return group


def register_app() -> typer.Typer:
    """The group `register`."""
    group = typer.Typer(
        help="The population register as of a day, as known at another.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command(
        "as-of", epilog=examples(f"lumbung register as-of {_ONE} --date 2026-03-01 --known 2026-04-01")
    )(as_of)
    # A group of one command would swallow its name.
    group.callback()(lambda: None)
    return group


def merge(
    context: typer.Context,
    kept: Annotated[UUID, typer.Argument(metavar="KEPT", help="The id that stays.")],
    merged: Annotated[UUID, typer.Argument(metavar="MERGED", help="The id of the same person that goes.")],
    by: By,
    reason: Reason,
) -> None:
    """Two persons are one. What is published next shows it; `split` takes it back, leaving no trace."""
    from lumbung.resolution import merging

    session = session_of(context)
    with session.hub.warehouse.connect() as warehouse:
        number = merging.merge(warehouse, kept, merged, _because(by, reason))
    screen.say(f"Decision {number}: {merged} is {kept}, from the next `lumbung publish` on.")


def split(
    context: typer.Context,
    one: Annotated[UUID, typer.Argument(metavar="ID", help="The one person.")],
    other: Annotated[UUID, typer.Argument(metavar="OTHER", help="The other, merged before.")],
    by: By,
    reason: Reason,
) -> None:
    """Two persons that were merged are not one after all: each gets back the id and records of before."""
    from lumbung.resolution import merging

    session = session_of(context)
    with session.hub.warehouse.connect() as warehouse:
        number = merging.split(warehouse, one, other, _because(by, reason))
    screen.say(f"Decision {number}: {one} and {other} are two, from the next `lumbung publish` on.")


def list_decisions(context: typer.Context, as_json: Json = False) -> None:
    """Who merged and split whom, when and why; newest first."""
    from lumbung.resolution import merging

    session = session_of(context)
    with session.hub.warehouse.connect() as warehouse:
        found = merging.decisions(warehouse)
    if as_json:
        screen.say_json([asdict(decision) for decision in found])
        return
    rows = [
        (
            str(d.decision_id), d.kind, str(d.kept), str(d.merged), d.decided_by, d.reason,
            screen.time_of(d.decided_at, session.settings.timezone), d.undoes and f"undoes {d.undoes}",
        )
        for d in found
    ]  # fmt: skip
    screen.table(("decision", "what", "kept", "merged", "by", "why", "when", "note"), rows)


def list_candidates(context: typer.Context, as_json: Json = False) -> None:
    """Persons who are possibly one: a NIK went from the register as another came, with the same facts."""
    from lumbung.resolution import merging

    session = session_of(context)
    with session.hub.warehouse.connect() as warehouse:
        found = merging.candidates(warehouse)
    if as_json:
        screen.say_json([asdict(candidate) for candidate in found])
        return
    rows = [(str(c.person_id), str(c.other_person_id), c.reason) for c in found]
    screen.table(("went", "came", "reason"), rows)


def as_of(
    context: typer.Context,
    person: Annotated[UUID, typer.Argument(metavar="PERSON", help="The person's id.")],
    on: Annotated[
        str, typer.Option("--date", metavar="DAY", help="The day asked about; today if absent.")
    ] = "",
    known: Annotated[
        str, typer.Option(metavar="DAY", help="By the end of which day it was known; today if absent.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Whether and in which household a person lived on a day, and who else did, as known at a day's end."""
    from lumbung.resolution.asof import AsOf, members_of, state_of

    session = session_of(context)
    when = AsOf(_day(on) or session.settings.today(), _end_of(session, known))
    with session.hub.warehouse.connect() as warehouse:
        state = state_of(warehouse, person, when)
        home = state.household_id if state else None
        members = members_of(warehouse, home, when) if home else []
    if as_json:
        found: dict[str, Any] = {"state": asdict(state) if state else None}
        screen.say_json(found | {"members": [asdict(member) for member in members]})
        return
    if state is None:
        screen.say(f"Of {when.on} nothing was known about this person.")
        return
    screen.say(f"{when.on}: {state.status_code}, since {state.since or 'an unknown day'}.")
    if home:
        screen.say(f"Household {home}:")
        screen.table(("person", "relation"), [(str(m.person_id), m.relation_code) for m in members])


def _because(by: str, reason: str) -> "Because":
    from lumbung.resolution.merging import Because

    if not by.strip() or not reason.strip():
        raise typer.BadParameter("--by and --reason may not be empty; both stay on record")
    return Because(by.strip(), reason.strip())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise typer.BadParameter(f"{text!r}: expected a day such as 2026-03-01") from None


def _end_of(session: Session, text: str) -> datetime | None:
    day = _day(text)
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=1), time(), session.settings.timezone)
