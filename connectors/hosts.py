"""Where a source may lead the hub: within its own host, or to those that the contract allows."""

import ipaddress
import socket
from collections.abc import Sequence

import httpx

from connectors.errors import SourceRefused, SourceUnavailable


def same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    """Whether scheme, host and port are the same: only then may credentials go along."""
    return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)


def admit(target: httpx.URL, base: httpx.URL, allowed: Sequence[str], where: str) -> None:
    """Raise `SourceRefused` unless the source at `base` may lead to `target`.

    Allowed are the same scheme, host and port, and the hosts in `allowed`; but these neither by http when
    the source is asked by https, nor with private addresses unless the source's own is of the same sort.
    """
    if same_origin(target, base):
        return
    if target.scheme not in ("http", "https") or target.host not in allowed:
        raise SourceRefused(
            f"{where}: redirected to another address ({target.scheme}://{target.host}), not followed; if the "
            "source has moved there correct the connection's host, or add it to allowedHosts"
        )
    if base.scheme == "https" and target.scheme == "http":
        raise SourceRefused(f"{where}: redirected from https to http at {target.host}, not followed")
    reach = nearness(target.host, where) - nearness(base.host, where)
    if reach:
        raise SourceRefused(
            f"{where}: redirected to {target.host}, which has a private address, not followed; tell the owner"
        )


def nearness(host: str, where: str) -> frozenset[str]:
    """How the host's addresses are not public: `loopback`, `link-local`, `private`; none for a public one.

    Raises `SourceUnavailable` if it has no address.
    """
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise SourceUnavailable(f"{where}: the address of {host} can't be found; try again later") from None
    return frozenset(filter(None, map(_sort, found)))


def _sort(text: str) -> str:
    address = ipaddress.ip_address(text.partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_loopback:
        return "loopback"
    # The cloud's metadata services are link-local: no source lies there unless it says so itself.
    if address.is_link_local:
        return "link-local"
    return "" if address.is_global else "private"
