"""What holds for the repository as a whole: dependencies locked, no machine's traces, small parts."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PACKAGES = ("schemas", "connectors", "expectations", "lumbung", "dags", "demo")
LOCKS = ("requirements.lock", "requirements-bench.lock")


def _tracked() -> list[Path]:
    result = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in result.stdout.split("\0") if name and (ROOT / name).is_file()]


def _modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def _pins(lock: str) -> Iterator[tuple[Requirement, list[str]]]:
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    for line in text.splitlines():
        if line and not line.startswith((" ", "#")):
            requirement, *hashes = line.split(" --hash=")
            yield Requirement(requirement.strip()), [found.strip() for found in hashes]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_with_hashes(lock: str) -> None:
    pins = list(_pins(lock))
    assert len(pins) > 30
    for requirement, hashes in pins:
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert requirement.url is None
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", found) for found in hashes), requirement


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_name_no_place_to_download_from(lock: str) -> None:
    assert not re.search(r"https?:|file:|--index|--extra-index|--find-links|@ ", (ROOT / lock).read_text())


def test_both_locks_agree() -> None:
    main = {(pin.name, str(pin.marker)): pin.specifier for pin, _ in _pins(LOCKS[0])}
    for pin, _ in _pins(LOCKS[1]):
        assert main.get((pin.name, str(pin.marker)), pin.specifier) == pin.specifier


def test_every_declared_dependency_is_locked_within_its_range() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = project["project"]["dependencies"] + project["project"]["optional-dependencies"]["dev"]
    locked = {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin, _ in _pins(LOCKS[0])
    }
    for requirement in map(Requirement, declared):
        version = locked.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not in requirements.lock: run make lock"
        assert requirement.specifier.contains(version, prereleases=True), requirement


# Written in parts, so that this file does not find itself.
TRACES = re.compile(
    "|".join(["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/[a-z]", "pypi" + r"\.org", "pythonhosted" + r"\.org"])
)


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = []
    for path in _tracked():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in TRACES.finditer(text)]
    assert found == []


def test_no_module_is_a_junk_drawer() -> None:
    assert [path for path in _modules() if path.stem in {"utils", "helpers", "misc", "common"}] == []


def test_files_stay_under_400_lines() -> None:
    assert {str(p): n for p in _modules() if (n := len(p.read_text().splitlines())) >= 400} == {}


def test_functions_stay_under_40_lines() -> None:
    long = {}
    for path in _modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length >= 40:
                    long[f"{path.relative_to(ROOT)}:{node.name}"] = length
    assert long == {}


IMPORT_ALL = """
import importlib, sys

REFUSED = {"socket.connect", "socket.bind", "subprocess.Popen", "os.mkdir", "os.remove", "os.fork"}

def refuse(event, arguments):
    writes = event == "open" and "w" in str(arguments[1] or "")
    if not writes and event not in REFUSED:
        return
    frame = sys._getframe()
    while frame:
        # What a library does to itself while it loads is not ours to judge.
        if "site-packages" in frame.f_code.co_filename:
            return
        frame = frame.f_back
    raise AssertionError(f"importing did {event} {arguments[0]}")

sys.addaudithook(refuse)
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def test_importing_does_nothing() -> None:
    # The DAG files and the modules that need a running Airflow are loaded by Airflow's own tests.
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in _modules()
        if path.parts[len(ROOT.parts)] != "dags" and "airflow" not in str(path) and path.stem != "__main__"
    ]
    result = subprocess.run(
        [sys.executable, "-B", "-c", IMPORT_ALL, *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def test_the_readme_speaks_only_of_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = set(re.findall(r"make ([a-z]+)", (ROOT / "README.md").read_text()))
    assert {"run", "test"} <= named <= targets


def test_a_bare_make_says_what_there_is() -> None:
    result = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ("run", "up", "stop", "test", "check", "bench", "clean"):
        assert re.search(rf"^make {target} ", result.stdout, flags=re.MULTILINE)


def test_a_python_too_old_or_missing_is_said_plainly(tmp_path: Path) -> None:
    old = tmp_path / "python"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo "Python 3.9.2"\n[ "$1" = -V ]\n')
    old.chmod(0o755)
    for python, said in ((str(old), "Python 3.9.2"), (str(tmp_path / "none"), "not found")):
        command = ["make", "-s", "install", f"PYTHON={python}"]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert result.returncode != 0
        assert "Lumbung needs Python 3.11 or newer" in result.stderr
        assert said in result.stderr
