"""Finding the rules that a project adds to the baseline, by path and not by import name.

A project may lie outside this repository, so its modules are loaded from their files.
"""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from expectations.baseline import baseline
from expectations.errors import RuleError
from expectations.modules import module_path
from expectations.rules import Rule, RuleContext
from schemas.contract import Contract


def suite(context: RuleContext, project: Path) -> list[Rule]:
    """The whole suite of the contract in `context`: its baseline and what `project` adds.

    Raises `RuleError` when two rules share a name, a rule speaks of a column that the contract
    doesn't have, or the module has no `rules`.
    """
    rules = baseline(context) + _added(context, project)
    names = [rule.name for rule in rules]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise RuleError(f"{context.contract.id}: several rules are called {', '.join(sorted(twice))}")
    for rule in rules:
        _refuse_unknown_columns(rule, context.contract)
    return rules


def _added(context: RuleContext, project: Path) -> list[Rule]:
    file = module_path(context.contract, project)
    if not file.exists():
        return []
    spec = spec_from_file_location(f"lumbung_rules_{context.contract.table}", file)
    if spec is None or spec.loader is None:
        raise RuleError(f"{file}: can't be loaded as a Python module")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    rules = getattr(module, "rules", None)
    if not callable(rules):
        raise RuleError(f"{file}: expected a function rules(context) that gives a list of rules")
    return list(rules(context))


def _refuse_unknown_columns(rule: Rule, contract: Contract) -> None:
    for argument in ("column", "column_A", "column_B"):
        column = getattr(rule.expectation, argument, None)
        if isinstance(column, str) and column not in contract.names:
            raise RuleError(f"{contract.id}: rule {rule.name!r}: the contract has no column {column!r}")
