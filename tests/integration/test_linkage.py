"""Linking records: scores with their reasons, the same every time; decisions that abstain.

The people are made up: names from a short list, every third of them once more with a fault.
"""

import json
import logging
import random
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from benchmarks.linkage import febrl
from benchmarks.linkage.measuring import quality
from lumbung.linkage import clusters, documents
from lumbung.linkage.assignment import best
from lumbung.linkage.engine import Resources, Scored, dedupe, link
from lumbung.linkage.errors import LinkageFailed, LinkageModelError, RecordsRefused
from lumbung.linkage.levels import compare, missing, otherwise, same, similar, typo
from lumbung.linkage.model import Block, Comparison, Level, Model, Thresholds
from lumbung.linkage.training import Training, train
from tests.services import corpus

NAMES = ("BUDI", "SITI", "AGUS", "DEWI", "RINA", "JOKO", "YANTI", "HASAN", "LINDA", "ANDI", "MARIA", "TONO")
FAMILIES = ("SANTOSO", "WIJAYA", "LESTARI", "KURNIAWAN", "HALIM", "SAPUTRA", "PERMANA", "UTAMI", "GUNAWAN")

MODEL = Model(
    name="people",
    key="id",
    comparisons=(
        Comparison(
            "name",
            (
                same("name", frequency=True).stated(0.7, 0.01),
                similar("name", 0.9).stated(0.2, 0.02),
                otherwise().stated(0.1, 0.97),
            ),
            missing("name"),
        ),
        Comparison(
            "born",
            (
                same("born").stated(0.85, 0.0001),
                typo("born").stated(0.1, 0.002),
                otherwise().stated(0.05, 0.9979),
            ),
            missing("born"),
        ),
        Comparison(
            "street", (same("street").stated(0.8, 0.02), otherwise().stated(0.2, 0.98)), missing("street")
        ),
    ),
    blocks=(
        Block("name", ("name",)),
        Block("born", ("born",)),
        Block("part and year", ("year",), each="parts"),
    ),
    thresholds=Thresholds(match=6, possible=0, margin=3),
    prior=0.003,
    columns={"year": "substr(born, 1, 4)", "parts": "string_split(name, ' ')"},
)


def _people(count: int) -> list[dict[str, Any]]:
    chance = random.Random(4)
    return [
        {
            "id": f"P{number:04}",
            "name": f"{chance.choice(NAMES)} {chance.choice(FAMILIES)}",
            "born": f"{chance.randint(1950, 2010)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            "street": f"JALAN {chance.randint(1, 60)}",
        }
        for number in range(count)
    ]


def _again(person: dict[str, Any], number: int) -> dict[str, Any]:
    """The person once more: the name or the birth date mistyped, the street as it is or missing."""
    name, born = person["name"], person["born"]
    if number % 2:
        name = f" {name[:-2]}{name[-1]} "
    else:
        born = born[:-1] + str((int(born[-1]) + 1) % 10)
    return {
        "id": f"R{number:04}",
        "name": name,
        "born": born,
        "street": "" if number % 5 else person["street"],
    }


@pytest.fixture(scope="module")
def register() -> pa.Table:
    return pa.Table.from_pylist(_people(600))


@pytest.fixture(scope="module")
def arrivals() -> pa.Table:
    return pa.Table.from_pylist([_again(one, number) for number, one in enumerate(_people(600)[::3])])


@pytest.fixture(scope="module")
def linked(register: pa.Table, arrivals: pa.Table) -> Scored:
    return link(MODEL, arrivals, register)


def _rows(*people: tuple[str, str | None, str | None, str | None]) -> pa.Table:
    return pa.Table.from_pylist(
        [dict(zip(("id", "name", "born", "street"), one, strict=True)) for one in people],
        schema=pa.schema([(name, pa.string()) for name in ("id", "name", "born", "street")]),
    )


def test_each_record_finds_itself_in_the_register(linked: Scored) -> None:
    rows = best(MODEL, linked).to_pylist()
    assert len(rows) == len({row["left"] for row in rows}) == 200
    own = {f"R{number:04}": f"P{3 * number:04}" for number in range(200)}
    assert sum(row["right"] == own[row["left"]] for row in rows) >= 198
    matched = [row for row in rows if row["outcome"] == "match"]
    assert len(matched) > 100
    assert all(row["right"] == own[row["left"]] and row["weight"] >= 6 for row in matched)


