"""A delivery that is not what its manifest says."""

import json
import os
import zipfile
from pathlib import Path

import pytest

from connectors.errors import SourceMalformed
from schemas.contract import Manifest, Read, Server, Sync
from tests.integration.connectors.sshd import sshd
from tests.loads_project import column, counts
from tests.piped import Piped
from tests.sourced import dataset

FAULT = 9


def deliver(folder: Path, name: str, rows: str, announced: int) -> None:
    """A zip archive with one CSV file, and a manifest that announces so many rows of it."""
    with zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.csv", f"id,name\n{rows}")
    manifest = folder / f"manifest-{name}.csv"
    manifest.write_text(f"file,rows\n{name}.zip,{announced}\n")
    # Servers tell times in whole seconds.
    moment = 1_700_000_000 + len(list(folder.iterdir()))
    os.utime(manifest, (moment, moment))


def test_a_truncated_delivery(warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive on an SFTP server has fewer rows than its manifest says: refused until it is whole."""
    drop = tmp_path / "drop"
    drop.mkdir()
    contract = dataset(
        "csv", column("id", "integer", key=1), column("name"), sync=Sync("append"),
        read=Read(files="*.zip", pick="new", manifest=Manifest("manifest-*.csv", rows="rows")),
        name="sftp.data",
    )  # fmt: skip
    assert contract.server == Server("test", "csv", {})
    with sshd(tmp_path) as server:
        address = {
            "conn_type": "sftp", "host": "127.0.0.1", "port": server.port, "login": server.user,
            "schema": str(drop), "extra": {"host_key": server.host_key, "key_file": str(server.key_file)},
        }  # fmt: skip
        monkeypatch.setenv("AIRFLOW_CONN_TEST", json.dumps(address))
        source = Piped(warehouse_url, tmp_path, contract)
        deliver(drop, "may", "1,a\n2,b\n", 2)
        assert counts(source.sync()) == {"added": 2}
        deliver(drop, "june", "3,c\n", 2)
        with pytest.raises(
            SourceMalformed, match=r"announces 2 rows of june\.zip, 1 are there: possibly trunc"
        ):
            source.sync()
        assert source.current() == [(1, "a"), (2, "b")]
        deliver(drop, "june", "3,c\n4,d\n", 2)
        assert counts(source.sync()) == {"added": 2}
        assert source.sync().read_count == 0
    assert source.current() == [(1, "a"), (2, "b"), (3, "c"), (4, "d")]
