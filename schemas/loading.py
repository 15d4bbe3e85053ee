"""Reading a contract file, and refusing it with file, path and reason when it is wrong.

Three nets, from coarse to fine: YAML; the ODCS v3.2 JSON schema plus the hub's own JSON schemas for
the custom properties `read`, `sync` and `access`; then what no JSON schema can say (types, keys,
patterns, cron).
"""

import functools
import json
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from schemas.contract import Access, Contract, Filter, Paging, Read, Server, Sync
from schemas.errors import ContractError, ContractErrors
from schemas.properties import columns_of, quality_of, references_of
from schemas.refusals import refusals

Document = dict[str, Any]
CUSTOM = ("read", "sync", "access")
#: ODCS servers without a field of their own say the kind of source in `format`.
_KIND_BY_FORMAT = ("local", "custom")
_KIND_ALIASES = {"postgresql": "postgres"}


class _Loader(yaml.CSafeLoader):
    """YAML where dates stay text (the standard's schema wants text) and a key may stand only once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {twice!r} stands twice", node.start_mark
            )
        return super().construct_mapping(node, deep)  # type: ignore[no-any-return,unused-ignore]


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load_contract(file: Path) -> Contract:
    """The contract in `file`.

    Raises `ContractErrors` with every fault found: unreadable YAML, anything the standard or the hub
    doesn't know, unknown types, missing or unknown key columns, bad patterns or schedules, names too
    long for PostgreSQL.
    """
    document = _parse(file)
    errors = list(_schema_errors(file, document))
    if errors:
        raise ContractErrors(errors)
    try:
        contract = _contract(file, document)
    except ContractError as error:
        raise ContractErrors([error]) from None
    errors = [ContractError(file, where, reason) for where, reason in refusals(contract)]
    if errors:
        raise ContractErrors(errors)
    return contract


def _parse(file: Path) -> Document:
    try:
        document = yaml.load(file.read_text("utf-8"), Loader=_Loader)
    except (OSError, UnicodeDecodeError) as error:
        raise ContractErrors([ContractError(file, "file", f"can't be read: {error}")]) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "file"
        raise ContractErrors([ContractError(file, where, str(getattr(error, "problem", error)))]) from None
    if not isinstance(document, dict):
        raise ContractErrors([ContractError(file, "file", "is not a contract: expected a mapping")])
    return document


@functools.cache
def _standard() -> jsonschema.protocols.Validator:
    text = resources.files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8")
    schema = json.loads(text)
    return jsonschema.validators.validator_for(schema)(schema)


@functools.cache
def custom_schema(name: str) -> jsonschema.protocols.Validator:
    """The hub's own JSON schema for the custom property `name` (`read`, `sync` or `access`)."""
    text = resources.files("schemas").joinpath(f"custom/{name}.schema.json").read_text("utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


def _schema_errors(file: Path, document: Document) -> Iterator[ContractError]:
    for error in _standard().iter_errors(document):
        leaf = jsonschema.exceptions.best_match([error]) or error
        yield ContractError(file, _where(document, leaf.absolute_path), leaf.message)
    if document.get("apiVersion") != "v3.2.0":
        yield ContractError(file, "apiVersion", "expected v3.2.0, the version this hub reads")
    for name, value in _custom(document).items():
        if name not in CUSTOM:
            yield ContractError(
                file, f"customProperties.{name}", f"unknown; the hub knows {', '.join(CUSTOM)}"
            )
            continue
        for error in custom_schema(name).iter_errors(value):
            path = ".".join(map(str, ("customProperties", name, *error.absolute_path)))
            yield ContractError(file, path, error.message)


def _where(document: Any, path: Any) -> str:
    """`schema.residents.properties.nik.logicalType`: list items by their name rather than number."""
    parts, here = [], document
    for step in path:
        here = here[step]
        named = isinstance(step, int) and isinstance(here, dict)
        parts.append(str((here.get("name") or here.get("property") or step) if named else step))
    return ".".join(parts) or "document"


def _custom(document: Document) -> Document:
    listed = document.get("customProperties") or []
    if not isinstance(listed, list):
        return {}
    return {p.get("property", "?"): p.get("value") for p in listed if isinstance(p, dict)}


def _contract(file: Path, document: Document) -> Contract:
    described = document.get("schema") or []
    if len(described) != 1:
        raise ContractError(file, "schema", f"expected exactly one dataset, found {len(described)}")
    dataset = described[0]
    identifier = str(document["id"])
    custom = _custom(document)
    team = document.get("team")
    return Contract(
        id=identifier,
        kind="published" if identifier.startswith("published.") else "source",
        version=document["version"],
        status=document.get("status", "draft"),
        title=document.get("name", identifier),
        description=(document.get("description") or {}).get("purpose", ""),
        owner=team.get("name", "") if isinstance(team, dict) else "",
        tags=tuple(document.get("tags") or ()),
        file=file,
        physical_name=dataset.get("physicalName", dataset["name"]),
        columns=columns_of(file, dataset),
        references=references_of(file, identifier, dataset),
        quality=quality_of(file, dataset),
        roles=tuple(role["role"] for role in document.get("roles") or ()),
        server=_server(file, document),
        read=_read(custom.get("read") or {}),
        sync=Sync(**_snake(custom.get("sync") or {})),
        access=Access(**_tuples(_snake(custom.get("access") or {}))),
        **_sla(document),
    )


def _server(file: Path, document: Document) -> Server | None:
    servers = document.get("servers") or []
    if not servers:
        return None
    if len(servers) > 1:
        raise ContractError(file, "servers", "expected one server: where the hub reads the dataset")
    server = dict(servers[0])
    name, kind = server.pop("server", None), server.pop("type")
    if not name:
        raise ContractError(file, "servers.server", "is missing: it names the connection to use")
    if kind in _KIND_BY_FORMAT:
        kind = str(server.get("format", kind))
    return Server(str(name), _KIND_ALIASES.get(kind, str(kind)), server)


def _sla(document: Document) -> dict[str, Any]:
    said = {p["property"]: p for p in document.get("slaProperties") or ()}
    hours = {"h": 1.0, "d": 24.0}
    days = {"d": 1, "y": 365}
    result: dict[str, Any] = {"schedule": said.get("frequency", {}).get("schedule")}
    if latency := said.get("latency"):
        result["latency_hours"] = float(latency["value"]) * hours.get(latency.get("unit", "h"), 1.0)
    if retention := said.get("retention"):
        result["retention_days"] = int(retention["value"]) * days.get(retention.get("unit", "d"), 1)
    return result


def _read(value: Document) -> Read:
    plain = _tuples(_snake(value))
    plain["filters"] = tuple(Filter(**_snake(f)) for f in value.get("filters", ()))
    if "paging" in value:
        plain["paging"] = Paging(**_snake(value["paging"]))
    return Read(**plain)


def _snake(value: Document) -> Document:
    def snake(name: str) -> str:
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)

    return {snake(name): item for name, item in value.items()}


def _tuples(value: Document) -> Document:
    return {name: tuple(item) if isinstance(item, list) else item for name, item in value.items()}
