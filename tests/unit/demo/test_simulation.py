"""The city lives the same life for the same seed, and its manifest says exactly what is wrong with it."""

from collections import Counter
from functools import cache

import pytest

from demo.agencies import SUPPORT, agencies
from demo.layout import BROKEN, TOTAL, numbered
from demo.model import PROJECT, kelurahans, spellings
from demo.people import CARDS, RESIDENTS
from demo.planted import every_fault
from demo.simulation import Day, simulate
from schemas.catalogue import load_catalogue
from schemas.contract import Column, Contract

PEOPLE = 1200


@cache
def day(number: int, seed: int = 1) -> Day:
    return simulate(seed, PEOPLE, number)


@cache
def contracts() -> dict[str, Contract]:
    return load_catalogue(PROJECT).sources


def faults(number: int) -> set[tuple[str, str, str]]:
    return {(f["dataset"], f["key"], f["kind"]) for f in day(number).manifest["faults"]}  # type: ignore[attr-defined]


def counts(number: int) -> dict[str, dict[str, int]]:
    return day(number).manifest["counts"]  # type: ignore[return-value]


@pytest.mark.parametrize("number", [0, 2])
def test_the_same_seed_gives_the_same_rows_and_manifest(number: int) -> None:
    again = simulate(1, PEOPLE, number)
    assert again.shown == day(number).shown
    assert again.manifest == day(number).manifest


def test_another_seed_gives_other_people() -> None:
    names = {row["NAMA_LGKP"] for row in day(0).rows(RESIDENTS)}
    other = {row["NAMA_LGKP"] for row in day(0, seed=2).rows(RESIDENTS)}
    assert len(day(0).rows(RESIDENTS)) >= PEOPLE
    assert names != other


def rules_of(column: Column) -> set[str]:
    """The row rules that the contract states for the column, types apart."""
    options = column.options
    stated = {"minimum": "minimum", "maximum": "maximum", "pattern": "pattern"}
    found = {rule for option, rule in stated.items() if option in options}
    found |= {"length"} if {"minLength", "maxLength"} & options.keys() else set()
    found |= {"enum"} if column.enum else set()
    found |= {"unique"} if column.unique else set()
    found |= {"required"} if column.required and column.key_position is None else set()
    return found


def test_every_rule_of_every_contract_is_broken_on_the_first_day() -> None:
    # The hub's own code lists are no source system of the city.
    simulated = [contract for contract in contracts().values() if contract.source != "reference"]
    stated = {
        (contract.id, f"{column.name}:{rule}")
        for contract in simulated
        for column in contract.columns
        for rule in rules_of(column)
    }
    stated |= {(c.id, f"{r.columns[0]}:reference") for c in simulated for r in c.references}
    planted = {(dataset, kind) for dataset, _, kind in faults(0)}
    assert stated - planted == set()
    assert len(stated) > 90


def test_dates_and_numbers_that_cannot_be_read_are_planted_too() -> None:
    kinds = {kind for _, _, kind in faults(0)}
    assert {"birth_date:type", "sp2d_date:type", "pagu_amount:type", "physical_pct:type"} <= kinds
    assert {"pagu_amount:scale", "target_amount:scale", ":duplicate_key", ":malformed"} <= kinds
    assert "updated_at:future" in kinds


