"""What can't work in how a contract pages an API and names the rows of its answers and documents."""

import re
from collections.abc import Iterator

from schemas.contract import Contract

Refusal = tuple[str, str]

#: What a query parameter may hold to be filled in.
MARKS = ("{since}", "{until}")

_WHERE = "customProperties.read"
_MARK = re.compile(r"\{[A-Za-z_]+\}")


def paging_refusals(contract: Contract) -> Iterator[Refusal]:
    """Each (where, reason) for which an API can't be read as the contract says."""
    paging = contract.read.paging
    if paging.style == "cursor" and not paging.next_path:
        yield f"{_WHERE}.paging.nextPath", "is missing: style cursor takes the next cursor from there"
    if paging.style in ("cursor", "offset") and not paging.page_param:
        yield f"{_WHERE}.paging.pageParam", f"is empty: style {paging.style} says there where it goes on"
    if paging.style in ("page", "offset") and paging.next_path:
        yield f"{_WHERE}.paging.nextPath", f"is for the styles cursor and link; this one is {paging.style}"
    for name, value in contract.read.params.items():
        for mark in sorted(set(_MARK.findall(value)) - set(MARKS)):
            yield f"{_WHERE}.params.{name}", f"{mark} stands for nothing; known: {', '.join(MARKS)}"
        if any(mark in value for mark in MARKS) and not contract.sync.watermark:
            yield f"{_WHERE}.params.{name}", "is filled from the watermark, and sync names none"
    for host in contract.read.allowed_hosts:
        if "/" in host or host.count(":") == 1:
            yield f"{_WHERE}.allowedHosts", f"{host!r}: expected a host's name, without scheme or port"
