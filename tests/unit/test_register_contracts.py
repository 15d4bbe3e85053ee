"""A contract's part in the population register: what is read of it, and what can't work."""

from pathlib import Path
from typing import Any

import pytest

from schemas.errors import ContractErrors
from schemas.loading import load_contract
from schemas.register import Register
from tests.contract_documents import changed, permits, write

WHERE = "customProperties.register"


def load(root: Path, register: dict[str, Any]) -> Any:
    added = changed(permits(), "customProperties/3", {"property": "register", "value": register})
    return load_contract(*write(root, added))


def test_the_part_names_its_columns(tmp_path: Path) -> None:
    (key,) = load(tmp_path, {"part": "foreigners", "key": "permit_number"}).key
    assert key == "permit_number"
    found = load(tmp_path, {"part": "foreigners", "key": key, "name": "permit_number"}).register
    assert found == Register("foreigners", key=key, name=key)
    assert found.columns == {"key": key, "name": key}


@pytest.mark.parametrize(
    ("register", "where", "reason"),
    [
        ({"key": "permit_number"}, f"{WHERE}.part", "is missing"),
        ({"part": "resident", "key": "permit_number"}, f"{WHERE}.part", "did you mean 'residents'"),
        ({"part": "residents", "key": "permit_number"}, f"{WHERE}.kkNumber", "is missing"),
        ({"part": "foreigners", "key": "nik"}, f"{WHERE}.key", "'nik' that isn't there"),
        ({"part": "foreigners", "key": "office_code"}, WHERE, "to be the dataset's key"),
        ({"part": "foreigners", "key": "visit_count"}, f"{WHERE}.key", "expected string"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused(
    tmp_path: Path, register: dict[str, Any], where: str, reason: str
) -> None:
    with pytest.raises(ContractErrors) as refused:
        load(tmp_path, register)
    found = [(error.where, error.reason) for error in refused.value.errors]
    assert any(place == where and reason in why for place, why in found), found