def test_nothing_is_refused_but_what_was_planted() -> None:
    shown = Counter(
        (dataset, kind) for dataset, rows in day(0).shown.items() for _, kind in rows if kind is not None
    )
    listed = Counter((dataset, kind) for dataset, _, kind in faults(0))
    for (dataset, kind), count in shown.items():
        # A duplicate is two rows and one entry.
        assert listed[dataset, kind] >= (count // 2 if kind == ":duplicate_key" else count)
    planted = Counter(
        {
            (f.dataset, f.kind): sum(
                len(g.values) for g in every_fault() if (g.dataset, g.kind) == (f.dataset, f.kind)
            )
            for f in every_fault()
            if f.first_day == 0
        }
    )
    twins = Counter({pair: n for pair, n in planted.items() if pair[1].endswith(":unique")})
    # The one refused family card that people stand on takes its three members with it.
    cascade = Counter({(RESIDENTS, "kk_number:reference"): 3})
    assert listed == planted + twins + cascade


def test_each_fault_has_a_known_kind_and_column() -> None:
    for fault in every_fault():
        contract = contracts()[fault.dataset]
        column = fault.kind.split(":")[0]
        assert column in (*contract.names, "")
        assert fault.column in (*(c.source_name for c in contract.columns), BROKEN)


def test_unreadable_keys_are_named_by_their_row() -> None:
    rows = {
        key for dataset, key, _ in faults(0) if dataset == "pendapatan.revenue" and key.startswith("row:")
    }
    assert len(rows) == 3
    shown = day(0).shown["pendapatan.revenue"]
    kinds = {number: kind for number, _, kind in numbered("pendapatan.revenue", shown)}
    for key in rows:
        kind = kinds[int(key.removeprefix("row:"))]
        assert kind in (":malformed", "account_code:required")


def test_counts_add_up() -> None:
    for dataset, said in counts(0).items():
        rows = day(0).shown[dataset]
        refused = sum(1 for row, _ in rows if TOTAL not in row) - said["after"]
        assert said["added"] == said["after"] > 0
        assert said["filtered"] == sum(TOTAL in row for row, _ in rows)
        entries = sum(1 for name, _, _ in faults(0) if name == dataset)
        duplicates = sum(1 for name, _, kind in faults(0) if name == dataset and kind == ":duplicate_key")
        assert refused == entries + duplicates


def test_the_next_day_corrects_some_faults_and_brings_others() -> None:
    assert faults(0) - faults(1)
    assert faults(1) - faults(0)
    assert faults(0) & faults(1)
    assert any(kind == ":immutable" for _, _, kind in faults(1))


def test_only_events_of_earlier_days_are_tampered_with() -> None:
    known = {str(row["id"]) for row, kind in day(0).shown["perizinan.permit_events"] if kind is None}
    tampered = {key for _, key, kind in faults(1) if kind == ":immutable"}
    assert len(tampered) == 2
    assert tampered <= known


def test_the_next_day_changes_a_little() -> None:
    residents = counts(1)[RESIDENTS]
    assert residents["added"] > 0
    assert residents["changed"] > 0
    assert 0 < residents["removed"] < PEOPLE * 0.05
    assert counts(1)["perizinan.permit_events"]["changed"] == 0
    assert counts(1)["simda.sp2d"]["removed"] == 0
    for dataset, said in counts(1).items():
        assert said["after"] == counts(0)[dataset]["after"] + said["added"] - said["removed"]


def test_a_refused_row_keeps_its_good_predecessor() -> None:
    fresh = {(d, k) for d, k, kind in faults(1) if kind == "birth_date:type"}
    fresh -= {(d, k) for d, k, _ in faults(0)}
    assert fresh, "a resident who was good yesterday is refused today"


def test_niks_follow_the_rule() -> None:
    rows = [row for row, kind in day(0).shown[RESIDENTS] if kind is None]
    for row in rows:
        nik, born = str(row["NIK"]), str(row["TGL_LHR"])
        day_of_birth = int(born[:2]) + (40 if row["JENIS_KLMIN"] == 2 else 0)
        assert nik[6:12] == f"{day_of_birth:02}{born[3:5]}{born[8:]}"
    assert len({row["NIK"] for row in rows}) == len(rows)


def test_every_household_has_one_head_who_gives_the_card_its_name() -> None:
    heads = {
        row["NO_KK"]: row["NAMA_LGKP"]
        for row in day(0).city.tables[RESIDENTS].values()
        if row["STAT_HBKEL"] == 1
    }
    peopled = {row["NO_KK"] for row in day(0).city.tables[RESIDENTS].values()}
    cards = {row["NO_KK"]: row["NAMA_KEP"] for row in day(0).city.tables[CARDS].values()}
    assert heads.keys() == peopled
    assert {kk: cards[kk] for kk in heads} == heads


def test_one_line_is_overspent_and_one_was_never_budgeted() -> None:
    lines = {
        (str(row["tahun_anggaran"]), row["kode_skpd"], row["kode_sub_giat"], row["kode_akun"]): int(
            str(row["pagu"])
        )
        for row in day(0).city.tables["sipd.budget_lines"].values()
    }
    paid: Counter[tuple[object, ...]] = Counter()
    for row in day(0).city.tables["simda.sp2d"].values():
        if row["jenis"] != "UP":
            year, activity = str(row["tgl_sp2d"])[:4], str(row["kd_sub_giat"])
            if year == "2023":
                # The treasury wrote two digits at the end.
                assert activity[-3] == "."
                activity = f"{activity[:-2]}00{activity[-2:]}"
            line = (year, row["kd_skpd"], activity, row["kd_rekening"])
            paid[line] += int(float(str(row["nilai"])))
    assert sum(1 for line, amount in paid.items() if line in lines and amount > lines[line]) == 1  # type: ignore[index]
    assert sum(1 for line in paid if line not in lines) == 1


def test_the_treasury_s_books_contradict_each_other_where_it_was_planted() -> None:
    found: set[tuple[str, str]] = set(day(0).manifest["differences"])  # type: ignore[call-overload]
    kinds = {kind for kind, _ in found}
    planted = {known for known in day(0).city.known if known[0] in kinds}
    assert planted <= found
    assert len(planted) == 23
    # What else differs follows from refused documents; paid beyond the budget is a line, not a document.
    assert kinds - {kind for kind, _ in planted} == {"line_over_budget"}


def test_a_city_that_is_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1000"):
        simulate(1, 999, 0)


def test_the_code_lists_are_whole() -> None:
    assert len(kelurahans()) == 29
    assert len({k.code[:8] for k in kelurahans()}) == 6
    assert {code for code in spellings() if code.startswith("61.71.")} == {k.code for k in kelurahans()}
    assert all("  " not in name and name == name.upper() for names in spellings().values() for name in names)


def test_organisation_codes_are_unique_and_22_long() -> None:
    codes = [agency.code for agency in agencies()]
    assert len(set(codes)) == len(codes)
    assert {len(code) for code in codes} == {22}
    assert len(SUPPORT) == len(dict(SUPPORT))
