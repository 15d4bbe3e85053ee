"""`lumbung changes`: who follows whom, and which of the people followed changed."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from lumbung.cli import screen
from lumbung.cli.examples import examples
from lumbung.cli.session import session_of

Principal = Annotated[
    str, typer.Argument(metavar="PRINCIPAL", help="Who follows: an agency, an application.")
]
Person = Annotated[UUID, typer.Argument(metavar="PERSON", help="The person's id, never a NIK.")]
_PERSON = "0b7c91e4-52f8-4c7d-9f0e-6f2f3f0a1c11"


def app() -> typer.Typer:
    """The group `changes`."""
    group = typer.Typer(
        help="Changes of people for those who follow them: kinds of change, never values.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command(epilog=examples(f"lumbung changes follow dinsos {_PERSON}"))(follow)
    group.command(epilog=examples(f"lumbung changes unfollow dinsos {_PERSON}"))(unfollow)
    listed = ("lumbung changes list dinsos", "lumbung changes list dinsos --after 1042 --json")
    group.command("list", epilog=examples(*listed))(list_changes)
    return group


def follow(
    context: typer.Context,
    principal: Principal,
    person: Person,
    until: Annotated[datetime | None, typer.Option(help="Until when; until unfollowed if absent.")] = None,
) -> None:
    """Tell the principal of what changes about the person from now on."""
    from lumbung.resolution import feed

    settings = session_of(context).settings
    with session_of(context).hub.warehouse.connect() as warehouse:
        feed.follow(warehouse, principal, person, until and until.replace(tzinfo=settings.timezone))
    screen.say(f"{principal} follows {person}.")


def unfollow(context: typer.Context, principal: Principal, person: Person) -> None:
    """Tell the principal of nothing more about the person."""
    from lumbung.resolution import feed

    with session_of(context).hub.warehouse.connect() as warehouse:
        ended = feed.unfollow(warehouse, principal, person)
    screen.say(f"{principal} follows {person} no more." if ended else f"{principal} did not follow {person}.")


def list_changes(
    context: typer.Context,
    principal: Principal,
    after: Annotated[int, typer.Option(min=0, metavar="CURSOR", help="Where the last list ended.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """What changed about the people followed, in order; the cursor at the end is for the next time."""
    from lumbung.resolution import feed

    with session_of(context).hub.warehouse.connect() as warehouse:
        found, cursor = feed.changes_since(warehouse, principal, after, limit)
    if as_json:
        screen.say_json({"changes": [asdict(change) for change in found], "cursor": cursor})
        return
    rows = [(one.change_id, one.person_id, " ".join(one.kinds), one.merged_into or "") for one in found]
    screen.table(("change", "person", "kinds", "merged into"), rows, numbers=(0,))
    screen.say(f"Next time: --after {cursor}")
