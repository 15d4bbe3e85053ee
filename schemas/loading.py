"""Reading a contract file, and refusing it with file, path and reason when it is wrong.

Three nets, from coarse to fine: YAML; the ODCS v3.2 JSON schema plus the hub's own JSON schemas for
the custom properties (`CUSTOM`); then what no JSON schema can say (types, keys,
patterns, cron).
"""

import functools
import json
import re
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import jsonschema_rs
import yaml

from schemas.contract import (
    Access,
    Contract,
    Deleted,
    Filter,
    Manifest,
    Numbers,
    Paging,
    Read,
    Server,
    Sync,
    Unpivot,
)
from schemas.entities import BusinessRole, Entities, OrganisationRole, PersonRole, PlaceRole
from schemas.errors import ContractError, ContractErrors
from schemas.properties import columns_of, quality_of, references_of
from schemas.refusals import is_dataset_id, refusals
from schemas.register import Register
from schemas.wording import faults, meant, short

Document = dict[str, Any]
CUSTOM = ("read", "sync", "access", "entities", "register")
SLA = ("frequency", "latency", "retention")
#: A thousand years: anything longer is a slip.
MOST_HOURS = 1000 * 365 * 24
#: ODCS servers without a field of their own say the kind of source in `format`.
_KIND_BY_FORMAT = ("local", "custom", "s3", "sftp")
_KIND_ALIASES = {"postgresql": "postgres"}
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


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
    errors = [ContractError(file, where, reason) for where, reason in dict.fromkeys(refusals(contract))]
    if errors:
        raise ContractErrors(errors)
    return contract


