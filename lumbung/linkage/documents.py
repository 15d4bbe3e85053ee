"""Models as JSON or YAML: a model trained once is kept, and used for increments without training."""

from pathlib import Path
from typing import Any

from lumbung.linkage.model import Model


def read(path: Path) -> Model:
    """The model in a JSON or YAML file. Raises `LinkageModelError` naming file and place."""
    raise NotImplementedError


def parse(document: dict[str, Any], where: str = "model") -> Model:
    """The model that a document describes. Raises `LinkageModelError` naming the place."""
    raise NotImplementedError


def document(model: Model) -> dict[str, Any]:
    """The model as a document: `parse(document(model)) == model`."""
    raise NotImplementedError
