"""What doesn't fit between the treasury's books, on purpose: a list that a correct hub has to find.

Every row is good by itself; only side by side do they contradict each other. Each is noted in
`City.known`: kind, and what it is about (an SP2D, a line of a report, a document).
"""

from random import Random

from demo.cash_plan import CASH_PLAN
from demo.faults import Pool
from demo.model import YEAR, City, Key, Row, Value
from demo.realisation import ACCOUNTING_LRA, TREASURY_LRA, restated
from demo.receipts import RECEIPTS
from demo.treasury import SP2D, SPM, SPP

#: Kinds of broken chains, one per SP2D each.
_CHAIN = (
    *("spm_over_spp",) * 3, *("sp2d_over_spm",) * 2, *("spm_missing",) * 2, "spp_missing", "spd_missing",
    "dates_out_of_order",
)  # fmt: skip
#: Which of the two reports is wrong, by how much (rupiah); None: the line is left out.
_REPORTS = (
    ((TREASURY_LRA,), 1_250_000),
    ((TREASURY_LRA,), 75_000),
    ((TREASURY_LRA,), None),
    ((ACCOUNTING_LRA,), 8_300_000),
    ((ACCOUNTING_LRA,), 1),
    ((ACCOUNTING_LRA,), None),
    ((TREASURY_LRA, ACCOUNTING_LRA), 4_000_000),
)
#: By how much the cash plans of some sub-activities miss the budget (rupiah).
_PLANS = (5_000_000, 1_000, 12_500_000)


def plant(city: City) -> None:
    """Make the systems contradict each other."""
    rng = city.rng("disagreements")
    orders = sorted(key for key, row in city.tables[SP2D].items() if row["jenis"] != "UP")
    for kind, key in zip(_CHAIN, rng.sample(orders, len(_CHAIN)), strict=True):
        _break_chain(city, kind, str(key[0]))
        city.known.append((kind, str(key[0])))
    _plant_reports(city, rng)
    _plant_plans(city, rng)
    _plant_receipts(city, rng)


def agreed(dataset: str) -> Pool:
    """The year's rows of a dataset that no known disagreement is about: faults may sit on them."""

    def pool(city: City) -> list[Key]:
        told = {about for _, about in city.known}
        year = str(YEAR)
        keys = (key for key in city.tables[dataset] if year in (str(key[0]), str(key[0])[-4:]))
        return [key for key in keys if not told & _abouts(key)]

    return pool


def _abouts(key: Key) -> set[str]:
    """What a disagreement about the row would be called."""
    number = str(key[0])
    return {number, f"{number[4:9]}/SP2D{number[9:]}", "|".join(map(str, key)), "|".join(map(str, key[:-1]))}


def _break_chain(city: City, kind: str, number: str) -> None:
    serial = f"{number[:5]}{number[10:]}"
    spm, spp = city.tables[SPM], city.tables[SPP]
    order, request = (f"SPM-{serial}",), (f"SPP-{serial}",)
    less = f"{int(float(str(city.tables[SP2D][(number,)]['nilai']))) * 9 // 10}.00"
    if kind == "spm_over_spp":
        spp[request] = spp[request] | {"nilai": less}
    elif kind == "sp2d_over_spm":
        spm[order] = spm[order] | {"nilai": less}
    elif kind == "spm_missing":
        del spm[order]
    elif kind == "spp_missing":
        del spp[request]
    elif kind == "spd_missing":
        spp[request] = spp[request] | {"no_spd": f"SPD-99999/{serial[-4:]}"}
    else:
        # The order is dated a day before the request.
        asked = str(spp[request]["tgl_spp"])
        spm[order], spp[request] = (
            spm[order] | {"tgl_spm": asked},
            spp[request] | {"tgl_spp": spm[order]["tgl_spm"]},
        )


def _plant_reports(city: City, rng: Random) -> None:
    column = {TREASURY_LRA: "realisasi", ACCOUNTING_LRA: "Realisasi s.d. Bulan Ini (Rp)"}
    lines = sorted(key for key, row in city.tables[TREASURY_LRA].items() if row["realisasi"] != "0.00")
    for (reports, wrong), key in zip(_REPORTS, rng.sample(lines, len(_REPORTS)), strict=True):
        year, month, skpd, account = int(str(key[0])), key[1], str(key[2]), str(key[3])
        other = restated(year, (skpd, account))
        city.known.append(("realisation_differs", f"{year}|{month}|{skpd}|{other[1]}"))
        for report in reports:
            table = city.tables[report]
            place = key if report == TREASURY_LRA else (year, month, *other)
            if wrong is None:
                del table[place]
            else:
                table[place] = table[place] | {column[report]: _more(table[place][column[report]], wrong)}


def _more(value: Value, by: int) -> Value:
    return value + by if isinstance(value, int) else f"{int(float(str(value))) + by}.00"


def _plant_plans(city: City, rng: Random) -> None:
    table = city.tables[CASH_PLAN]
    last = sorted(key for key in table if key[3] == 12)
    for by, key in zip(_PLANS, rng.sample(last, len(_PLANS)), strict=True):
        table[key] = table[key] | {"planned_amount": _more(table[key]["planned_amount"], by)}
        city.known.append(("cash_plan_differs", "|".join(map(str, key[:3]))))


def _plant_receipts(city: City, rng: Random) -> None:
    """One deposit differs from its receipts, one receipt was deposited late, one names no known deposit."""
    table = city.tables[RECEIPTS]
    receipts = sorted(
        key for key, row in table.items() if row["jenis"] == "TBP" and str(row["tgl_bukti"])[5:7] > "01"
    )
    differs, late, lost = rng.sample(receipts, 3)
    table[differs] = table[differs] | {"nilai": _more(table[differs]["nilai"], 50_000)}
    city.known.append(("deposit_differs", str(table[differs]["no_sts"])))
    month = str(table[late]["tgl_bukti"])[:7]
    table[late] = table[late] | {"tgl_bukti": f"{month[:5]}{int(month[5:]) - 1:02}-20"}
    city.known.append(("deposited_late", str(table[late]["no_sts"])))
    number = f"{len(table) + 1:06}/TBP/{str(lost[0])[-4:]}"
    extra: Row = {"no_bukti": number, "no_sts": f"999999/STS/{number[-4:]}"}
    table[(number,)] = table[lost] | extra
    city.known.append(("deposit_missing", number))
