"""However a contract is spoilt, it is either taken or refused as a contract: nothing else is raised."""

import copy
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.catalogue import load_catalogue
from schemas.contract import Contract
from schemas.errors import ContractErrors
from schemas.loading import load_contract
from tests.contract_documents import Document, offices, permits

Path_ = tuple[Any, ...]

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(st.characters(codec="utf-8"), max_size=8),
    # What stands in contracts, in the wrong place.
    st.sampled_from(["a.b", "P1D", "[", "(?<a", "a{9}{9}", "0 2 * * *", "2024-02-30", "string", "1e999", ""]),
)
VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=2),
    st.dictionaries(st.sampled_from(["name", "property", "value", "to", "x"]), SCALARS, max_size=2),
)


def places(node: Any, path: Path_ = ()) -> list[Path_]:
    """The path of everything in the document."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(place for step, item in items for place in places(item, (*path, step)))]


PLACES = places(permits())[1:]


def spoilt(document: Document, path: Path_, how: str, value: Any) -> Document:
    """The document with the thing at `path` replaced, removed, renamed or doubled."""
    document = copy.deepcopy(document)
    here: Any = document
    for step in path[:-1]:
        here = here[step]
    if how == "replace":
        here[path[-1]] = value
    elif isinstance(here, list):
        here.append(here[path[-1]]) if how == "double" else here.pop(path[-1])
    else:
        item = here.pop(path[-1])
        if how != "remove":
            here[str(value)] = item
    return document


def attempt(text: str) -> Contract | None:
    """The contract, or None when it is refused in the way that contracts are."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "schemas" / "sources" / "city" / "permits.odcs.yaml"
        file.parent.mkdir(parents=True)
        file.write_text(text, encoding="utf-8")
        try:
            contract = load_contract(file)
            load_catalogue(Path(folder))
        except ContractErrors as refused:
            assert refused.errors
            for error in refused.errors:
                assert str(error).startswith(f"{file}: ") and len(str(error).splitlines()) == 1, error
            return None
    return contract


@settings(max_examples=150, deadline=None)
@given(
    path=st.sampled_from(PLACES),
    how=st.sampled_from(["replace", "replace", "replace", "remove", "rename", "double"]),
    value=VALUES,
)
@example(path=("customProperties", 0, "property"), how="replace", value=["read"])
@example(path=("slaProperties", 1, "value"), how="replace", value=float("nan"))
@example(path=("id",), how="replace", value="permits")
def test_a_spoilt_document_is_taken_or_refused(path: Path_, how: str, value: Any) -> None:
    attempt(yaml.safe_dump(spoilt(permits(), path, how, value), allow_unicode=True))


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(0, 3),
    st.text(st.characters(codec="utf-8"), max_size=3)
    | st.sampled_from(["&a ", "*a", "!!int ", "<<: ", "- ", "\t"]),
)
def test_spoilt_text_is_taken_or_refused(place: int, gone: int, new: str) -> None:
    text = yaml.safe_dump(offices())
    place %= len(text)
    attempt(text[:place] + new + text[place + gone :])