def _parse(file: Path) -> Document:
    try:
        document = yaml.load(file.read_text("utf-8"), Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "file"
        reason = " ".join(str(getattr(error, "problem", None) or error).split())
        raise ContractErrors([ContractError(file, where, reason)]) from None
    except (OSError, ValueError, RecursionError) as error:
        # ValueError: not UTF-8, or a number that Python refuses to read.
        raise ContractErrors([ContractError(file, "file", f"can't be read: {error}")]) from None
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
    """The hub's own JSON schema for the custom property `name`: one of `CUSTOM`."""
    text = resources.files("schemas").joinpath(f"custom/{name}.schema.json").read_text("utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


@functools.cache
def _quick(name: str = "") -> jsonschema_rs.Validator:
    """The standard's schema, or a custom property's, compiled: it finds quickly that nothing is wrong."""
    return jsonschema_rs.validator_for(json.dumps(_slow(name).schema))


def _slow(name: str) -> jsonschema.protocols.Validator:
    return custom_schema(name) if name else _standard()


def _broken(value: Any, name: str = "") -> Iterable[jsonschema.ValidationError]:
    """What breaks the schema. The slow validator has words for it, and is asked only if there is any."""
    return () if _quick(name).is_valid(value) else _slow(name).iter_errors(value)


def _schema_errors(file: Path, document: Document) -> Iterator[ContractError]:
    for where, reason in faults(document, _broken(document), _vocabulary()):
        yield ContractError(file, where, reason)
    if document.get("apiVersion") != "v3.2.0":
        yield ContractError(file, "apiVersion", "expected v3.2.0, the version this hub reads")
    for name, value in _custom(document).items():
        known = _broken(value, name) if name in CUSTOM else ()
        for where, reason in faults(value, known, frozenset()):
            path = ".".join(part for part in ("customProperties", name, where) if part != "document")
            yield ContractError(file, path, reason)
    yield from _said_twice(file, document)


def _said_twice(file: Path, document: Document) -> Iterator[ContractError]:
    for section, known in (("customProperties", CUSTOM), ("slaProperties", SLA)):
        names = [item["property"] for item in _listed(document, section)]
        for name in sorted(set(names) - set(known)):
            yield ContractError(
                file, f"{section}.{name}", f"is unknown; the hub knows {', '.join(known)}{meant(name, known)}"
            )
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield ContractError(file, f"{section}.{name}", "stands more than once")


@functools.cache
def _vocabulary() -> frozenset[str]:
    """Every property name that the standard's schema has, wherever it stands."""

    def names(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            yield from node.get("properties", {})
            for value in node.values():
                yield from names(value)
        elif isinstance(node, list):
            for value in node:
                yield from names(value)

    return frozenset(names(_standard().schema))


def _listed(document: Document, section: str) -> list[Document]:
    """The `property: ..., value: ...` items of a section, as far as they are well-formed."""
    listed = document.get(section)
    items = listed if isinstance(listed, list) else []
    return [item for item in items if isinstance(item, dict) and isinstance(item.get("property"), str)]


def _custom(document: Document) -> Document:
    return {item["property"]: item.get("value") for item in _listed(document, "customProperties")}


def _contract(file: Path, document: Document) -> Contract:
    described = document.get("schema") or []
    if len(described) != 1:
        raise ContractError(file, "schema", f"expected exactly one dataset, found {len(described)}")
    dataset = described[0]
    identifier = str(document["id"])
    if not is_dataset_id(identifier):
        raise ContractError(
            file, "id", f"{identifier!r}: expected source.dataset in lower case letters, digits and _"
        )
    custom = _custom(document)
    team = document.get("team") or {}
    if not isinstance(team, dict):
        raise ContractError(file, "team", "expected the owning agency: {name: ..., description: ...}")
    return Contract(
        id=identifier,
        kind="published" if identifier.startswith("published.") else "source",
        version=document["version"],
        status=document.get("status", "draft"),
        title=document.get("name", identifier),
        description=(document.get("description") or {}).get("purpose", ""),
        owner=team.get("name", ""),
        tags=tuple(document.get("tags") or ()),
        file=file,
        physical_name=dataset.get("physicalName", dataset["name"]),
        columns=columns_of(file, dataset),
        references=references_of(file, identifier, dataset),
        quality=quality_of(file, dataset),
        roles=tuple(role["role"] for role in document.get("roles") or ()),
        server=_server(file, document),
        read=_read(custom.get("read") or {}),
        sync=_sync(custom.get("sync") or {}),
        access=Access(**_tuples(_snake(custom.get("access") or {}))),
        entities=_entities(custom.get("entities") or {}),
        register=Register(**_snake(custom.get("register") or {})),
        owner_name=team.get("description", ""),
        contacts=_contacts(file, document),
        **_sla(file, document),
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


def _contacts(file: Path, document: Document) -> tuple[str, ...]:
    """The e-mail addresses among the support channels: `url: mailto:name@example.id`, several by commas."""
    found: dict[str, None] = {}
    for place, channel in enumerate(document.get("support") or ()):
        scheme, _, rest = str(channel.get("url") or "").partition(":")
        if scheme.casefold() != "mailto":
            continue
        for address in unquote(rest.partition("?")[0]).split(","):
            if not _ADDRESS.fullmatch(address.strip()):
                raise ContractError(
                    file, f"support[{place}].url", f"{short(address)}: expected mailto: and an e-mail address"
                )
            found[address.strip()] = None
    return tuple(found)


def _sla(file: Path, document: Document) -> dict[str, Any]:
    said = {item["property"]: item for item in _listed(document, "slaProperties")}
    days = _amount(file, said.get("retention"), {"d": 1, "y": 365})
    return {
        "schedule": said.get("frequency", {}).get("schedule"),
        "latency_hours": _amount(file, said.get("latency"), {"h": 1, "d": 24}),
        "retention_days": None if days is None else int(days),
    }


def _amount(file: Path, item: Document | None, units: dict[str, int]) -> float | None:
    """The item's value in the first of `units`."""
    if item is None:
        return None
    where, value, unit = f"slaProperties.{item['property']}", item.get("value"), item.get("unit")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < MOST_HOURS:
        raise ContractError(file, f"{where}.value", f"{short(value)}: expected a number above 0")
    if unit not in units:
        raise ContractError(file, f"{where}.unit", f"{unit!r}: expected {' or '.join(units)}")
    return float(value) * units[unit]


def _read(value: Document) -> Read:
    plain = _tuples(_snake(value))
    plain["filters"] = tuple(Filter(**_snake(f)) for f in value.get("filters", ()))
    parts = {"paging": Paging, "manifest": Manifest, "unpivot": Unpivot, "numbers": Numbers}
    for name, part in parts.items():
        if name in value:
            plain[name] = part(**_tuples(_snake(value[name])))
    return Read(**plain)


def _sync(value: Document) -> Sync:
    plain = _tuples(_snake(value))
    if isinstance(plain.get("watermark"), str):
        plain["watermark"] = (plain["watermark"],)
    if "deleted" in plain:
        plain["deleted"] = Deleted(**_tuples(plain["deleted"]))
    return Sync(**plain)


def _entities(value: Document) -> Entities:
    kinds = {
        "persons": PersonRole,
        "places": PlaceRole,
        "organisations": OrganisationRole,
        "businesses": BusinessRole,
    }
    return Entities(
        **{
            kind: tuple(kinds[kind](**_tuples(_snake(mention))) for mention in said)
            for kind, said in value.items()
        }
    )


def _snake(value: Document) -> Document:
    def snake(name: str) -> str:
        return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)

    return {snake(name): item for name, item in value.items()}


def _tuples(value: Document) -> Document:
    return {name: tuple(item) if isinstance(item, list) else item for name, item in value.items()}
