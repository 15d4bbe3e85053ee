"""`lumbung contract check` and `show`; with the commands of `drafts`."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lumbung.cli import drafts, drifting, screen
from lumbung.cli.examples import examples
from lumbung.cli.exits import ExitCode
from lumbung.cli.session import session_of
from schemas.contract import Column, Contract

if TYPE_CHECKING:
    from schemas.errors import ContractError


def app() -> typer.Typer:
    """The group `contract`."""
    group = typer.Typer(
        help="Contracts: draft them from a source, check them, try them, look at one.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.command(
        epilog=examples(
            "lumbung contract check",
            "lumbung contract check schemas/sources/siak/residents.odcs.yaml",
            "lumbung contract check --strict",
        )
    )(check)
    drafts.register(group)
    group.command(epilog=examples("lumbung contract show siak.residents", "lumbung contract show progress"))(
        show
    )
    drifting.register(group)
    return group


def check(
    context: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE...", help="Only these; default: all of the project.")
    ] = None,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Also what published tables lack: names, units, lineage and such."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Check contracts; every fault is one line: file, place, reason. Exit code 1 when there is any."""
    from schemas.catalogue import contract_files

    project = session_of(context).settings.project
    ours = {file.resolve(): file for file in contract_files(project)}
    wanted = [file.resolve() for file in files] if files else list(ours)
    errors = _errors(project, list(ours.values()), [file for file in wanted if file not in ours])
    errors += _gaps(project) if strict and not errors else []
    found = [error for error in errors if not files or error.file.resolve() in wanted]
    refused = {error.file.resolve() for error in found}
    if as_json:
        listed = [{"file": str(e.file), "where": e.where, "reason": e.reason} for e in found]
        screen.say_json({"fine": len(wanted) - len(refused), "refused": len(refused), "errors": listed})
    else:
        for error in found:
            screen.say(screen.printable(str(error)))
        said = f"{screen.plural(len(wanted) - len(refused), 'contract')} fine"
        screen.say(f"{said}, {len(refused)} refused." if refused else f"{said}.")
    if found:
        raise typer.Exit(ExitCode.ACT)


def _errors(project: Path, ours: list[Path], others: list[Path]) -> "list[ContractError]":
    """The faults of the project's contracts, which are judged together, and of files from elsewhere."""
    from schemas.catalogue import load_catalogue
    from schemas.errors import ContractErrors
    from schemas.loading import load_contract

    errors = []
    try:
        load_catalogue(project, ours)
    except ContractErrors as refused:
        errors += refused.errors
    for file in others:
        try:
            load_contract(file)
        except ContractErrors as refused:
            errors += refused.errors
    return errors


def _gaps(project: Path) -> "list[ContractError]":
    """What the published tables' descriptions lack."""
    from lumbung.models import load_models
    from lumbung.strictness import gaps
    from schemas.catalogue import load_catalogue

    return list(gaps(load_models(project, load_catalogue(project)), project))


def show(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="ID", help="siak.residents, or a published table: progress.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """What a contract says: where the data is from, how it is synced, its columns and their rules."""
    from schemas.catalogue import load_catalogue

    catalogue = load_catalogue(session_of(context).settings.project)
    known = {**catalogue.sources, **catalogue.published, **{c.id: c for c in catalogue.published.values()}}
    if name not in known:
        raise typer.BadParameter(f"there is no contract {name!r}; there are {', '.join(sorted(known))}")
    contract = known[name]
    if as_json:
        screen.say_json({**asdict(contract), "table": contract.table, "key": contract.key})
        return
    for label, text in _facts(contract):
        if text:
            screen.say(f"{label:<12} {screen.printable(text)}")
    screen.heading("Columns")
    screen.table(
        ("column", "at the source", "type", "key", "required", "class", "rules"), map(_row, contract.columns)
    )


def _facts(contract: Contract) -> list[tuple[str, str]]:
    server = contract.server
    hours = contract.latency_hours
    facts = [
        ("id", f"{contract.id} {contract.version} ({contract.status})"),
        ("title", contract.title),
        ("about", contract.description),
        ("owner", contract.owner),
        ("file", str(contract.file)),
    ]
    if contract.kind == "source":
        sync = contract.sync
        watermark = f" by {', '.join(sync.watermark)}" if sync.watermark else ""
        facts += [
            ("source", f"{server.name} ({server.kind}), {contract.physical_name}" if server else ""),
            ("sync", f"{sync.mode}{watermark}, {contract.schedule or 'by hand'}"),
            (
                "guards",
                f"removes at most {sync.max_delete_pct:g} %, refuses at most {sync.max_refused_pct:g} %",
            ),
            ("refers to", ", ".join(sorted({r.dataset for r in contract.references}))),
        ]
    schema = "current" if contract.kind == "source" else "published"
    return [*facts, ("latency", f"{hours:g} h" if hours else ""), ("table", f"{schema}.{contract.table}")]


def _row(column: Column) -> tuple[Any, ...]:
    rules = [f"{name} {value}" for name, value in column.options.items()]
    rules += ["unique"] if column.unique else []
    rules += [f"one of {', '.join(column.enum)}"] if column.enum else []
    return (
        column.name, column.source_name, column.pg_type, str(column.key_position or ""),
        "yes" if column.required else "", column.classification, "; ".join(rules),
    )  # fmt: skip
