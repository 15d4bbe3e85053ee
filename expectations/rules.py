"""What a rule is, what it may know, and short ways to write one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Literal

import great_expectations.expectations as gxe
from great_expectations.execution_engine import ExecutionEngine

from expectations import sql
from expectations.history import VolumeHistory
from schemas.contract import Contract

Severity = Literal["critical", "warning"]
_NO_PINS: Mapping[str, int] = MappingProxyType({})


class ExpectQueryToReturnNoRows(gxe.UnexpectedRowsExpectation):
    """An `UnexpectedRowsExpectation` that runs its query once and reports the row it gives.

    GX's own runs every query twice, to fetch and to count. Our queries give at most one row, made
    of counts and row numbers (`expectations.sql`), so the fetched rows are all there is to know.
    """

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.table",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: ExecutionEngine[Any] | None = None,
    ) -> dict[str, Any]:
        rows = metrics["unexpected_rows_query.table"]
        result = {"observed_value": len(rows), "details": {"rows": rows[:1]}}
        return {"success": not rows, "result": result}


@dataclass(frozen=True)
class Rule:
    """One rule: its name (unique in its suite), what a breach means, and what GX evaluates.

    `expected` says in words what has to hold; it ends up in the message. `requires` names relations
    (`current.siak__family_cards`) without which the rule can't be judged. `critical` blocks the load
    or release, `warning` flags it.
    """

    name: str
    severity: Severity
    expected: str
    expectation: gxe.Expectation
    requires: tuple[str, ...] = ()


@dataclass(frozen=True)
class RuleContext:
    """What rules are made from: the contract, the volumes before, and what a release is built from.

    `pins` maps dataset ids to the loads that the release is built from; `datasets` are the contracts of
    those that a published table reads. Both are empty for a load.
    """

    contract: Contract
    volume: VolumeHistory | None = None
    pins: Mapping[str, int] = field(default_factory=lambda: _NO_PINS)
    datasets: tuple[Contract, ...] = ()

    @property
    def has_row_numbers(self) -> bool:
        """True for a load: its rows are known by their number in the source's extract."""
        return self.contract.kind == "source"

    def read(self, dataset: str) -> str:
        """`dataset` as something to select from: as of its pinned load, else its latest rows."""
        table = dataset.replace(".", "__")
        if dataset not in self.pins:
            return f"current.{sql.quoted(table)}"
        load = int(self.pins[dataset])
        return (
            f"(SELECT * FROM history.{sql.quoted(table)} WHERE from_load_id <= {load} "
            f"AND (to_load_id IS NULL OR to_load_id > {load}))"
        )

    def relation(self, dataset: str) -> str:
        """The name of the relation behind `read`, for `Rule.requires`."""
        schema = "history" if dataset in self.pins else "current"
        return f"{schema}.{dataset.replace('.', '__')}"

    def forbid(self, name: str, severity: Severity, condition: str, expected: str) -> Rule:
        """A rule that no row `b` of the batch meets `condition`."""
        return no_rows(name, severity, sql.offending(condition, self.has_row_numbers), expected)


def no_rows(name: str, severity: Severity, query: str, expected: str, requires: tuple[str, ...] = ()) -> Rule:
    """A rule that `query` gives no row. It should give at most one, of counts (`expectations.sql`)."""
    return Rule(name, severity, expected, ExpectQueryToReturnNoRows(unexpected_rows_query=query), requires)


def within(
    name: str, severity: Severity, value: str, bounds: tuple[float, float], least_rows: int = 0
) -> Rule:
    """A rule that `value`, an SQL aggregate over the rows `b` of the batch, lies between `bounds`.

    With fewer than `least_rows` rows it holds in any case: shares and means of a handful say nothing.
    """
    low, high = bounds
    query = sql.outside(value, f"v.value BETWEEN {sql.literal(low)} AND {sql.literal(high)}", least_rows)
    return no_rows(name, severity, query, f"between {low:,g} and {high:,g}")
