"""The project's glossary: what published tables and columns are called in Indonesian and English, and units.

A column that stands in many tables means the same in each, so its names are written once, in
`schemas/glossary.yaml`:

    tables:
      progress: {en: Physical and financial progress}
    columns:
      budget_year: {id: Tahun Anggaran, en: Budget year}
      pagu_amount: {id: Pagu, en: Ceiling, unit: rupiah}
      revenue_target_vs_realisation.account_name: {id: Uraian, en: Description}

A column of one table may have an entry of its own. What a contract says itself (`businessName`) wins.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from schemas.contract import Column, Contract
from schemas.errors import ContractError, ContractErrors

FILE = "glossary.yaml"
_SECTIONS = {"tables": ("id", "en"), "columns": ("id", "en", "unit")}


@dataclass(frozen=True)
class Term:
    """What something is called in Indonesian and in English, and in what it is counted."""

    id: str = ""
    en: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Glossary:
    """Terms of tables by table name, of columns by `column` or `table.column`."""

    tables: dict[str, Term] = field(default_factory=dict)
    columns: dict[str, Term] = field(default_factory=dict)

    def named(self, contract: Contract) -> Contract:
        """The published contract with the names and units that the glossary has for it."""
        term = self.tables.get(contract.name, Term())
        columns = tuple(self._named(contract.name, column) for column in contract.columns)
        return replace(contract, columns=columns, english_title=term.en or contract.english_title)

    def _named(self, table: str, column: Column) -> Column:
        term = self.columns.get(f"{table}.{column.name}") or self.columns.get(column.name) or Term()
        return replace(
            column, business_name=column.business_name or term.id, english_name=term.en, unit=term.unit
        )

    def unused(self, published: dict[str, Contract]) -> Iterator[str]:
        """Entries that no published table or column has, as `columns.pagu`."""
        yield from (f"tables.{name}" for name in self.tables if name not in published)
        known = {c.name for contract in published.values() for c in contract.columns}
        known |= {f"{name}.{c.name}" for name, contract in published.items() for c in contract.columns}
        yield from (f"columns.{name}" for name in self.columns if name not in known)


def load_glossary(root: Path) -> Glossary:
    """The glossary of the project at `root`; an empty one without a file. Raises `ContractErrors`."""
    file = root / "schemas" / FILE
    if not file.exists():
        return Glossary()
    try:
        document = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader) or {}
    except (yaml.YAMLError, OSError, ValueError) as error:
        raise ContractErrors([ContractError(file, "file", f"can't be read: {error}")]) from None
    errors = list(_faults(file, document))
    if errors:
        raise ContractErrors(errors)
    terms = {
        section: {name: Term(**said) for name, said in (document.get(section) or {}).items()}
        for section in _SECTIONS
    }
    return Glossary(**terms)


def _faults(file: Path, document: Any) -> Iterator[ContractError]:
    if not isinstance(document, dict):
        yield ContractError(file, "file", "expected tables: and columns:")
        return
    for section in document.keys() - _SECTIONS.keys():
        yield ContractError(file, str(section), f"is unknown; expected {' and '.join(_SECTIONS)}")
    for section, fields in _SECTIONS.items():
        listed = document.get(section) or {}
        if not isinstance(listed, dict):
            yield ContractError(file, section, "expected names with their terms below it")
            continue
        for name, said in listed.items():
            if not isinstance(said, dict) or not all(isinstance(text, str) for text in said.values()):
                yield ContractError(file, f"{section}.{name}", f"expected texts for {', '.join(fields)}")
            elif said.keys() - set(fields):
                wrong = ", ".join(sorted(said.keys() - set(fields)))
                yield ContractError(
                    file, f"{section}.{name}", f"{wrong}: unknown; expected {', '.join(fields)}"
                )
