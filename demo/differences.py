"""What a correct hub finds when it lays the treasury's books side by side.

Counted from the rows that a correct hub holds, so that a refused document is missed like any other. Written
from what the published tables promise, not from their SQL.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from demo.agencies import REVENUES_BEFORE_2024
from demo.budget import LINES
from demo.cash_plan import CASH_PLAN
from demo.model import Row
from demo.realisation import ACCOUNTING_LRA, OLD_CODES, TREASURY_LRA
from demo.receipts import RECEIPTS
from demo.treasury import SP2D, SPD, SPM, SPP

#: Good rows of each dataset, by the key's text.
Current = Mapping[str, Mapping[str, Row]]
#: Kind, and what it is about.
Difference = tuple[str, str]
Sums = dict[str, Decimal]
#: Money is to be deposited on the next working day; with a week-end and a holiday between, within four days.
_LATEST_DEPOSIT = 4


def differences(current: Current) -> list[Difference]:
    """Kind and subject of each difference, sorted."""
    found = {
        *_chains(current), *_overspent(current), *_reports(current), *_plans(current), *_deposits(current)
    }  # fmt: skip
    return sorted(found)


def _amount(row: Row, column: str) -> Decimal:
    return Decimal(str(row[column]))


def _chains(current: Current) -> Iterator[Difference]:
    for number, paid in current[SP2D].items():
        order = current[SPM].get(f"{paid['no_spm']}")
        request = current[SPP].get(f"{order['no_spp']}") if order else None
        letter = current[SPD].get(f"{request['no_spd']}") if request else None
        if not letter:
            yield ("spm_missing" if not order else "spd_missing" if request else "spp_missing"), number
        if order and _amount(paid, "nilai") > _amount(order, "nilai"):
            yield "sp2d_over_spm", number
        if order and request and _amount(order, "nilai") > _amount(request, "nilai"):
            yield "spm_over_spp", number
        dated = ((letter, "tgl_spd"), (request, "tgl_spp"), (order, "tgl_spm"), (paid, "tgl_sp2d"))
        days = [str(row[column]) for row, column in dated if row]
        if days != sorted(days):
            yield "dates_out_of_order", number


def _long(code: object) -> str:
    """A sub-activity's code with four digits at the end."""
    head, _, last = str(code).rpartition(".")
    return f"{head}.{last:0>4}"


def _budget(current: Current, *columns: str) -> Sums:
    found: Sums = defaultdict(Decimal)
    for row in current[LINES].values():
        if row["active"] != 0:
            found["|".join(str(row[column]) for column in columns)] += _amount(row, "pagu")
    return found


def _overspent(current: Current) -> Iterator[Difference]:
    budget = _budget(current, "tahun_anggaran", "kode_skpd", "kode_sub_giat", "kode_akun")
    paid: Sums = defaultdict(Decimal)
    for row in current[SP2D].values():
        if row["jenis"] != "UP":
            year, sub = str(row["tgl_sp2d"])[:4], _long(row["kd_sub_giat"])
            paid[f"{year}|{row['kd_skpd']}|{sub}|{row['kd_rekening']}"] += _amount(row, "nilai")
    return (("line_over_budget", line) for line, amount in paid.items() if amount > budget.get(line, 0))


def _plans(current: Current) -> Iterator[Difference]:
    budget = _budget(current, "tahun_anggaran", "kode_skpd", "kode_sub_giat")
    planned: Sums = defaultdict(Decimal)
    for row in current[CASH_PLAN].values():
        line = f"{row['tahun_anggaran']}|{row['kode_skpd']}|{row['kode_sub_giat']}"
        planned[line] += _amount(row, "planned_amount")
    for line in planned.keys() | budget.keys():
        if planned.get(line, 0) != budget.get(line, 0):
            yield "cash_plan_differs", line


def _account(code: object) -> str:
    new = {old: code for code, (old, _) in REVENUES_BEFORE_2024.items()}
    return new.get(str(code), str(code))


def _reports(current: Current) -> Iterator[Difference]:
    told = [
        {
            _line(row["tahun"], row["bulan"], row["kd_skpd"], row["kd_rekening"]): _amount(row, "realisasi")
            for row in current[TREASURY_LRA].values()
        },
        {
            _line(row["Tahun"], row["Bulan"], row["Kode SKPD"], row["Kode Rekening"]): _amount(
                row, "Realisasi s.d. Bulan Ini (Rp)"
            )
            for row in current[ACCOUNTING_LRA].values()
        },
    ]
    booked = _booked(current, {tuple(line.split("|")[:2]) for report in told for line in report})
    for line in told[0].keys() | told[1].keys() | booked.keys():
        if len({report.get(line, Decimal(0)) for report in (*told, booked)}) > 1:
            yield "realisation_differs", line


def _line(year: object, month: object, skpd: object, account: object) -> str:
    today = {old: code for code, old in OLD_CODES.items()}
    return f"{year}|{month}|{today.get(str(skpd), skpd)}|{_account(account)}"


def _booked(current: Current, reported: set[tuple[str, ...]]) -> Sums:
    """What documents say up to each reported month (year, month)."""
    documents = [
        *((row, str(row["tgl_sp2d"])) for row in current[SP2D].values() if row["jenis"] != "UP"),
        *((row, str(row["tgl_bukti"])) for row in current[RECEIPTS].values() if row["jenis"] == "STS"),
    ]
    found: Sums = defaultdict(Decimal)
    for row, day in documents:
        for year, month in reported:
            if year == day[:4] and int(day[5:7]) <= int(month):
                found[_line(year, month, row["kd_skpd"], row["kd_rekening"])] += _amount(row, "nilai")
    return found


def _deposits(current: Current) -> Iterator[Difference]:
    received: Sums = defaultdict(Decimal)
    first: dict[str, str] = {}
    receipts = current[RECEIPTS]
    for number, row in receipts.items():
        sts = str(row["no_sts"])
        if row["jenis"] == "TBP" and sts not in receipts:
            yield "deposit_missing", number
        elif row["jenis"] == "TBP":
            received[sts] += _amount(row, "nilai")
            first[sts] = min(first.get(sts, "9"), str(row["tgl_bukti"]))
    for number, row in receipts.items():
        if row["jenis"] == "STS":
            if received[number] != _amount(row, "nilai"):
                yield "deposit_differs", number
            day = date.fromisoformat(str(row["tgl_bukti"]))
            if (day - date.fromisoformat(first.get(number, day.isoformat()))).days > _LATEST_DEPOSIT:
                yield "deposited_late", number
