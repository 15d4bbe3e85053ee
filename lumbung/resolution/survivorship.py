"""Which source's value stands for an entity, field by field: the rules of `survivorship.yaml`.

A rule asks sources in an order and never mixes them. Where the first that speaks says several things, the
rule takes the latest or abstains; nothing is chosen silently.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from lumbung.errors import SettingsError

#: A project's own file, below its folder.
FILE = Path("warehouse") / "survivorship.yaml"
REGISTER, OTHERS = "register", "*"
AGREE, LATEST = "agree", "latest"
CHOSEN, ABSTAINED = "chosen", "abstained"


@dataclass(frozen=True)
class Rule:
    """The sources in the order in which they are asked, and what becomes of several values of one."""

    sources: tuple[str, ...]
    among: str

    def rank(self, dataset: str) -> int | None:
        """The dataset's place in the order, from 0; None when it isn't asked."""
        for name in (dataset, dataset.split(".")[0], OTHERS):
            if name in self.sources and (name != OTHERS or dataset != REGISTER):
                return self.sources.index(name)
        return None


@dataclass(frozen=True)
class Said:
    """What a dataset says: `same` is equal for values that mean the same. The repr shows none of it."""

    dataset: str
    value: str = field(repr=False)
    same: str = field(repr=False)
    since: datetime


@dataclass(frozen=True)
class Choice:
    """The value that stands and whose it is; both None where the rule abstains."""

    outcome: str
    value: str | None = field(default=None, repr=False)
    dataset: str | None = None


Rules = Mapping[str, Mapping[str, Rule]]


def choose(rule: Rule, said: Iterable[Said]) -> Choice | None:
    """What stands by the rule; None where no source that is asked says anything."""
    ranked = [(rank, one) for one in said if (rank := rule.rank(one.dataset)) is not None]
    if not ranked:
        return None
    first = min(rank for rank, _ in ranked)
    asked = sorted((one for rank, one in ranked if rank == first), key=lambda one: (one.since, one.value))
    latest = [one for one in asked if one.since == asked[-1].since]
    heard = latest if rule.among == LATEST else asked
    if len({one.same for one in heard}) > 1:
        return Choice(ABSTAINED)
    return Choice(CHOSEN, heard[-1].value, heard[-1].dataset)


def rules_of(project: Path) -> Rules:
    """The rules by kind of entity and field; raises `SettingsError` naming the file and the value."""
    said = {kind: dict(fields) for kind, fields in _packaged().items()}
    file = project / FILE
    for kind, fields in _document(file).items():
        if kind not in said or not isinstance(fields, dict):
            raise SettingsError(f"{file}: {kind!r}: expected {' or '.join(said)}, each with fields")
        for name, rule in fields.items():
            if name not in said[kind]:
                raise SettingsError(f"{file}: {kind}.{name} is unknown; expected {', '.join(said[kind])}")
            said[kind][name] = rule
    return {
        kind: {name: _rule(file, f"{kind}.{name}", rule) for name, rule in fields.items()}
        for kind, fields in said.items()
    }


def plain_rules(project: Path) -> dict[str, dict[str, list[object]]]:
    """As `rules_of`, to be compared with those of another day."""
    rules = rules_of(project)
    return {
        kind: {name: [*rule.sources, rule.among] for name, rule in fields.items()}
        for kind, fields in rules.items()
    }


@functools.cache
def _packaged() -> dict[str, dict[str, Any]]:
    text = resources.files("lumbung.resolution").joinpath("survivorship.yaml").read_text("utf-8")
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
        raise SettingsError(f"{file}: expected the sections {' and '.join(_packaged())}")
    return said or {}


def _rule(file: Path, where: str, said: Any) -> Rule:
    expected = f"{file}: {where}: expected sources (a list of names) and among ({AGREE} or {LATEST})"
    if (
        not isinstance(said, dict)
        or set(said) != {"sources", "among"}
        or said["among"] not in (AGREE, LATEST)
    ):
        raise SettingsError(expected)
    sources: Sequence[Any] = said["sources"] if isinstance(said["sources"], list) else ()
    if not sources or not all(isinstance(name, str) and name for name in sources):
        raise SettingsError(expected)
    return Rule(tuple(sources), said["among"])