def test_evidence_names_what_was_reached_and_adds_up(linked: Scored) -> None:
    rows = linked.pairs.to_pylist()
    assert linked.candidates > len(rows) > 200
    for row in rows:
        assert [one["comparison"] for one in row["evidence"]] == ["name", "born", "street"]
        total = MODEL.prior_weight + sum(one["weight"] for one in row["evidence"])
        assert row["weight"] == pytest.approx(total, abs=1e-9)
        assert row["probability"] == pytest.approx(1 / (1 + 2 ** -row["weight"]))
        assert row["outcome"] == ("match" if row["weight"] >= 6 else "possible")
    odd = next(row for row in rows if (row["left"], row["right"]) == ("R0001", "P0003"))
    assert [(one["level"], one["weight"] == 0) for one in odd["evidence"]] == [
        ("similar", False),
        ("same", False),
        ("missing", True),
    ]


def test_rare_values_count_more_and_by_the_reference_alone() -> None:
    reference = _rows(
        ("1", "BUDI", "1990-01-01", None), ("2", "BUDI", None, None), ("3", "XAVERIUS", "1990-01-02", None)
    )
    records = _rows(("a", "BUDI", None, None), ("b", "XAVERIUS", None, None), ("c", "XAVERIUS", None, None))
    low = MODEL.with_thresholds(-2, -20)
    pairs = {(row["left"], row["right"]): row for row in link(low, records, reference).pairs.to_pylist()}
    name = {pair: row["evidence"][0]["weight"] for pair, row in pairs.items()}
    assert name["b", "3"] - name["a", "1"] == pytest.approx(1)  # twice as rare is one bit more
    assert name["b", "3"] == pytest.approx(1.0704, abs=1e-4)  # log2(0.7 / (1 / 3))


def test_the_same_records_give_the_same_pairs(register: pa.Table, arrivals: pa.Table, linked: Scored) -> None:
    backwards = register.take(list(range(register.num_rows))[::-1])
    again = link(MODEL, arrivals, backwards, resources=Resources(threads=1))
    assert again == linked
    assert link(MODEL, arrivals.to_pandas(), register.to_reader()) == linked


def test_an_increment_gives_what_the_whole_gave(
    register: pa.Table, arrivals: pa.Table, linked: Scored
) -> None:
    some = arrivals.slice(40, 30)
    ids = set(some.column("id").to_pylist())
    whole = [row for row in linked.pairs.to_pylist() if row["left"] in ids]
    assert len(whole) >= 30
    assert link(MODEL, some, register).pairs.to_pylist() == whole


def test_new_records_of_one_table_find_the_pairs_that_they_are_in(
    register: pa.Table, arrivals: pa.Table
) -> None:
    both = pa.concat_tables([register, arrivals])
    new = arrivals.column("id").to_pylist()[:25]
    whole = [
        row for row in dedupe(MODEL, both).pairs.to_pylist() if row["left"] in new or row["right"] in new
    ]
    assert len(whole) >= 25
    assert dedupe(MODEL, both, new=new).pairs.to_pylist() == whole
    assert dedupe(MODEL, both, new=[]).pairs.num_rows == 0
    with pytest.raises(RecordsRefused, match="1 of the new keys"):
        dedupe(MODEL, both, new=["nobody"])


def test_swapped_keys_are_found_from_either_side() -> None:
    swapped = replace(MODEL, blocks=(Block("swapped", ("name", "born"), ("name", "other")),)).with_thresholds(
        -10, -20
    )
    rows = [{"id": 1, "name": "ANI", "born": "1990-01-01", "other": None, "street": None}]
    rows.append({"id": 2, "name": "ANI", "born": None, "other": "1990-01-01", "street": None})
    for given in (rows, [rows[0] | {"id": 2}, rows[1] | {"id": 1}]):
        assert dedupe(swapped, pa.Table.from_pylist(given)).candidates == 1


