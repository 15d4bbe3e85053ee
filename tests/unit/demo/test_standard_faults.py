"""Faults derived from a contract break each of its rules, and no other of the same column."""

from dataclasses import replace

import pytest

from demo.model import PROJECT
from demo.standard_faults import standard_faults
from schemas.catalogue import load_catalogue
from schemas.contract import Contract


@pytest.fixture
def revenue() -> Contract:
    return load_catalogue(PROJECT).sources["pendapatan.revenue"]


def values(contract: Contract) -> dict[str, tuple[object, ...]]:
    return {fault.kind: fault.values for fault in standard_faults(contract)}


def test_each_rule_has_a_fault(revenue: Contract) -> None:
    found = values(revenue)
    assert found["month_number:minimum"] == (0,)
    assert found["month_number:maximum"] == (13,)
    assert found["account_name:required"] == (None,)
    assert found["target_amount:type"] == ("#N/A",)
    assert found["target_amount:scale"] == ("0.111",)
    assert found["account_code:pattern"] == ("?",)
    assert {fault.column for fault in standard_faults(revenue) if fault.kind == "month_number:minimum"} == {
        "Bulan"
    }


def test_what_cannot_be_derived_has_to_be_said(revenue: Contract) -> None:
    anything = replace(revenue.column("account_code"), options={"pattern": ".*"})
    contract = replace(
        revenue, columns=tuple(anything if c.name == anything.name else c for c in revenue.columns)
    )
    with pytest.raises(ValueError, match="account_code:pattern alone"):
        standard_faults(contract)
    found = standard_faults(contract, wrong={"account_code:pattern": ()})
    assert "account_code:pattern" not in {fault.kind for fault in found}


def test_a_rule_that_the_contract_does_not_state_is_refused(revenue: Contract) -> None:
    with pytest.raises(ValueError, match="states no rule account_code:enum"):
        standard_faults(revenue, wrong={"account_code:enum": ("x",)})


def test_copies_differ_in_what_has_to_be_unique(revenue: Contract) -> None:
    named = replace(revenue.column("account_name"), unique=True)
    columns = tuple(named if column.name == named.name else column for column in revenue.columns)
    found = standard_faults(replace(revenue, columns=columns))
    assert [fault.column for fault in found if fault.kind == ":duplicate_key"] == ["Uraian"]
