"""A real OpenSSH server of the test's own, that offers files by SFTP and nothing else."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services import missing


@dataclass
class Sshd:
    """Where the server is and who may log in, with which keys; `stop` and `start` break the line."""

    folder: Path
    port: int
    user: str
    host_key: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def key_file(self) -> Path:
        return self.folder / "user"

    def start(self) -> None:
        program, log = str(shutil.which("sshd", path=PLACES)), str(self.folder / "log")
        command = [program, "-D", "-E", log, "-f", str(self.folder / "sshd_config")]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError((self.folder / "log").read_text())

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(10)


PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


@contextmanager
def sshd(folder: Path) -> Iterator[Sshd]:
    """A server whose files lie below `folder`; it lives as long as the context."""
    if not shutil.which("sshd", path=PLACES) or not shutil.which("ssh-keygen", path=PLACES):
        missing("no sshd to test against: install openssh-server")
    for name in ("host", "user"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True, timeout=30
        )
    (folder / "authorized").write_text((folder / "user.pub").read_text())
    if os.getuid() == 0:
        # The server insists on this folder when root runs it.
        Path("/run/sshd").mkdir(exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder / 'host'}\n"
        f"AuthorizedKeysFile {folder / 'authorized'}\nStrictModes no\nUsePAM no\nPidFile none\n"
        "PasswordAuthentication yes\nPermitRootLogin yes\n"
        "Subsystem sftp internal-sftp\nForceCommand internal-sftp\n"
    )
    key = " ".join((folder / "host.pub").read_text().split()[:2])
    server = Sshd(folder, port, pwd.getpwuid(os.getuid()).pw_name, key)
    server.start()
    try:
        yield server
    finally:
        server.stop()