def test_keys_that_many_share_are_left_out_and_counted(register: pa.Table) -> None:
    narrow = replace(MODEL, blocks=(Block("year", ("year",), at_most=9),))
    scored = dedupe(narrow, register)
    sizes = Counter(row["born"][:4] for row in _people(600)).values()
    common = [size for size in sizes if size > 9]
    assert [(one.block, one.keys, one.records) for one in scored.skipped] == [
        ("year", len(common), sum(common))
    ]
    assert scored.candidates == sum(size * (size - 1) // 2 for size in sizes if size <= 9) > 0


def test_two_that_are_as_good_are_left_to_people() -> None:
    twins = _rows(
        ("1", "BUDI HALIM", "1990-01-01", "A"),
        ("2", "BUDI HALIM", "1990-01-01", "A"),
        ("3", "SITI UTAMI", "1991-02-02", "B"),
    )
    records = _rows(("a", "BUDI HALIM", "1990-01-01", "A"), ("b", "SITI UTAMI", "1991-02-02", "B"))
    rows = best(MODEL, link(MODEL, records, twins)).to_pylist()
    assert [(row["left"], row["right"], row["outcome"]) for row in rows] == [
        ("a", "1", "possible"),
        ("b", "3", "match"),
    ]
    assert rows[0]["second"] == rows[0]["weight"]
    assert rows[1]["second"] is None


def test_one_to_one_leaves_a_reference_record_to_its_best() -> None:
    reference = _rows(("1", "BUDI HALIM", "1990-01-01", "A"), ("2", "SITI UTAMI", "1991-02-02", "B"))
    records = _rows(
        ("a", "BUDI HALIM", "1990-01-01", "A"),
        ("b", "BUDI HALIM", "1990-01-02", None),
        ("c", "SITI UTAMI", "1991-02-02", "B"),
        ("d", "SITI UTAMI", "1991-02-02", "B"),
    )
    near = replace(MODEL, thresholds=Thresholds(-4, -8, 3))
    scored = link(near, records, reference)
    plain = {row["left"]: row["outcome"] for row in best(near, scored).to_pylist()}
    single = {row["left"]: row["outcome"] for row in best(near, scored, one_to_one=True).to_pylist()}
    assert plain == dict.fromkeys("abcd", "match")
    assert single == {"a": "match", "b": "possible", "c": "possible", "d": "possible"}


def test_groups_join_from_the_heaviest_pair_and_never_against_a_constraint() -> None:
    pairs = [("b", "c", 5.0), ("a", "b", 9.0), ("d", "e", 7.0), ("c", "d", 6.0)]
    assert clusters.connected([("a", "b", 5.0), ("b", "c", 9.0)], allowed=lambda group: len(group) < 3) == [
        ["b", "c"]
    ]
    assert clusters.connected(pairs) == [["a", "b", "c", "d", "e"]]
    assert clusters.connected(pairs, allowed=lambda group: not {"b", "c"} <= set(group)) == [
        ["a", "b"],
        ["c", "d", "e"],
    ]


@pytest.fixture(scope="module")
def untrained() -> Model:
    names = compare("name", same("name"), similar("name", 0.9))
    return replace(
        MODEL,
        comparisons=(names, compare("born", same("born"), typo("born")), compare("street", same("street"))),
    )


def test_training_finds_parameters_that_link_and_can_be_kept(
    untrained: Model, register: pa.Table, arrivals: pa.Table, tmp_path: Path
) -> None:
    both = pa.concat_tables([register, arrivals])
    how = Training(blocks=(("name",), ("born",)), certain=(("name", "year"),), recall=0.5)
    model = train(untrained, both, how)
    assert train(untrained, both, how) == model
    assert 0.0003 < model.prior < 0.003  # 200 pairs of 319,600
    for one in model.comparisons:
        assert one.levels[0].weight > 3
        assert one.levels[-1].weight < -1
    file = tmp_path / "people.json"
    file.write_text(json.dumps(documents.document(model)))
    kept = documents.read(file)
    assert kept == model
    found = {tuple(pair[:2]) for pair in clusters.matches(dedupe(kept, both))}
    true = {(f"P{3 * number:04}", f"R{number:04}") for number in range(200)}
    assert quality(found, true).f1 > 0.95


def test_a_model_without_parameters_scores_nothing(untrained: Model, register: pa.Table) -> None:
    with pytest.raises(LinkageModelError, match=r"name: same, .* lack m or u"):
        dedupe(untrained, register)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"nik": "1"}], "no column id"),
        ([{"id": "1"}, {"id": "1"}], "1 records have an empty id or one that another has"),
        ([{"id": None}, {"id": "1"}], "1 records have an empty id"),
    ],
)
def test_records_without_a_key_of_their_own_are_refused(rows: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(RecordsRefused, match=said):
        dedupe(MODEL, pa.Table.from_pylist(rows))


def test_certain_rules_that_hold_for_no_pair_are_refused(untrained: Model, register: pa.Table) -> None:
    with pytest.raises(LinkageModelError, match="certain rules hold for no pair"):
        train(untrained, register, Training(blocks=(("name",),), certain=(("name", "born"),)))


def test_sql_that_is_none_is_told(register: pa.Table) -> None:
    names = Comparison("name", (Level("same", "name_l = (", 0.5, 0.1), otherwise().stated(0.5, 0.9)), "false")
    with pytest.raises(LinkageModelError, match=r"people: Error parsing .* name_l = \("):
        dedupe(replace(MODEL, comparisons=(names,)), register)


def test_a_column_that_the_records_lack_is_named(register: pa.Table) -> None:
    with pytest.raises(LinkageModelError, match=r'people: .*"born".*not found'):
        dedupe(MODEL, register.drop_columns(["born"]))


def test_errors_tell_no_values(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    rows = _rows(("1", "SITI RAHASIA", "1990-01-01", "A"), ("2", "SITI RAHASIA", "1990-01-01", "A"))
    early = replace(MODEL, columns={**MODEL.columns, "number": "CAST(name AS INTEGER)"})
    late = replace(
        MODEL,
        comparisons=(
            Comparison(
                "name", (Level("same", "name_l::INT = 1", 0.5, 0.1), otherwise().stated(0.5, 0.9)), "false"
            ),
        ),
    )
    caplog.set_level(logging.DEBUG)
    for model in (early, late):
        with pytest.raises(LinkageFailed, match="ended with ConversionException") as failed:
            dedupe(model, rows)
        error: BaseException | None = failed.value
        assert error is not None
        assert error.__context__ is None
        assert "RAHASIA" not in "".join(traceback.format_exception(error))
    assert "RAHASIA" not in caplog.text
    assert "RAHASIA" not in "".join(capfd.readouterr())


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield tmp_path


def test_a_run_says_nothing_and_leaves_nothing(
    empty: Path, register: pa.Table, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    before = logging.getLogger("splink").handlers[:]
    dedupe(MODEL, register)
    assert list(empty.iterdir()) == []
    assert "".join(capfd.readouterr()) == ""
    assert caplog.records == []
    assert logging.getLogger("splink").handlers == before


def test_too_little_memory_is_told_and_leaves_nothing(empty: Path) -> None:
    wide = replace(MODEL, blocks=(Block("name", ("name",), at_most=1000),))
    with pytest.raises(LinkageFailed, match="OutOfMemoryException; give it more memory"):
        dedupe(wide, pa.Table.from_pylist(_people(8000)), resources=Resources(memory="8MB"))
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"prior": 1}, "prior"),
        ({"weight": 1}, "weight means nothing here"),
        ({"thresholds": {"match": 2, "possible": 1}}, "by the margin"),
        ({"comparisons": [{"name": "name", "missing": "false", "levels": [{"label": "a"}]}]}, "two levels"),
        ({"comparisons": [{"name": "name", "levels": []}]}, r"comparisons\[0\]"),
        ({"blocks": [{"name": "all"}]}, "keys or each"),
        ({"blocks": [{"name": "all", "keys": "name"}]}, "a list is expected"),
        ({"columns": {"Year of birth": "1"}}, "snake_case"),
    ],
)
def test_models_that_can_not_be_used_are_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(LinkageModelError, match=said):
        documents.parse(documents.document(MODEL) | change)


@pytest.mark.corpus
def test_febrl_without_labels() -> None:
    corpus()
    table = febrl.records(1)
    model = train(documents.read(febrl.MODEL), table, replace(febrl.TRAINING, sample_pairs=100_000))
    scored = dedupe(model.with_thresholds(3, 0), table)
    assert quality(febrl.found(scored, 3), febrl.truth(table)).f1 >= 0.99
