"""A synthetic Pontianak: 200,000 residents, 50,000 records without NIK (see `synthetic`), and an increment.

The seed is none that the weights were fitted on. The clock of the whole starts before the residents are made
ready; that of the increment, 1,000 records, after. Making the city is on no clock, but its memory counts.
"""

import time
from typing import Any

import pandas as pd
import pyarrow as pa

from benchmarks.linkage.measuring import Line, Quality, peak, timed
from benchmarks.linkage.synthetic import SyntheticCity, city
from lumbung.linkage.persons import PersonLinker

SEED = 2026
INCREMENT = 1_000
LEAST_PRECISION, LEAST_RECALL = 0.995, 0.95
MOST_SECONDS, MOST_INCREMENT_SECONDS, MOST_MEGABYTES = 60.0, 5.0, 3000.0


def measure() -> list[Line]:
    """The whole, the records of it with two or more faults, and the increment."""
    made = city(SEED)
    residents, records = (
        pa.Table.from_pandas(frame, preserve_index=False) for frame in (made.residents, made.records)
    )
    began = time.process_time()
    with timed() as start:
        linker = PersonLinker(residents)
    ready = time.process_time()
    with timed() as increment:
        first = linker.link(records.slice(0, INCREMENT))
    linked = time.process_time()
    with timed() as rest:
        scored = linker.pairs(records)
        decisions = linker.decided(records["id"], scored)
    seconds = start.seconds + rest.seconds
    worked = time.process_time() - linked + ready - began
    found = judged(made, decisions)
    whole = quality(found)
    broken = _missed(whole) + _over("seconds", seconds, MOST_SECONDS) + _over("MB", peak(), MOST_MEGABYTES)
    broken += [] if decisions.slice(0, INCREMENT).equals(first) else ["the increment decided otherwise"]
    several = found[found["faults"].map(len) >= 2]
    part = found.iloc[:INCREMENT]
    late = _over("seconds", increment.seconds, MOST_INCREMENT_SECONDS)
    return [
        _line(f"city ({worked:.0f} s of CPU)", found, scored.candidates, whole, seconds, broken),
        _line("city: two or more faults", several, 0, quality(several), 0.0, []),
        _line(
            f"city: increment ({linked - ready:.1f} s of CPU)",
            part,
            0,
            quality(part),
            increment.seconds,
            late,
        ),
    ]


def judged(made: SyntheticCity, decisions: pa.Table) -> pd.DataFrame:
    """The truth with, for each record, whether it was matched and whether rightly."""
    given: Any = decisions.to_pandas().set_index("record_id").loc[made.truth["id"]].reset_index()
    matched = given["outcome"].eq("match")
    right = matched & given["resident_id"].eq(made.truth["resident_id"])
    return made.truth.assign(matched=matched, right=right, outcome=given["outcome"])


def quality(found: pd.DataFrame) -> Quality:
    """Of the matches, how many are right; of the records about residents, how many are matched rightly."""
    right = int(found["right"].sum())
    return Quality(right / max(1, found["matched"].sum()), right / max(1, found["resident_id"].ge(0).sum()))


def _missed(whole: Quality) -> list[str]:
    bounds = {
        "precision": (whole.precision, LEAST_PRECISION),
        "recall": (whole.recall, LEAST_RECALL),
    }
    return [f"{name} {value:.4f} < {least}" for name, (value, least) in bounds.items() if value < least]


def _over(what: str, value: float, most: float) -> list[str]:
    return [f"{value:.1f} {what} > {most:g}"] if value > most else []


def _line(
    name: str, found: pd.DataFrame, candidates: int, result: Quality, seconds: float, broken: list[str]
) -> Line:
    true = int(found["resident_id"].ge(0).sum())
    return Line(name, len(found), true, candidates, result, seconds, broken=broken)
