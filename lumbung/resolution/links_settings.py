"""How sure the hub has to be before it links a record to a person: `linking.yaml`, and the project's own."""

import functools
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from lumbung.errors import SettingsError

#: A project's own file, below its folder.
FILE = Path("warehouse") / "linking.yaml"


@dataclass(frozen=True)
class Thresholds:
    """Likeness of names 0..100 under one NIK; weights of the linkage model in bits; see `linking.yaml`."""

    name_agrees: float
    name_close: float
    match: float
    possible: float
    margin: float
    candidates: int


def thresholds_of(project: Path) -> Thresholds:
    """The project's thresholds. Raises `SettingsError` naming the file and the value that can't be used."""
    said = {section: dict(values) for section, values in _packaged().items()}
    file = project / FILE
    for section, values in _document(file).items():
        if section not in said or not isinstance(values, dict):
            raise SettingsError(
                f"{file}: {section!r} is unknown; expected {', '.join(said)}, each with values"
            )
        for name, value in values.items():
            said[section][name] = _number(file, f"{section}.{name}", value, said[section])
    found = Thresholds(**said["nik"], **said["probabilistic"])
    _refuse_disorder(file, found)
    return found


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


def _refuse_disorder(file: Path, found: Thresholds) -> None:
    if not 0 <= found.name_close <= found.name_agrees <= 100:
        raise SettingsError(f"{file}: nik: expected 0 <= name_close <= name_agrees <= 100")
    if found.possible > found.match:
        raise SettingsError(f"{file}: probabilistic: expected possible <= match")
    if found.margin < 0 or found.candidates < 1:
        raise SettingsError(f"{file}: probabilistic: expected margin of 0 or more, candidates of 1 or more")
