"""`lumbung contract drift` and `accept`."""

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lumbung.cli import screen
from lumbung.cli.examples import examples
from lumbung.cli.exits import ExitCode, exit_of, exit_of_all
from lumbung.cli.session import Session, session_of
from schemas.contract import Contract
from schemas.errors import ContractErrors, LumbungError

if TYPE_CHECKING:
    from lumbung.drift import Change


def register(group: typer.Typer) -> None:
    """Add the commands to the group `contract`."""
    group.command(epilog=examples("lumbung contract drift", "lumbung contract drift siak simda.sp2d --json"))(
        drift
    )
    group.command(
        epilog=examples(
            "lumbung contract accept siak.residents --dry-run",
            "lumbung contract accept siak.residents --only NO_HP",
        )
    )(accept)


def drift(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="DATASET|SOURCE...", help="Only these; default: all.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Hold sources against their contracts: columns that went, came, or changed, and which models read them.

    Exit code 1 when anything changed.
    """
    from lumbung import drift_watch

    session = session_of(context)
    found: dict[str, list[Change]] = {}
    errors: dict[str, LumbungError] = {}
    contracts = _chosen(session, names or [])
    with screen.progress("Looking") as now:
        for contract in contracts:
            now(f"Looking at {contract.id}")
            try:
                found[contract.id] = drift_watch.look(session.hub, contract)
            except LumbungError as error:
                errors[contract.id] = error
    if as_json:
        screen.say_json({"drift": _json(found), "failures": {n: str(e) for n, e in errors.items()}})
    else:
        _show(found, session)
    for refused in errors.values():
        screen.tell(f"lumbung: {screen.printable(str(refused))}")
    codes = [exit_of(refused) for refused in errors.values()]
    raise typer.Exit(exit_of_all([*codes, *[ExitCode.ACT for changes in found.values() if changes]]))


def accept(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="DATASET", help="The dataset whose contract changes.")],
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="Only the change of this column (as the source had it)."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference, write nothing.")] = False,
) -> None:
    """Write what changed at the source into the contract: new columns nullable, renamed and retyped ones
    as they are now, dropped ones out. History keeps what it has.
    """
    from lumbung import accepting, drift_watch, ledger
    from lumbung.drafting.types import declared

    session = session_of(context)
    contract = session.dataset(name)
    changes = drift_watch.look(session.hub, contract)
    before = contract.file.read_text("utf-8")
    after = accepting.accepted(before, contract, changes, declared, set(only or ()))
    _difference(before, after, contract)
    if dry_run:
        return
    if after != before:
        _write(contract, after, session.settings.project)
    with session.hub.warehouse.connect() as warehouse:
        now = drift_watch.catalogue_shape(session.hub, contract)
        known = ledger.known_shape(warehouse, contract)
        ledger.remember_shape(warehouse, contract, accepting.shape_accepted(now, known, changes, only or ()))
    screen.tell(f"{contract.file.name} written." if after != before else "The contract says so already.")


def _chosen(session: Session, names: list[str]) -> list[Contract]:
    catalogue = session.catalogue
    chosen: set[str] = set() if names else set(catalogue.sources)
    for name in names:
        of_source = catalogue.datasets_of(name)
        chosen |= {c.id for c in of_source} if of_source else {session.dataset(name).id}
    return [c for c in catalogue.sources.values() if c.id in chosen]


def _show(found: "dict[str, list[Change]]", session: Session) -> None:
    for dataset, changes in found.items():
        for change in changes:
            screen.say(screen.printable(f"{dataset}: {change}"))
        if changes:
            policy = session.dataset(dataset).sync.on_drift
            screen.tell(
                f"  onDrift: {policy}; `lumbung contract accept {dataset}` writes it into the contract"
            )
    same = sum(not changes for changes in found.values())
    screen.say(f"{screen.plural(same, 'dataset')} as before.")


def _json(found: "dict[str, list[Change]]") -> dict[str, list[dict[str, Any]]]:
    return {dataset: [vars(change) for change in changes] for dataset, changes in found.items()}


def _difference(before: str, after: str, contract: Contract) -> None:
    name = contract.file.name
    for line in difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm="", n=1):
        screen.say(screen.printable(line))


def _write(contract: Contract, text: str, project: Path) -> None:
    """Put the text in the file's place; the old one stays when the project's contracts don't fit it."""
    from schemas.catalogue import load_catalogue
    from schemas.loading import load_contract

    before = contract.file.read_text("utf-8")
    draft = contract.file.with_name(f".{os.getpid()}.{contract.file.name}")
    try:
        draft.write_text(text, encoding="utf-8")
        load_contract(draft)
        draft.replace(contract.file)
        try:
            load_catalogue(project)
        except ContractErrors:
            draft.write_text(before, encoding="utf-8")
            draft.replace(contract.file)
            raise
    finally:
        draft.unlink(missing_ok=True)
