"""Who runs the embedded server: the caller, or for root an unprivileged system user."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lumbung.errors import EmbeddedError

_NAME = "lumbung"


@dataclass(frozen=True)
class Account:
    """A user to run commands as; without `uid` and `gid` it is whoever runs this process."""

    uid: int | None = None
    gid: int | None = None

    def run(self, *command: str | Path, seconds: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a command as this user, its output captured, with none of the caller's PG* variables."""
        try:
            return subprocess.run(
                [str(part) for part in command],
                user=self.uid,
                group=self.gid,
                extra_groups=None if self.uid is None else [],
                cwd="/",
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
                check=False,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise EmbeddedError(f"PostgreSQL: could not run {Path(command[0]).name}: {error}") from error

    def enters(self, folder: Path) -> bool:
        """Whether this user may pass through the folder and everything above it."""
        return self.uid is None or self.run("/bin/sh", "-c", 'cd -- "$1"', "sh", folder).returncode == 0

    def executes(self, program: Path) -> bool:
        """Whether this user may run the program."""
        return self.uid is None or self.run("/bin/sh", "-c", '[ -x "$1" ]', "sh", program).returncode == 0

    def own(self, path: Path) -> None:
        """Make this user the path's owner."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def make_passable(folder: Path) -> None:
    """Make the folder and what lacks above it, such that every user may pass, whatever the umask is."""
    if not folder.is_dir():
        make_passable(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(folder.stat().st_mode | 0o111)


def account_for(data: Path) -> Account:
    """The account for a data folder: its owner's if it exists already, else a fresh choice.

    Raises EmbeddedError when root has no unprivileged user and can't make one.
    """
    if os.geteuid() != 0:
        return Account()
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    user = _system_user()
    return Account(user.pw_uid, user.pw_gid)


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(_NAME)
    except KeyError:
        return _create_system_user()


def _create_system_user() -> pwd.struct_passwd:
    made = "useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin"
    try:
        result = subprocess.run([*made.split(), _NAME], capture_output=True, text=True, check=False)
        # Another starter may have been quicker: what counts is that the user is there now.
        return pwd.getpwnam(_NAME)
    except OSError as error:
        reason = str(error)
    except KeyError:
        reason = result.stderr.strip()
    raise EmbeddedError(
        f"PostgreSQL does not run as root, and the system user {_NAME} could not be made ({reason}): "
        "make it, run as a plain user, or set LUMBUNG_WAREHOUSE_URL"
    )
