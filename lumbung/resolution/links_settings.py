"""How sure the hub has to be before it links a record to a person: `linking.yaml`, and the project's own."""

import functools
import hashlib
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from lumbung.errors import SettingsError

#: Raise it when the same records come to other links under the same thresholds.
RULES_VERSION = 1
#: A project's own file, below its folder.
FILE = Path("warehouse") / "linking.yaml"


@dataclass(frozen=True)
class LinkSettings:
    """Likeness of names 0..100 under one NIK; weights in bits, None for the model's own.

    See `linking.yaml`.
    """

    name_agrees: float
    name_close: float
    match: float | None
    possible: float | None
    margin: float | None
    candidates: int


def link_settings(project: Path) -> LinkSettings:
    """The project's settings. Raises `SettingsError` naming the file and the value that can't be used."""
    said = {section: dict(values) for section, values in _packaged().items()}
    file = project / FILE
    for section, values in _document(file).items():
        if section not in said or not isinstance(values, dict):
            raise SettingsError(
                f"{file}: {section!r} is unknown; expected {', '.join(said)}, each with values"
            )
        for name, value in values.items():
            said[section][name] = _number(file, f"{section}.{name}", value, said[section])
    found = LinkSettings(**said["nik"], **said["probabilistic"])
    _refuse_disorder(file, found)
    return found


def link_rules(project: Path) -> dict[str, Any]:
    """All that decides which records are linked to whom, besides the records. Raises as `link_settings`."""
    weights = resources.files("lumbung.linkage").joinpath("persons.yaml").read_bytes()
    return {
        "version": RULES_VERSION,
        "thresholds": asdict(link_settings(project)),
        "weights": hashlib.sha256(weights).hexdigest(),
    }


@functools.cache
def _packaged() -> dict[str, dict[str, Any]]:
    text = resources.files("lumbung.resolution").joinpath("linking.yaml").read_text("utf-8")
    packaged: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return packaged


def _document(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    try:
        said = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise SettingsError(f"{file}: can't be read: {' '.join(str(error).split())}") from None
    if said is not None and not isinstance(said, dict):
        raise SettingsError(f"{file}: expected the sections nik and probabilistic")
    return said or {}


def _number(file: Path, where: str, value: Any, known: dict[str, Any]) -> Any:
    name = where.split(".")[1]
    if name not in known:
        raise SettingsError(f"{file}: {where} is unknown; expected {', '.join(known)}")
    kind = int if name == "candidates" else (int, float)
    if isinstance(value, bool) or not isinstance(value, kind) or value != value:
        raise SettingsError(f"{file}: {where}: expected a {'whole ' if kind is int else ''}number")
    return value


def _refuse_disorder(file: Path, found: LinkSettings) -> None:
    if not 0 <= found.name_close <= found.name_agrees <= 100:
        raise SettingsError(f"{file}: nik: expected 0 <= name_close <= name_agrees <= 100")
    if found.candidates < 1:
        raise SettingsError(f"{file}: probabilistic.candidates: expected 1 or more")
