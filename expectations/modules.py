"""Where a project's own rules stand, without loading them: Great Expectations takes seconds to import."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from expectations.errors import RuleError
from schemas.contract import Contract

_HERE = Path(__file__).parent
_BASELINE = ("baseline.py", "quality.py", "reconciling.py", "rules.py", "sql.py", "withholding.py")


def module_path(contract: Contract, project: Path) -> Path:
    """Where the project's own rules for a dataset or table stand, if it has any."""
    folder = project / "expectations"
    if contract.kind == "source":
        return folder / "sources" / contract.source / f"{contract.name}.py"
    return folder / "published" / f"{contract.name}.py"


def refuse_orphans(contracts: Iterable[Contract], project: Path) -> None:
    """Raise `RuleError` for a module of rules that belongs to no contract: it would never run."""
    known = {module_path(contract, project) for contract in contracts}
    folder = project / "expectations"
    found = {file for kind in ("sources", "published") for file in (folder / kind).rglob("*.py")}
    orphans = sorted(f for f in found - known if f.name != "__init__.py")
    if orphans:
        raise RuleError(f"{orphans[0]}: no contract has this name, so its rules would never run")


def suite_fingerprint(contract: Contract, project: Path) -> str:
    """A digest of the code that a suite comes from: the baseline's and the project's module."""
    digest = hashlib.sha256()
    for file in (*[_HERE / name for name in _BASELINE], module_path(contract, project)):
        digest.update(file.read_bytes() if file.exists() else b"")
    return digest.hexdigest()
