"""One HTTP source, asked politely: credentials, time limits, retries, and no redirect to elsewhere."""

import logging
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import httpx

from connectors.base import Connection, Request
from connectors.errors import SourceError, SourceMalformed, SourceRefused, SourceUnavailable
from connectors.hosts import admit, same_origin
from connectors.http_network import BoundedTransport
from connectors.json_text import at, parsed

CONNECT_SECONDS, READ_SECONDS = 10.0, 60.0
#: Pauses before one request is tried again (seconds); a longer Retry-After is obeyed.
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
REDIRECTS = 5
#: The largest answer that is held in memory (bytes).
LARGEST = 1 << 22
#: Compressions that unpack at most a thousandfold; one within another, or of another kind, may be a bomb.
_PACKED = ("", "identity", "gzip", "x-gzip", "deflate")
#: A token is renewed when it has so little left to live: seconds, or this part of its life.
MARGIN, MARGIN_PART = 30.0, 0.1

Answer = tuple[httpx.Response, bytes]


class HttpClient:
    """Asks a source over HTTP. Use it as a context manager; whatever it does raises `SourceError`.

    The connection's credentials go to its own scheme, host and port, and nowhere else.
    """

    def __init__(
        self,
        connection: Connection,
        request: Request,
        transport: httpx.BaseTransport | None,
        sleep: Callable[[float], None],
    ) -> None:
        contract = request.contract
        self._connection = connection
        self._dataset = contract.id
        self._where = f"{contract.id}: connection {connection.id}"
        self._sleep = sleep
        self._deadline = time.monotonic() + contract.read.max_seconds
        self._token, self._token_until = "", 0.0
        self._base, self._url = self._addresses(request)
        self._headers = self._own_headers()
        self._allowed = contract.read.allowed_hosts
        # It logs each URL, in which there may be a key.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._client = httpx.Client(
            transport=transport or BoundedTransport(lambda: self._deadline - time.monotonic()),
            headers={
                "Accept": "application/json",
                "Accept-Encoding": "gzip, deflate",
                "User-Agent": "lumbung",
            },
            # Neither proxies nor .netrc of the machine: the connection says all.
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def _answered(self, url: httpx.URL) -> Answer:
        """The answer to GET; raises unless it is a success."""
        response, body = self._followed(url)
        if response.status_code == 401 and self._token:
            # The source may have withdrawn the token before its time.
            self._token = ""
            response, body = self._followed(url)
        if not response.is_success:
            raise self._refusal(f"{url.path} answered with status {response.status_code}")
        return response, body

    def _followed(self, url: httpx.URL) -> Answer:
        """The answer after redirects, each of them within the host or the contract's allowedHosts."""
        for _ in range(REDIRECTS):
            response, body = self._sent(self._asking(url))
            if not response.has_redirect_location:
                return response, body
            url = self._led(url, response.headers["location"])
        raise SourceMalformed(f"{self._where}: redirected more than {REDIRECTS} times")

    def _led(self, url: httpx.URL, location: str) -> httpx.URL:
        """Where the source leads from `url`; refused if it may not lead there."""
        try:
            target = url.join(location)
        except (httpx.InvalidURL, ValueError):
            raise SourceMalformed(f"{self._where}: it leads to what is no URL; tell its owner") from None
        admit(target, self._base, self._allowed, self._where)
        return target

    def _asking(self, url: httpx.URL) -> httpx.Request:
        """The request for `url`, with the connection's credentials and headers for its own host alone."""
        if not same_origin(url, self._base):
            return self._client.build_request("GET", url)
        extra = self._connection.extra
        if extra.get("api_key") and extra.get("api_key_param"):
            url = url.copy_merge_params({str(extra["api_key_param"]): str(extra["api_key"])})
        return self._client.build_request("GET", url, headers=self._headers | self._authorization())

    def _sent(self, request: httpx.Request) -> Answer:
        """The answer, after as many tries as it takes or `PAUSES` allows."""
        for pause in (*PAUSES, None):
            wait = 0.0
            try:
                response, body = self._once(request)
                if response.status_code != 429 and response.status_code < 500:
                    return response, body
                said, wait = f"status {response.status_code}", _retry_after(response)
            except UnicodeError:
                raise self._refusal(f"{request.url.host} is no host's name") from None
            except httpx.TransportError as error:
                if "CERTIFICATE_VERIFY_FAILED" in str(error):
                    raise self._refusal(
                        f"the certificate of {request.url.host} is not to be trusted"
                    ) from None
                is_late = time.monotonic() >= self._deadline
                said = "answered too slowly" if is_late else type(error).__name__
            if pause is not None:
                self._pause(max(pause, wait), said)
        raise SourceUnavailable(
            f"{self._where}: {request.url.host} failed {len(PAUSES) + 1} times, last: {said}"
        )

    def _once(self, request: httpx.Request) -> Answer:
        left = self._left("answered too slowly")
        timeout = httpx.Timeout(min(READ_SECONDS, left), connect=min(CONNECT_SECONDS, left))
        request.extensions["timeout"] = timeout.as_dict()
        response = self._client.send(request, stream=True)
        try:
            packed = response.headers.get("content-encoding", "").strip().lower()
            if packed not in _PACKED:
                raise SourceMalformed(f"{self._where}: an answer is packed as {packed}, not as asked for")
            return response, self._body(response)
        except httpx.DecodingError:
            raise SourceMalformed(f"{self._where}: an answer's compression is damaged") from None
        finally:
            response.close()

    def _body(self, response: httpx.Response) -> bytes:
        """A small answer's body."""
        return b"".join(self._pieces(response, LARGEST))

    def _pieces(self, response: httpx.Response, most: int) -> Iterator[bytes]:
        """The body as it comes, within time and size (bytes)."""
        size = 0
        for piece in response.iter_bytes():
            self._left("answered too slowly")
            size += len(piece)
            if size > most:
                raise SourceMalformed(
                    f"{self._where}: an answer is larger than {most >> 20} MiB; use smaller pages"
                )
            yield piece

    def _pause(self, seconds: float, said: str) -> None:
        if seconds >= self._left(said):
            raise SourceUnavailable(
                f"{self._where}: {said}, and waiting {seconds:.0f} s more would exceed maxSeconds"
            )
        self._sleep(seconds)

    def _left(self, said: str) -> float:
        """The seconds that are left of `read.max_seconds`."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise SourceUnavailable(f"{self._where}: {said}; the read took longer than maxSeconds")
        return left

    def _addresses(self, request: Request) -> tuple[httpx.URL, httpx.URL]:
        """The source's address and the endpoint's; the connection's host wins over the contract's."""
        contract = request.contract
        location = str(contract.server.settings.get("location", "")) if contract.server else ""
        try:
            base = base_url(self._connection, httpx.URL(location))
            path = base.path.rstrip("/") + "/"
            url = base.copy_with(path=path).join(contract.read.endpoint.lstrip("/"))
        except httpx.InvalidURL:
            raise self._refusal("its host is no URL") from None
        if base.scheme not in ("http", "https") or not base.host:
            raise self._refusal("neither it nor the contract's location gives a host")
        if not same_origin(url, base):
            raise SourceRefused(f"{self._where}: endpoint leads to another host; correct it in the contract")
        return base, url

    def _own_headers(self) -> dict[str, str]:
        """The connection's headers, an API key among them unless it goes into the query."""
        extra = self._connection.extra
        given = extra.get("headers") or {}
        if not isinstance(given, dict):
            raise self._refusal("its headers are no object of names and values")
        headers = {str(name): str(value) for name, value in given.items()}
        if extra.get("api_key") and not extra.get("api_key_param"):
            headers[str(extra.get("api_key_header") or "X-Api-Key")] = str(extra["api_key"])
        token = str(extra.get("bearer_token") or self._connection.password)
        if not all(text.isascii() and text.isprintable() for text in (*headers, *headers.values())):
            raise self._refusal("its headers or key hold characters that no header can carry")
        if not self._connection.user and not (token.isascii() and token.isprintable()):
            raise self._refusal("its token holds characters that no header can carry")
        return headers

    def _authorization(self) -> dict[str, str]:
        """OAuth2 client credentials when there is a `token_url`, else a bearer token, else HTTP basic.

        A password without a user is a token, as Airflow's HTTP connections have it.
        """
        c = self._connection
        if c.extra.get("token_url"):
            if not self._token or time.monotonic() >= self._token_until:
                self._renew()
            return {"Authorization": f"Bearer {self._token}"}
        token = str(c.extra.get("bearer_token") or ("" if c.user else c.password))
        if token:
            return {"Authorization": f"Bearer {token}"}
        return _basic(c) if c.user else {}

    def _renew(self) -> None:
        """Fetch a token (RFC 6749, section 4.4)."""
        response, body = self._credentials_sent()
        if not response.is_success:
            raise self._refusal(f"the token endpoint answered with status {response.status_code}")
        document = parsed(body, self._dataset)
        token, life = at(document, "access_token"), at(document, "expires_in")
        if not isinstance(token, str) or not token:
            raise SourceMalformed(
                f"{self._where}: the token endpoint gave no access_token; correct token_url"
            )
        seconds = float(life) if isinstance(life, str) and life.isdecimal() else 3600.0
        self._token = token
        self._token_until = time.monotonic() + seconds - min(MARGIN, seconds * MARGIN_PART)

    def _credentials_sent(self) -> Answer:
        """Client id and secret in the form, as most servers take them, or else as HTTP basic."""
        c = self._connection
        url = self._base.join(str(c.extra["token_url"]))
        own = self._headers if same_origin(url, self._base) else {}
        form = {"grant_type": "client_credentials"}
        if c.extra.get("scope"):
            form["scope"] = str(c.extra["scope"])
        data = {**form, "client_id": c.user, "client_secret": c.password}
        response, body = self._sent(self._client.build_request("POST", url, data=data, headers=own))
        if response.status_code in (400, 401):
            headers = own | _basic(c)
            return self._sent(self._client.build_request("POST", url, data=form, headers=headers))
        return response, body

    def _refusal(self, what: str) -> SourceError:
        return SourceRefused(
            f"{self._where}: {what}; correct AIRFLOW_CONN_{self._connection.id.upper()} or the contract"
        )


def base_url(connection: Connection, location: httpx.URL) -> httpx.URL:
    """The source's address: the connection's, with the path of the contract's `location` if it has none."""
    if not connection.host:
        return location
    host = connection.host if "://" in connection.host else f"http://{connection.host}"
    url = httpx.URL(host)
    if connection.port:
        url = url.copy_with(port=connection.port)
    path = url.path if url.path != "/" else "/" + (connection.database or location.path).lstrip("/")
    return url.copy_with(path=path)


def _basic(connection: Connection) -> dict[str, str]:
    pair = f"{connection.user}:{connection.password}".encode()
    return {"Authorization": f"Basic {b64encode(pair).decode()}"}


def _retry_after(response: httpx.Response) -> float:
    """What Retry-After asks for, in seconds: a number or a date (RFC 9110, section 10.2.3)."""
    said = response.headers.get("retry-after", "")
    if said.isdecimal():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
