"""Files in a bucket of S3, or of a server that speaks like it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError
from botocore.exceptions import ConnectionError as Unconnected

from connectors.base import Connection
from connectors.errors import SourceError, SourceRefused, SourceUnavailable
from connectors.storage.base import Budget, Stored, local_name, ordered
from connectors.storage.globs import leads_out, matches

CONNECT_SECONDS, READ_SECONDS = 10, 60
#: Bytes between two looks at the clock.
PIECE = 1 << 16
_REFUSED = {
    "401", "403", "AccessDenied", "AllAccessDisabled", "InvalidAccessKeyId", "SignatureDoesNotMatch",
    "ExpiredToken", "InvalidToken", "PermanentRedirect", "AuthorizationHeaderMalformed",
}  # fmt: skip
_ABSENT = {"404", "NoSuchKey", "NoSuchBucket", "NotFound"}

T = TypeVar("T")


class S3Storage:
    """The objects below a prefix of a bucket.

    Extras as Airflow's AWS connection has them: `endpoint_url`, `region_name`, `aws_session_token`. Without
    a user the bucket is read as a public one.
    """

    def __init__(self, connection: Connection, bucket: str, prefix: str, budget: Budget) -> None:
        self._connection = connection
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._budget = budget
        self._where = f"{budget.where}: connection {connection.id}"
        self._client = self._made()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def listed(self, pattern: str) -> list[Stored]:
        """As `Storage.listed`."""
        if leads_out(pattern):
            raise SourceRefused(f"{self._where}: {pattern} leads out of its folder; correct read.files")
        return self._asked(lambda: ordered(self._found(pattern), pattern, self._where), self._prefix)

    def named(self, name: str) -> Stored | None:
        """As `Storage.named`."""
        key = self._prefix + name
        exact = self._asked(lambda: [s for s in self._below(key) if s.name == name], key)
        return exact[0] if exact else None

    def fetch(self, stored: Stored, folder: Path) -> Path:
        """A copy of the object, all from one version of it."""
        key, target = self._prefix + stored.name, folder / local_name(stored.name)

        def copied() -> Path:
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
            # The body compares what came with Content-Length at its end.
            self._budget.copy(answer["Body"].iter_chunks(PIECE), target)
            return target

        return self._asked(copied, key)

    def _found(self, pattern: str) -> Iterator[Stored]:
        fixed = pattern[: min((pattern + mark).index(mark) for mark in "*?[")]
        yield from (s for s in self._below(self._prefix + fixed) if matches(s.name, pattern))

    def _below(self, prefix: str) -> Iterator[Stored]:
        """The objects whose keys begin so; keys that end in / are folders."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        for page in pages:
            self._budget.left()
            for item in page.get("Contents", ()):
                if not item["Key"].endswith("/"):
                    yield Stored(item["Key"].removeprefix(self._prefix), item["LastModified"].timestamp())

    def _asked(self, question: Callable[[], T], key: str) -> T:
        def attempt() -> T:
            with self._translated(key):
                return question()

        return self._budget.persist(attempt)

    @contextmanager
    def _translated(self, key: str) -> Iterator[None]:
        """Turn errors of the network and of the server into ours."""
        try:
            yield
        except ClientError as error:
            raise self._refusal(error, key) from None
        except (HTTPClientError, Unconnected, IncompleteReadError) as error:
            raise SourceUnavailable(
                f"{self._where}: {self._place(key)} can't be read now: {type(error).__name__}"
            ) from None
        except (BotoCoreError, ValueError) as error:
            raise SourceRefused(
                f"{self._where}: {self._place(key)} can't be asked for: {type(error).__name__}; correct the "
                f"contract's location or AIRFLOW_CONN_{self._connection.id.upper()}"
            ) from None

    def _refusal(self, error: ClientError, key: str) -> SourceError:
        code = str(error.response.get("Error", {}).get("Code", ""))
        place = self._place(key)
        if code in _ABSENT:
            return SourceRefused(f"{self._where}: no {place} ({code}); correct the contract's location")
        if code in _REFUSED:
            return SourceRefused(
                f"{self._where}: {place} is refused ({code}); correct key and secret in "
                f"AIRFLOW_CONN_{self._connection.id.upper()}, or ask for permission"
            )
        return SourceUnavailable(f"{self._where}: {place} can't be read now: {code or 'no reason given'}")

    def _place(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"

    def _made(self) -> Any:
        c, extra = self._connection, self._connection.extra
        config = Config(
            connect_timeout=CONNECT_SECONDS, read_timeout=min(READ_SECONDS, self._budget.left()),
            retries={"total_max_attempts": 1},
            proxies={}, s3={"addressing_style": str(extra.get("addressing_style", "auto"))},
            **({} if c.user else {"signature_version": UNSIGNED}),
        )  # fmt: skip
        endpoint = extra.get("endpoint_url") or (c.host if "://" in c.host else None)
        with self._translated(""):
            # Neither profiles nor files of the machine: the connection says all.
            session = botocore.session.Session(profile=None)
            session.set_config_variable("config_file", None)
            session.set_config_variable("credentials_file", None)
            return session.create_client(
                "s3", region_name=str(extra.get("region_name") or "us-east-1"), endpoint_url=endpoint,
                aws_access_key_id=c.user or None, aws_secret_access_key=c.password or None,
                aws_session_token=extra.get("aws_session_token") or None, config=config,
            )  # fmt: skip
