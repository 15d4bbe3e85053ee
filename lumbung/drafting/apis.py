"""Endpoints of an API, drafted from the first page that they answer with."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from connectors.base import Connection, Request
from connectors.errors import SourceMalformed, SourceRefused
from lumbung.drafting.documents import MOST_BYTES, fields_of, parsed, records_in
from lumbung.drafting.found import Found, SourceField
from lumbung.drafting.sampling import provisional

_TOTALS = ("total", "count", "total_count", "totalCount", "jumlah", "total_data", "recordsTotal")
_NEXT = ("next", "next_page_url", "nextLink", "next_url")


def endpoints(connection: Connection, source: str, only: Sequence[str]) -> Iterator[Found]:
    """The endpoints of these paths; raises `SourceRefused` when none is named."""
    if not only:
        raise SourceRefused(
            f"connection {connection.id} is an API: name the endpoints to draft from, such as residents"
        )
    for path in only:
        yield _endpoint(connection, source, path)


def _endpoint(connection: Connection, source: str, path: str) -> Found:
    from connectors.rest_pages import PagesClient

    server = {
        "server": source,
        "type": "api",
        "location": f"{connection.host}/{connection.database}".rstrip("/"),
    }
    read: dict[str, Any] = {} if connection.id == source else {"connection": connection.id}
    read |= {"endpoint": path}
    bare = Found(path, path, server, read, (SourceField("?", "?"),))
    contract = provisional(bare, f"{source}.draft")
    with (
        PagesClient(connection, Request(contract), None, time.sleep) as client,
        client.fetched(client.url) as (_, page),
    ):
        answer = parsed(page.read(MOST_BYTES + 1), f"{source}: {path}")
    found = records_in(answer)
    if found is None:
        raise SourceMalformed(f"{source}: {path} answered without a list of objects; is it another endpoint?")
    records_path, records = found
    if records_path:
        read["recordsPath"] = records_path
    paging, edit = _paging(answer, len(records))
    return Found(
        title=path, physical_name=path.strip("/").replace("/", "_") or path, server=server,
        read={**read, "paging": paging}, fields=fields_of(records), notes=(f"endpoint {path}",),
        edits=(edit,),
    )  # fmt: skip


def _paging(answer: Any, rows: int) -> tuple[dict[str, Any], str]:
    """What the first answer says of further pages, and what to ask about it."""
    flat = dict(_numbers(answer, ""))
    total = next((path for path in flat if path.rpartition(".")[2] in _TOTALS), None)
    following = next((path for path in flat if path.rpartition(".")[2] in _NEXT), None)
    if following is not None:
        return {"style": "link", "nextPath": following}, "paging follows the link to the next page; is it so?"
    if total is not None and flat[total] == str(rows):
        return {"pageParam": "", "totalPath": total}, "all rows came in one answer; is there no paging?"
    if total is not None:
        said = f"{total} says {flat[total]} rows, the first answer had {rows}: correct the parameters' names"
        return {"size": rows, "totalPath": total}, said
    return {
        "pageParam": ""
    }, "the answer says nothing of pages: taken as the only one; ask for the API's manual"


def _numbers(value: Any, prefix: str) -> Iterator[tuple[str, str]]:
    """Every text and number outside of lists, by its dotted path."""
    for key, item in value.items() if isinstance(value, dict) else ():
        if isinstance(item, dict):
            yield from _numbers(item, f"{prefix}{key}.")
        elif isinstance(item, str):
            yield f"{prefix}{key}", item
