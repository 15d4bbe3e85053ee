"""The gate's judgement of a load and of a release's table: rules held against rows, and written down."""

import time
from collections.abc import Sequence

from lumbung import checks, ledger
from lumbung.checks import CheckResult
from lumbung.errors import LoadRefused
from lumbung.hub import Hub
from lumbung.ledger import Load
from lumbung.models import Models
from lumbung.releases import CheckState, ReleaseTable, find_release, mark_checked
from schemas.contract import Contract


def judge_load(hub: Hub, contract: Contract, load: Load) -> None:
    """Hold the validated load as a whole against its suite; raises `LoadRefused` if a critical rule fails."""
    # Great Expectations takes seconds to import: only the task that needs it pays.
    from lumbung import data_docs, gate

    began = time.monotonic()
    with hub.warehouse.connect() as session:
        volumes = checks.volume_history(session, contract.id)
    rules = gate.rules_for_load(contract, hub.settings.project, volumes)
    staging = ("staging", f"{contract.table}__l{load.load_id}")
    results = gate.judge(hub.warehouse.url, staging, contract, rules)
    reason = "; ".join(result.message for result in results if result.blocks)
    with hub.warehouse.connect() as session:
        load = ledger.lock(session, load.load_id)
        if load.state != "validated":
            return
        # What the gate found of tables that a crash had emptied says nothing about the load.
        ledger.count_typed(session, contract, load)
        data_docs.write_docs(hub.settings.home, contract, rules, results, f"load {load.load_id}")
        checks.record(session, results, contract.id, load_id=load.load_id)
        flagged, seconds = any(result.flags for result in results), time.monotonic() - began
        ledger.note(session, load.load_id, is_flagged=flagged, gate_seconds=seconds)
        if reason:
            ledger.end(session, load.load_id, "refused", reason)
    if reason:
        raise LoadRefused(contract.id, load.load_id, reason)


def judge_table(hub: Hub, models: Models, release_id: int, table: ReleaseTable) -> Sequence[CheckResult]:
    """Hold a new table of the release against its suite, and note how it stands."""
    from lumbung import data_docs, gate

    model = models[table.name]
    contract = model.contract
    assert contract is not None, "entities without a contract pass when they are built"
    with hub.warehouse.connect() as session:
        pins = find_release(session, release_id).pins
    datasets = [hub.dataset(name) for name in models.datasets_below(model)]
    rules = gate.rules_for_table(contract, hub.settings.project, pins, datasets)
    results = gate.judge(hub.warehouse.url, ("release", table.relation), contract, rules)
    data_docs.write_docs(hub.settings.home, contract, rules, results, f"release {release_id}")
    with hub.warehouse.connect() as session:
        checks.record(session, results, contract.id, release_id=release_id)
    mark_checked(hub.warehouse, release_id, table.name, _state(results))
    return results


def _state(results: Sequence[CheckResult]) -> CheckState:
    if any(result.blocks for result in results):
        return "failed"
    return "flagged" if any(result.flags for result in results) else "passed"
