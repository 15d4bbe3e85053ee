"""Lists of codes as they come from the ministry or from an application: recognised, put in place, synced.

A list is read by its contract as it is. What this module adds is to say which contract that is, and to copy
the file where the contract looks for it. A nomenclature workbook does not name its regulation, so its file is
called after it.
"""

import csv
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from connectors.base import Connection, Request
from connectors.errors import ColumnsMissing, SourceError
from connectors.registry import open_connector
from lumbung import pipeline
from lumbung.budget_codes.errors import ListRefused
from lumbung.hub import Hub
from lumbung.ledger import Load
from schemas.catalogue import Catalogue
from schemas.contract import Contract

#: The datasets that a list may be one of.
DATASETS = ("reference.account_code", "reference.sub_activity_code", "reference.sub_activity_nomenclature")
REGULATIONS = "reference.regulation"
#: The column by which a list names the regulation of each row.
_NUMBER = "list_number"


@dataclass(frozen=True)
class Recognised:
    """A list and where it belongs: `target` is its place in the project, `others` the lists already there."""

    file: Path
    contract: Contract
    target: Path
    others: tuple[str, ...]


def recognise(project: Path, catalogue: Catalogue, file: Path, regulation: str = "") -> Recognised:
    """Find out which dataset's list the file is, by its columns; nothing is written.

    `regulation` is the id of the regulation of a list that doesn't name it, as `regulation.csv` has it.
    Raises `ListRefused`.
    """
    if not file.is_file():
        raise ListRefused(f"{file}: there is no such file")
    contract = _contract(project, catalogue, file)
    folder = _folder(project, contract)
    names_itself = _NUMBER in contract.names
    if names_itself and regulation:
        raise ListRefused(f"{file.name} names the regulation of each row; leave --regulation out")
    if not names_itself:
        _refuse_unknown(project, catalogue, file, regulation)
    target = folder / (file.name if names_itself else f"{regulation}{file.suffix.lower()}")
    others = (path.name for path in folder.glob(contract.read.files or "*") if path.name != target.name)
    return Recognised(file, contract, target, tuple(sorted(others)))


def bring_in(hub: Hub, found: Recognised) -> Load:
    """Copy the list into its place, over an older one of that name, and sync its dataset.

    Raises what a sync raises; the file stays where it is then, for a load that a guard refused can still be
    accepted.
    """
    found.target.parent.mkdir(parents=True, exist_ok=True)
    if found.file.resolve() != found.target.resolve():
        # Copied beside it first: a sync never meets half a file.
        part = found.target.with_name(f".{found.target.name}.part")
        shutil.copyfile(found.file, part)
        part.replace(found.target)
    return pipeline.sync(hub, found.contract.id)


def _contract(project: Path, catalogue: Catalogue, file: Path) -> Contract:
    """The contract whose columns the file has."""
    lacking: dict[str, tuple[str, ...]] = {}
    for contract in _contracts(catalogue, file):
        try:
            alone = _alone(contract, file)
            with open_connector(alone, Connection("reference", "file"), project).open(Request(alone)):
                return contract
        except ColumnsMissing as missing:
            lacking[contract.id] = missing.columns
        except SourceError as error:
            raise ListRefused(f"{file.name} can't be read as a list of codes: {error}") from None
    nearest = min(lacking, key=lambda dataset: len(lacking[dataset]))
    raise ListRefused(
        f"{file.name} is no list of codes that the hub knows: it lacks {', '.join(lacking[nearest])} of "
        f"{nearest}; name its columns as the official list does"
    )


def _contracts(catalogue: Catalogue, file: Path) -> list[Contract]:
    """The contracts of lists in files of this kind."""
    absent = [dataset for dataset in (*DATASETS, REGULATIONS) if dataset not in catalogue.sources]
    if absent:
        raise ListRefused(f"the project has no contract {absent[0]}; see schemas/sources/reference")
    contracts = [catalogue.sources[dataset] for dataset in DATASETS]
    kinds = {contract.id: f".{contract.server.kind}" for contract in contracts if contract.server}
    found = [contract for contract in contracts if kinds.get(contract.id) == file.suffix.lower()]
    if not found:
        raise ListRefused(f"{file.name}: expected a {' or '.join(sorted(set(kinds.values())))} file")
    return found


def _alone(contract: Contract, file: Path) -> Contract:
    """The contract, of this file alone."""
    server = contract.server
    settings = {"path": str(file.resolve())}
    return replace(
        contract,
        server=replace(server, settings=settings) if server else None,
        read=replace(contract.read, files=""),
    )


def _folder(project: Path, contract: Contract) -> Path:
    path = contract.server.settings.get("path") if contract.server else None
    if not path:
        raise ListRefused(f"{contract.id}: its server has no path to put a list at; see its contract")
    return project / str(path)


def _refuse_unknown(project: Path, catalogue: Catalogue, file: Path, regulation: str) -> None:
    known = _regulations(project, catalogue)
    if regulation not in known:
        said = (
            f"there is no regulation {regulation!r}" if regulation else "the file does not say which it is of"
        )
        raise ListRefused(f"{file.name}: {said}; give --regulation with one of {', '.join(known)}")


def _regulations(project: Path, catalogue: Catalogue) -> list[str]:
    contract = catalogue.sources[REGULATIONS]
    file = _folder(project, contract) / str(contract.read.files)
    with file.open(encoding="utf-8-sig", newline="") as text:
        return [row["regulation_code"] for row in csv.DictReader(text)]
