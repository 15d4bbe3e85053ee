"""All contracts of a project together: found, checked against each other, parents before children."""

import graphlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from schemas.contract import Contract, Reference
from schemas.errors import ContractError, ContractErrors
from schemas.glossary import Glossary, load_glossary
from schemas.loading import load_contract
from schemas.types import comparable

SUFFIX = ".odcs.yaml"


@dataclass(frozen=True)
class Catalogue:
    """`sources` by dataset id, parents before children within a source; `published` by table name.

    The published ones have the names and units that the project's glossary gives them.
    """

    sources: dict[str, Contract]
    published: dict[str, Contract]
    glossary: Glossary = field(default_factory=Glossary)

    def datasets_of(self, source: str) -> list[Contract]:
        """The source's datasets, parents before children."""
        return [c for c in self.sources.values() if c.source == source]


def contract_files(root: Path) -> list[Path]:
    """Every contract file below `root/schemas`, in a fixed order."""
    return sorted((root / "schemas").glob(f"*/*/*{SUFFIX}"))


def load_catalogue(root: Path, files: Iterable[Path] | None = None) -> Catalogue:
    """The contracts of the project at `root`; raises `ContractErrors` with every fault in any of them."""
    contracts: list[Contract] = []
    errors: list[ContractError] = []
    for file in contract_files(root) if files is None else files:
        try:
            contracts.append(load_contract(file))
        except ContractErrors as refused:
            errors += refused.errors
    errors += _misplaced(contracts)
    sources = {c.id: c for c in contracts if c.kind == "source"}
    errors += [*_references(contracts, {_identifier(error.file) for error in errors}), *_cycles(sources)]
    try:
        glossary = load_glossary(root)
    except ContractErrors as refused:
        errors += refused.errors
    if errors:
        raise ContractErrors(errors)
    published = {c.name: glossary.named(c) for c in contracts if c.kind == "published"}
    return Catalogue(_parents_first(sources), published, glossary)


def _misplaced(contracts: list[Contract]) -> Iterator[ContractError]:
    seen: dict[str, Path] = {}
    for contract in contracts:
        name = contract.file.name.removesuffix(SUFFIX)
        folder = contract.source if contract.kind == "source" else contract.file.parent.name
        expected = f"{'sources' if contract.kind == 'source' else 'published'}/{folder}/{contract.name}"
        found = "/".join([*contract.file.parts[-3:-1], name])
        if found != expected:
            yield ContractError(contract.file, "id", f"{contract.id!r} belongs in schemas/{expected}{SUFFIX}")
        if contract.id in seen:
            yield ContractError(contract.file, "id", f"{contract.id!r} is also in {seen[contract.id]}")
        seen[contract.id] = contract.file


def _identifier(file: Path) -> str:
    """The id that a contract at this place should have."""
    return f"{file.parent.name}.{file.name.removesuffix(SUFFIX)}"


def _references(contracts: list[Contract], refused: set[str]) -> Iterator[ContractError]:
    """Faults of foreign keys; those that lead to a `refused` contract can't be judged yet."""
    known = {contract.id: contract for contract in contracts}
    for contract in contracts:
        for reference in contract.references:
            if reference.dataset in refused and reference.dataset not in known:
                continue
            reason = _bad_reference(contract, reference, known.get(reference.dataset))
            if reason:
                where = f"schema.{contract.name}.relationships"
                yield ContractError(contract.file, where, f"{reference.dataset}: {reason}")


def _bad_reference(child: Contract, reference: Reference, parent: Contract | None) -> str | None:
    if parent is None:
        return "there is no such dataset"
    target = reference.target
    unknown = sorted(set(target) - set(parent.names))
    if unknown:
        return f"has no column {unknown[0]!r}"
    if set(target) != set(parent.key) and not (len(target) == 1 and parent.column(target[0]).unique):
        return f"({', '.join(target)}) is neither its key ({', '.join(parent.key)}) nor unique"
    for ours, theirs in zip(reference.columns, target, strict=True):
        mine, other = child.column(ours).pg_type, parent.column(theirs).pg_type
        if not comparable(mine, other):
            return f"{theirs!r} is {other} and {ours!r} is {mine}: they can't be compared"
    return None


def _cycles(sources: dict[str, Contract]) -> Iterator[ContractError]:
    try:
        list(graphlib.TopologicalSorter(_parents(sources)).static_order())
    except graphlib.CycleError as cycle:
        chain = " -> ".join(reversed(cycle.args[1]))
        yield ContractError(sources[cycle.args[1][0]].file, "relationships", f"form a cycle: {chain}")


def _parents(sources: dict[str, Contract]) -> dict[str, list[str]]:
    """Parents within the same source; other sources are synced in their own time."""

    def counts(contract: Contract) -> Callable[[str], bool]:
        return lambda parent: (
            parent in sources and parent != contract.id and sources[parent].source == contract.source
        )

    return {c.id: sorted(filter(counts(c), {r.dataset for r in c.references})) for c in sources.values()}


def _parents_first(sources: dict[str, Contract]) -> dict[str, Contract]:
    ordered = graphlib.TopologicalSorter(_parents(sources)).static_order()
    return {name: sources[name] for name in ordered}
