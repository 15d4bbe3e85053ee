"""Entities of a contract: what is read of them, and which can't work."""

from pathlib import Path
from typing import Any

import pytest

from schemas.entities import BusinessRole, PersonRole, columns_named
from schemas.errors import ContractErrors
from schemas.loading import load_contract
from tests.contract_documents import changed, permits, write

HOLDER = {"role": "holder", "nik": "holder_nik", "name": "holder_name", "birthDate": "born_date"}
SHOP = {"role": "shop", "name": "shop_name", "owner": "holder"}
ENTITIES = {"persons": [HOLDER], "businesses": [SHOP], "places": [{"role": "site", "code": "visit_count"}]}


def load(root: Path, entities: dict[str, Any]) -> Any:
    document = permits()
    columns = document["schema"][0]["properties"]
    for name in ("holder_nik", "holder_name"):
        columns.append({"name": name, "logicalType": "string", "classification": "personal"})
    columns.append({"name": "born_date", "logicalType": "date", "classification": "personal"})
    columns.append({"name": "shop_name", "logicalType": "string"})
    added = changed(document, "customProperties/3", {"property": "entities", "value": entities})
    return load_contract(*write(root, added)).entities


def test_mentions_name_their_columns(tmp_path: Path) -> None:
    entities = load(tmp_path, ENTITIES)
    (holder,) = entities.persons
    assert holder == PersonRole("holder", nik="holder_nik", name="holder_name", birth_date="born_date")
    assert columns_named(holder) == {"nik": "holder_nik", "name": "holder_name", "birth_date": "born_date"}
    assert entities.businesses == (BusinessRole("shop", name="shop_name", owner="holder"),)
    assert columns_named(entities.businesses[0]) == {"name": "shop_name"}
    assert {mention.role for mention in entities.all} == {"holder", "shop", "site"}


PERSONS = "customProperties.entities.persons"


@pytest.mark.parametrize(
    ("entities", "where", "reason"),
    [
        ({"persons": [{"rol": "a"}]}, f"{PERSONS}.0.rol", "did you mean 'role'"),
        ({"people": [HOLDER]}, "customProperties.entities.people", "is unknown here"),
        ({"persons": [{"role": "a", "sex": "shop_name"}]}, f"{PERSONS}.a", "expected nik or name"),
        ({"persons": [HOLDER | {"nik": "nik"}]}, f"{PERSONS}.holder.nik", "'nik' that isn't there"),
        ({"persons": [HOLDER | {"birthDate": "shop_name"}]}, f"{PERSONS}.holder.birthDate", "expected date"),
        ({"persons": [HOLDER | {"nik": "visit_count"}]}, f"{PERSONS}.holder.nik", "expected string"),
        ({"persons": [HOLDER | {"name": "shop_name"}]}, f"{PERSONS}.holder.name", "classify it as personal"),
        ({"persons": [HOLDER | {"role": "Pemohon"}]}, f"{PERSONS}.Pemohon", "a role is lower case"),
        ({"persons": [HOLDER | {"role": "a__b"}]}, f"{PERSONS}.a__b", "single underscores"),
        ({"persons": [HOLDER | {"role": "a" * 49}]}, f"{PERSONS}.{'a' * 49}", "longer than 63 bytes"),
        ({"persons": [HOLDER, HOLDER]}, f"{PERSONS}.holder", "more than once"),
        ({"persons": [HOLDER], "businesses": [SHOP | {"role": "holder"}]}, f"{PERSONS}.holder", "over all"),
        ({"places": [{"role": "a", "kelurahan": "shop_name", "asOf": "shop_name"}]},
         "customProperties.entities.places.a.asOf", "expected date or integer"),
        ({"places": [{"role": "a", "codeParts": ["visit_count", "nowhere"], "codeSystem": "bps"}]},
         "customProperties.entities.places.a.codeParts.1", "'nowhere' that isn't there"),
        ({"places": [{"role": "a", "codeParts": ["visit_count", "visit_count"], "codeSystem": "nik"}]},
         "customProperties.entities.places.a.codeParts", "kemendagri or bps"),
        ({"places": [{"role": "a", "kelurahan": "shop_name", "lists": True}]},
         "customProperties.entities.places.a.lists", "needs code, codeSystem"),
        ({"businesses": [SHOP]}, "customProperties.entities.businesses.shop.owner", "no role among"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused(
    tmp_path: Path, entities: dict[str, Any], where: str, reason: str
) -> None:
    with pytest.raises(ContractErrors) as refused:
        load(tmp_path, entities)
    found = [(error.where, error.reason) for error in refused.value.errors]
    assert any(place == where and reason in why for place, why in found), found


def test_a_role_of_just_the_longest_name_is_taken(tmp_path: Path) -> None:
    assert load(tmp_path, {"persons": [HOLDER | {"role": "a" * 48}]}).persons


def test_a_key_named_like_a_column_of_links_is_refused(tmp_path: Path) -> None:
    document = changed(permits(), "schema/permits/properties/permit_number/name", "score")
    document = changed(document, "customProperties/read/value/filters", [])
    document = changed(document, "customProperties/access/value/searchKeys", ["score"])
    entities = {"property": "entities", "value": {"organisations": [{"role": "a", "code": "office_code"}]}}
    with pytest.raises(ContractErrors, match="the key column 'score' has a name"):
        load_contract(*write(tmp_path, changed(document, "customProperties/3", entities)))
