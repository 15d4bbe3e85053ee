"""Where the demo keeps its things below the hub's home, and small private files."""

import json
import os
from pathlib import Path
from typing import Any


def folder(home: Path) -> Path:
    """The demo's own folder; nobody else may look into it."""
    path = home / "demo"
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return path


def write_private(file: Path, content: dict[str, Any]) -> None:
    """Write JSON that only this user may read, in one step."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump(content, out, ensure_ascii=False, indent=1)
    draft.replace(file)


def read(file: Path) -> dict[str, Any]:
    """What `write_private` wrote, or nothing."""
    try:
        return dict(json.loads(file.read_text("utf-8")))
    except FileNotFoundError:
        return {}
