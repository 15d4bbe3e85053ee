"""Data Docs: a page per dataset and table on what the gate last found, and an index of them.

Great Expectations' own pages load styles, scripts and a tracked logo from eight hosts; these stand
alone, so that they can be opened, or put on an intranet, without a byte leaving it. They are made of
`CheckResult`s, which hold no personal value.
"""

import datetime
import fcntl
import json
import os
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from expectations.rules import Rule
from lumbung.checks import CheckResult
from schemas.contract import Contract

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1b1b1b}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;"
    "border-bottom:1px solid #ddd}pre{white-space:pre-wrap;margin:.3rem 0;font-size:.8rem;color:#555}"
    ".passed{color:#176b2c}.flagged{color:#8a5a00}.blocked{color:#a3121f}"
)
_STATES = ("blocked", "flagged", "passed")


def write_docs(
    home: Path, contract: Contract, rules: Sequence[Rule], results: Sequence[CheckResult], run: str
) -> Path:
    """Write the page of `contract`'s dataset or table below `home/data_docs`, and the index anew.

    `run` says what was judged, e.g. `load 42`; a rule without a result was not judged yet. Gives the
    page's path. Pages replace each other: what earlier runs found stands in `ops.check_result`.
    """
    folder = home / "data_docs"
    folder.mkdir(parents=True, exist_ok=True)
    summary = _summary(contract, results, run)
    page = folder / f"{contract.id}.html"
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _replace(page, _page(contract, rules, results, summary))
        _replace(folder / f"{contract.id}.json", json.dumps(summary, indent=1))
        _replace(folder / "index.html", _index(folder))
    return page


def _summary(contract: Contract, results: Sequence[CheckResult], run: str) -> dict[str, Any]:
    return {
        "subject": contract.id,
        "title": contract.title,
        "owner": contract.owner,
        "run": run,
        "checked_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "state": _state(results),
        "rules": len(results),
        "not_passed": [result.rule for result in results if result.outcome != "passed"],
    }


def _state(results: Sequence[CheckResult]) -> str:
    if any(result.blocks for result in results):
        return "blocked"
    return "flagged" if any(result.flags for result in results) else "passed"


def _page(
    contract: Contract, rules: Sequence[Rule], results: Sequence[CheckResult], summary: dict[str, Any]
) -> str:
    found = {result.rule: result for result in results}
    rows = "".join(_row(rule, found.get(rule.name)) for rule in rules)
    head = (
        f"<p>{escape(contract.description)}</p><p>Owner {escape(contract.owner)}, {escape(summary['run'])}, "
        f"checked {summary['checked_at']}: {_coloured(summary['state'])}</p>"
    )
    table = f"<table><tr><th>rule<th>severity<th>outcome<th>expected<th>found</tr>{rows}</table>"
    return _html(f"{contract.title} ({contract.id})", f"{head}{table}<p><a href='index.html'>All</a></p>")


def _row(rule: Rule, result: CheckResult | None) -> str:
    configuration = rule.expectation.configuration
    arguments = {k: v for k, v in configuration.kwargs.items() if k != "unexpected_rows_query"}
    how = configuration.kwargs.get("unexpected_rows_query") or json.dumps(arguments, default=str)
    outcome = f"<td class={_state([result])}>{result.outcome}" if result else "<td>not judged yet"
    found = escape(json.dumps(result.observed)) if result and result.observed else ""
    return (
        f"<tr><td>{escape(rule.name)}<td>{rule.severity}{outcome}"
        f"<td>{escape(rule.expected)}<details><summary>how</summary><pre>{escape(configuration.type)}\n"
        f"{escape(str(how))}</pre></details><td>{found}</tr>"
    )


def _index(folder: Path) -> str:
    found = [json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))]
    found.sort(key=lambda summary: _STATES.index(summary["state"]))
    rows = "".join(
        f"<tr><td><a href='{escape(s['subject'])}.html'>{escape(s['subject'])}</a><td>{escape(s['title'])}"
        f"<td>{_coloured(s['state'])}<td>{s['rules']}<td>{escape(', '.join(s['not_passed']))}"
        f"<td>{escape(s['run'])}<td>{s['checked_at']}</tr>"
        for s in found
    )
    head = "<tr><th>dataset or table<th>title<th>state<th>rules<th>not passed<th>run<th>checked</tr>"
    return _html("Data Docs", f"<table>{head}{rows}</table>")


def _coloured(state: str) -> str:
    return f"<span class={state}>{state}</span>"


def _html(title: str, body: str) -> str:
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title>"
        f"<style>{_STYLE}</style><h1>{escape(title)}</h1>{body}</html>\n"
    )


def _replace(file: Path, text: str) -> None:
    """Readers see the old text or the new one."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(file)
