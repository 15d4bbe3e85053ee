"""The secrets of the live Airflow: made once, kept in the hub's home, readable by its owner alone."""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

USER = "admin"


@dataclass(frozen=True)
class Keys:
    """`fernet` encrypts connections in Airflow's database, `signing` signs tokens, `password` is the UI's."""

    fernet: str = field(repr=False)
    signing: str = field(repr=False)
    password: str = field(repr=False)


def kept_keys(folder: Path) -> Keys:
    """The keys in `folder/keys.json`, made there the first time; also writes Airflow's password file."""
    file = folder / "keys.json"
    if not file.exists():
        fresh = Keys(
            fernet=base64.urlsafe_b64encode(os.urandom(32)).decode(),
            signing=secrets.token_urlsafe(48),
            password=secrets.token_urlsafe(12),
        )
        write_private(file, json.dumps(asdict(fresh)))
    keys = Keys(**json.loads(file.read_text()))
    write_private(passwords_file(folder), json.dumps({USER: keys.password}) + "\n")
    return keys


def passwords_file(folder: Path) -> Path:
    """Where Airflow's SimpleAuthManager reads passwords."""
    return folder / "passwords.json"


def write_private(file: Path, text: str) -> None:
    """Write so that readers find the old content or the new, and nobody else finds either (0600)."""
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    fresh.replace(file)
