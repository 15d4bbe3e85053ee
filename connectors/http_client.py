"""One REST endpoint, asked politely: credentials, time limits, retries, and no redirect to elsewhere."""

import time
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import httpx

from connectors.base import Connection, Request
from connectors.errors import SourceError, SourceMalformed, SourceRefused, SourceUnavailable
from connectors.hosts import admit, same_origin
from connectors.json_text import at, parsed

CONNECT_SECONDS, READ_SECONDS = 10.0, 60.0
#: Pauses before one request is tried again (seconds); a longer Retry-After is obeyed.
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)
REDIRECTS = 5
#: The largest answer that is taken (bytes): a page has to fit into memory.
LARGEST = 1 << 27
#: A token is renewed when it has so little left to live: seconds, or this part of its life.
MARGIN, MARGIN_PART = 30.0, 0.1

Answer = tuple[httpx.Response, bytes]


class HttpClient:
    """Asks the contract's endpoint. Use it as a context manager; `get` raises `SourceError`."""

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
        self._headers = dict(connection.extra.get("headers", {}))
        self._allowed = contract.read.allowed_hosts
        self._client = httpx.Client(
            transport=transport,
            headers={"Accept": "application/json", "User-Agent": "lumbung"},
            # Neither proxies nor .netrc of the machine: the connection says all.
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, query: dict[str, str]) -> bytes:
        """The body of the successful answer to GET with this query."""
        url = self._url.copy_merge_params(query)
        response, body = self._followed(url)
        if response.status_code == 401 and self._token:
            # The source may have withdrawn the token before its time.
            self._token = ""
            response, body = self._followed(url)
        if not response.is_success:
            raise self._refusal(f"{self._url.path} answered with status {response.status_code}")
        return body

    def _followed(self, url: httpx.URL) -> Answer:
        """The answer after redirects, all of them within the host."""
        for _ in range(REDIRECTS):
            response, body = self._sent(self._asking(url))
            if not response.has_redirect_location:
                return response, body
            url = url.join(response.headers["location"])
            admit(url, self._base, self._allowed, self._where)
        raise SourceMalformed(f"{self._where}: redirected more than {REDIRECTS} times")

    def _asking(self, url: httpx.URL) -> httpx.Request:
        """The request for `url`, with the connection's credentials and headers for its own host alone."""
        headers = self._headers | self._authorization() if same_origin(url, self._base) else {}
        return self._client.build_request("GET", url, headers=headers)

    def _sent(self, request: httpx.Request) -> Answer:
        """The answer, after as many tries as it takes or `PAUSES` allows."""
        for pause in (*PAUSES, None):
            wait = 0.0
            try:
                response, body = self._once(request)
                if response.status_code != 429 and response.status_code < 500:
                    return response, body
                said, wait = f"status {response.status_code}", _retry_after(response)
            except httpx.TransportError as error:
                said = type(error).__name__
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
            return response, self._body(response)
        except httpx.DecodingError:
            raise SourceMalformed(f"{self._where}: an answer's compression is damaged") from None
        finally:
            response.close()

    def _body(self, response: httpx.Response) -> bytes:
        """The answer's body, within time and `LARGEST`."""
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            self._left("answered too slowly")
            if len(body) > LARGEST:
                raise SourceMalformed(
                    f"{self._where}: an answer is larger than {LARGEST >> 20} MiB; use smaller pages"
                )
        return bytes(body)

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

    def _authorization(self) -> dict[str, str]:
        """OAuth2 client credentials when there is a `token_url`, else HTTP basic when there is a user."""
        c = self._connection
        if not c.extra.get("token_url"):
            return _basic(c) if c.user else {}
        if not self._token or time.monotonic() >= self._token_until:
            self._renew()
        return {"Authorization": f"Bearer {self._token}"}

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
        form = {"grant_type": "client_credentials"}
        if c.extra.get("scope"):
            form["scope"] = str(c.extra["scope"])
        data = {**form, "client_id": c.user, "client_secret": c.password}
        response, body = self._sent(self._client.build_request("POST", url, data=data, headers=self._headers))
        if response.status_code in (400, 401):
            headers = self._headers | _basic(c)
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
