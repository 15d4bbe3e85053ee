"""The API behaves like SIPD's: credentials, tokens, pages, and now and then no time."""

import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from demo.api import Api
from demo.serve import CLIENT

SECRET = "not-a-real-secret"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    (tmp_path / "skpd.json").write_text(json.dumps([{"id_skpd": n} for n in range(1, 8)]))
    with Api(tmp_path, SECRET) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}", trust_env=False) as client:
            yield client
        server.shutdown()
        thread.join()


def token(client: httpx.Client, **form: str) -> httpx.Response:
    given = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET} | form
    return client.post("/oauth/token", data=given)


def bearer(client: httpx.Client) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(client).json()['access_token']}"}


def test_pages_add_up_to_the_total_and_a_busy_server_asks_to_wait(client: httpx.Client) -> None:
    headers = bearer(client)
    found: list[int] = []
    waited = 0
    page = 1
    while True:
        answer = client.get("/api/skpd", params={"page": page, "per_page": 3}, headers=headers)
        if answer.status_code == 429:
            assert int(answer.headers["Retry-After"]) > 0
            waited += 1
            continue
        body = answer.json()
        assert body["meta"]["total"] == 7
        if not body["data"]:
            break
        found += [row["id_skpd"] for row in body["data"]]
        page += 1
    assert found == list(range(1, 8))
    assert waited == 1


def test_without_a_token_nothing_is_shown(client: httpx.Client) -> None:
    assert client.get("/api/skpd").status_code == 401
    assert client.get("/api/skpd", headers={"Authorization": "Bearer guess"}).status_code == 401


@pytest.mark.parametrize("form", [{"client_secret": "wrong"}, {"client_id": "somebody"}])
def test_wrong_credentials_get_no_token(client: httpx.Client, form: dict[str, str]) -> None:
    assert token(client, **form).status_code == 401


def test_only_client_credentials_are_granted(client: httpx.Client) -> None:
    assert token(client, grant_type="password").status_code == 400


def test_credentials_may_come_in_the_header(client: httpx.Client) -> None:
    basic = b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
    answer = client.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {basic}"}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/api/nothing", "/other/skpd", "/api/../server"])
def test_only_endpoints_are_served(client: httpx.Client, path: str) -> None:
    assert client.get(path, headers=bearer(client)).status_code == 404
