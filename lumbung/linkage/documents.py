"""Models as JSON or YAML: a model trained once is kept, and used for increments without training."""

from collections.abc import Callable
from dataclasses import MISSING, asdict, fields
from pathlib import Path
from typing import Any, TypeVar

import yaml

from lumbung.linkage.errors import LinkageModelError
from lumbung.linkage.model import Block, Comparison, Level, Model, Thresholds

Part = TypeVar("Part", Level, Comparison, Block, Model)


def read(path: Path) -> Model:
    """The model in a JSON or YAML file. Raises `LinkageModelError` naming file and place."""
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise LinkageModelError(f"{path}: can't be read as JSON or YAML: {type(error).__name__}") from error
    return parse(given, str(path))


def parse(document: Any, where: str = "model") -> Model:
    """The model that a document describes. Raises `LinkageModelError` naming the place."""
    made = _object(document, where)
    limits = _object(made.get("thresholds"), f"{where}: thresholds")
    _known(limits, set(Thresholds._fields), {"match", "possible"}, f"{where}: thresholds")
    made["thresholds"] = Thresholds(**{name: _number(value, where) for name, value in limits.items()})
    made["comparisons"] = _list(made.get("comparisons"), f"{where}: comparisons", _comparison)
    made["blocks"] = _list(made.get("blocks"), f"{where}: blocks", _block)
    made["columns"] = _object(made.get("columns", {}), f"{where}: columns")
    return _made(Model, made, where)


def document(model: Model) -> dict[str, Any]:
    """The model as a document: `parse(document(model)) == model`."""
    made = asdict(model)
    made["thresholds"] = model.thresholds._asdict()
    made["comparisons"] = [
        {"name": one.name, "missing": one.missing, "levels": [_short(level) for level in one.levels]}
        for one in model.comparisons
    ]
    made["blocks"] = [_short(one) for one in model.blocks]
    return made


def _comparison(given: Any, where: str) -> Comparison:
    made = _object(given, where)
    made["levels"] = _list(
        made.get("levels"), f"{where}: levels", lambda one, at: _made(Level, _object(one, at), at)
    )
    return _made(Comparison, made, where)


def _block(given: Any, where: str) -> Block:
    made = _object(given, where)
    for name in ("keys", "other"):
        made[name] = _list(made.get(name, []), f"{where}: {name}", _text)
    return _made(Block, made, where)


def _made(part: type[Part], given: dict[str, Any], where: str) -> Part:
    needed = {one.name for one in fields(part) if one.default is MISSING and one.default_factory is MISSING}
    _known(given, {one.name for one in fields(part)}, needed, where)
    for one in fields(part):
        if one.name in given and one.type in (str, float, int):
            given[one.name] = (
                _text(given[one.name], where) if one.type is str else _number(given[one.name], where)
            )
    for name in ("m", "u"):
        if given.get(name) is not None and part is Level:
            given[name] = _number(given[name], where)
    try:
        return part(**given)
    except LinkageModelError as error:
        raise LinkageModelError(f"{where}: {error}") from error


def _known(given: dict[str, Any], known: set[str], needed: set[str], where: str) -> None:
    if unknown := sorted(set(given) - known):
        raise LinkageModelError(
            f"{where}: {', '.join(unknown)} means nothing here; known are {', '.join(sorted(known))}"
        )
    if lacking := sorted(needed - set(given)):
        raise LinkageModelError(f"{where}: {', '.join(lacking)} is needed")


def _object(given: Any, where: str) -> dict[str, Any]:
    if not isinstance(given, dict) or not all(isinstance(name, str) for name in given):
        raise LinkageModelError(f"{where}: an object is expected, names to values")
    return dict(given)


def _list(given: Any, where: str, each: Callable[[Any, str], Any]) -> tuple[Any, ...]:
    if not isinstance(given, list | tuple):
        raise LinkageModelError(f"{where}: a list is expected")
    return tuple(each(one, f"{where}[{at}]") for at, one in enumerate(given))


def _text(given: Any, where: str) -> str:
    if not isinstance(given, str):
        raise LinkageModelError(f"{where}: a text is expected, not {given!r}")
    return given


def _number(given: Any, where: str) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise LinkageModelError(f"{where}: a number is expected, not {given!r}")
    return given


def _short(part: Level | Block) -> dict[str, Any]:
    found = {one.name: getattr(part, one.name) for one in fields(part)}
    defaults = {one.name: one.default for one in fields(part)}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in found.items()
        if value != defaults[name]
    }
