"""The gate: Great Expectations judges a load, or a published table, as a whole, on PostgreSQL.

Importing this module imports Great Expectations, which takes seconds: import it where it is used.
It is driven below its Data Context, which would open two more connections, refuse socket URLs, store
results and send usage statistics.
"""

import logging
from collections.abc import Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from great_expectations import ExpectationSuite
from great_expectations.core.batch import Batch
from great_expectations.core.expectation_validation_result import ExpectationValidationResult
from great_expectations.execution_engine import SqlAlchemyExecutionEngine
from great_expectations.execution_engine.sqlalchemy_batch_data import SqlAlchemyBatchData
from great_expectations.expectations.metadata_types import FailureSeverity
from great_expectations.validator.validator import Validator

from expectations.discovery import suite
from expectations.history import VolumeHistory
from expectations.rules import Rule, RuleContext
from lumbung.batch import BATCH, Relation, open_batch
from lumbung.checks import CheckResult, record, volume_history
from lumbung.errors import GateError
from lumbung.observations import error_of, observed, told
from schemas.contract import Contract

__all__ = [
    "CheckResult", "VolumeHistory", "judge", "record", "rules_for_load", "rules_for_table",
    "volume_history",
]  # fmt: skip

#: Details of a failed rule: counts, and no samples.
_DETAILS: Final = {"result_format": "SUMMARY", "partial_unexpected_count": 0}


def rules_for_load(contract: Contract, project: Path, history: VolumeHistory | None = None) -> list[Rule]:
    """The suite of a load of `contract`'s dataset. Raises `RuleError` for rules that can't be used."""
    return suite(RuleContext(contract, volume=history), project)


def rules_for_table(
    contract: Contract,
    project: Path,
    pins: Mapping[str, int] | None = None,
    datasets: Sequence[Contract] = (),
) -> list[Rule]:
    """The suite of a published table. `pins`: dataset ids and the load of each that the release uses.

    Rules that compare the table with its datasets read them as of these loads. `datasets` are the
    contracts of those the table reads, whose freshness is judged; without them it isn't. Raises
    `RuleError`.
    """
    return suite(RuleContext(contract, pins=pins or {}, datasets=tuple(datasets)), project)


def judge(
    warehouse_url: str, relation: Relation, contract: Contract, rules: Sequence[Rule]
) -> list[CheckResult]:
    """Hold the rows of `relation` (schema and table) against `rules`; a result per rule, in order.

    `lumbung.batch.open_batch` says which rows these are. A rule that raised is `errored`, not `failed`,
    and so is a critical one that needs a relation which isn't there. A warning that needs one has no
    result: before the other dataset has come home for the first time there is nothing to warn of.
    Raises `GateError` when the rows can't be read, or when any rule was left out.
    """
    names = {rule.name for rule in rules}
    if len(names) != len(rules):
        raise GateError(f"{contract.id}: two rules share a name, so their results can't be told apart")
    with open_batch(warehouse_url, relation, contract) as batch:
        lacking = {rule.name: batch.missing(rule.requires) for rule in rules}
        found = _evaluate(batch.engine, [rule for rule in rules if not lacking[rule.name]])
    due = [rule for rule in rules if rule.severity == "critical" or not lacking[rule.name]]
    return [_result(rule, contract, found.get(rule.name), lacking[rule.name]) for rule in due]


def _evaluate(engine: sa.Engine, rules: Sequence[Rule]) -> dict[str, ExpectationValidationResult]:
    """GX's results by rule name: yes or no first, then details for what failed."""
    _silence()
    execution = SqlAlchemyExecutionEngine(engine=engine)
    found = _validate(execution, rules, "BOOLEAN_ONLY")
    failed = [rule for rule in rules if not found[rule.name].success]
    again = [rule for rule in failed if error_of(found[rule.name].exception_info) is None]
    return found | (_validate(execution, again, _DETAILS) if again else {})


def _validate(
    execution: SqlAlchemyExecutionEngine, rules: Sequence[Rule], result_format: object
) -> dict[str, ExpectationValidationResult]:
    data = SqlAlchemyBatchData(execution_engine=execution, table_name=BATCH, create_temp_table=False)
    # GX annotates the class of the data where it takes the data.
    batch = Batch(data=data)  # type: ignore[arg-type]
    validator = Validator(execution_engine=execution, batches=[batch])
    validator.metrics_calculator.show_progress_bars = False
    results = validator.graph_validate(
        configurations=_suite(rules).expectation_configurations,
        runtime_configuration={"result_format": result_format, "catch_exceptions": True},
    )
    found = {str((r.expectation_config.meta or {}).get("rule")): r for r in results if r.expectation_config}
    if set(found) != {rule.name for rule in rules}:
        raise GateError(f"Great Expectations judged {len(found)} of {len(rules)} rules; none may be left out")
    return found


def _suite(rules: Sequence[Rule]) -> ExpectationSuite:
    """The rules as GX's suite, each expectation marked with its rule's name and severity."""
    expectations = []
    for rule in rules:
        expectation = copy(rule.expectation)
        expectation.meta = {"rule": rule.name}
        expectation.severity = FailureSeverity(rule.severity)
        expectations.append(expectation)
    made = ExpectationSuite(name="lumbung", expectations=expectations)
    if len(made.expectations) != len(rules):
        raise GateError(f"Great Expectations took {len(made.expectations)} of {len(rules)} rules")
    return made


def _result(
    rule: Rule,
    contract: Contract,
    result: ExpectationValidationResult | None,
    lacking: Sequence[str],
) -> CheckResult:
    where = f"{contract.id}: {rule.severity} rule '{rule.name}'"
    reason = f"{', '.join(lacking)} is not there yet" if lacking else None
    if result is not None:
        reason = error_of(result.exception_info)
    if reason is not None:
        message = f"{where} could not be judged: {reason}; expected {rule.expected}"
        return CheckResult(rule.name, rule.severity, "errored", {"error": reason}, message)
    details: Mapping[str, Any] = result.result if result is not None else {}
    if result is not None and result.success:
        return CheckResult(rule.name, rule.severity, "passed")
    seen = observed(rule, contract, details)
    message = f"{where} failed: expected {rule.expected}; found {told(seen)}"
    return CheckResult(rule.name, rule.severity, "failed", seen, message)


def _silence() -> None:
    """GX logs failing SQL with the data it met; what may be told of it is in the results."""
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL + 1)
