"""The API server itself: `python -m demo.api HOME`, started by `demo.serve`."""

import json
import os
import secrets
import signal
import sys
import threading
import time
from base64 import b64decode
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from demo import state
from demo.serve import CLIENT, is_alive

_TOKEN_SECONDS = 300
_LARGEST_PAGE = 1000
#: Each request with this number is asked to come back later, as busy servers do.
_BUSY_REQUEST = 3


class Api(ThreadingHTTPServer):
    """Serves the rows below `place`; `secret` is what the client must know."""

    daemon_threads = True

    def __init__(self, place: Path, secret: str, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.place = place
        self.secret = secret
        self.tokens: dict[str, float] = {}
        self.requests = 0


class _Handler(BaseHTTPRequestHandler):
    server: Api

    def do_POST(self) -> None:
        """The token endpoint (RFC 6749, section 4.4)."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        if urlsplit(self.path).path != "/oauth/token":
            self._answer(HTTPStatus.NOT_FOUND, {"error": "not_found"})
        elif form.get("grant_type") != "client_credentials":
            self._answer(HTTPStatus.BAD_REQUEST, {"error": "unsupported_grant_type"})
        elif self._client(form) != (CLIENT, self.server.secret):
            self._answer(HTTPStatus.UNAUTHORIZED, {"error": "invalid_client"})
        else:
            token = secrets.token_urlsafe(32)
            self.server.tokens[token] = time.monotonic() + _TOKEN_SECONDS
            answer = {"access_token": token, "token_type": "Bearer", "expires_in": _TOKEN_SECONDS}
            self._answer(HTTPStatus.OK, answer)

    def do_GET(self) -> None:
        """One page of an endpoint: `/api/<endpoint>?page=1&per_page=500`."""
        self.server.requests += 1
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.server.tokens.get(token, 0.0) < time.monotonic():
            self._answer(HTTPStatus.UNAUTHORIZED, {"error": "invalid_token"})
        elif self.server.requests == _BUSY_REQUEST:
            self._answer(HTTPStatus.TOO_MANY_REQUESTS, {"error": "busy"}, {"Retry-After": "1"})
        else:
            self._page()

    def _page(self) -> None:
        parts = urlsplit(self.path)
        file = self.server.place / f"{Path(parts.path).name}.json"
        if Path(parts.path).parent != Path("/api") or not file.is_file():
            self._answer(HTTPStatus.NOT_FOUND, {"error": "not_found"})
            return
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        page, size = int(query.get("page", 1)), min(int(query.get("per_page", 100)), _LARGEST_PAGE)
        rows = json.loads(file.read_text("utf-8"))
        shown = rows[(page - 1) * size : page * size]
        self._answer(HTTPStatus.OK, {"data": shown, "meta": {"page": page, "total": len(rows)}})

    def _client(self, form: dict[str, str]) -> tuple[str, str]:
        basic = self.headers.get("Authorization", "")
        if basic.startswith("Basic "):
            user, _, password = b64decode(basic.removeprefix("Basic ")).decode().partition(":")
            return user, password
        return form.get("client_id", ""), form.get("client_secret", "")

    def _answer(self, status: HTTPStatus, body: object, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        """Say nothing: the log is for what goes wrong."""


def main(home: Path, secret: str) -> None:
    """Serve until the last user has ended."""
    place = state.folder(home)
    said = place / "api" / "server.json"
    server = Api(place / "sipd", secret)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    threading.Thread(target=_watch, args=(server, place / "api" / "users"), daemon=True).start()
    state.write_private(said, {"pid": os.getpid(), "port": server.server_port, "secret": secret})
    try:
        server.serve_forever(poll_interval=0.2)
    finally:
        if state.read(said).get("pid") == os.getpid():
            said.unlink()


def _watch(server: Api, users: Path) -> None:
    """Shut the server down when no file in `users` names a living process any more."""
    while _any_alive(users):
        time.sleep(0.5)
    server.shutdown()


def _any_alive(users: Path) -> bool:
    found = False
    for file in users.glob("*"):
        if is_alive(int(file.name)):
            found = True
        else:
            file.unlink(missing_ok=True)
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]), os.environ.pop("LUMBUNG_DEMO_SECRET"))
