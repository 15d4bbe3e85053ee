"""The faults of the city: at least one for each row rule that a contract states."""

from dataclasses import replace
from functools import cache

from demo.disagreements import agreed
from demo.events import EVENTS as CIVIL
from demo.faults import BROKEN, Fault, Pool
from demo.foreigners import FOREIGNERS
from demo.model import PROJECT, YEAR, City, Key, Row, Value
from demo.people import CARDS, RESIDENTS
from demo.planted_by_contract import STANDARD
from demo.pools import childless
from demo.receipts import RECEIPTS
from demo.standard_faults import standard_faults
from demo.treasury import SP2D, SPD, SPM, SPP
from schemas.catalogue import load_catalogue
from schemas.contract import Contract

SKPD, SUB, LINES = "sipd.skpd", "sipd.sub_activities", "sipd.budget_lines"
PERMITS, EVENTS = "perizinan.permits", "perizinan.permit_events"
REVENUE, PROGRESS = "pendapatan.revenue", "emonev.progress"

#: How a NIK looks after a spreadsheet took it for a number.
SCIENTIFIC = ("6.17101E+15", "6.17102E+15", "6.17105E+15")


def _households(city: City) -> list[Key]:
    """Cards with exactly three people: refusing one refuses three residents with it."""
    people: dict[Value, int] = {}
    for row in city.tables[RESIDENTS].values():
        people[row["NO_KK"]] = people.get(row["NO_KK"], 0) + 1
    return [(kk,) for kk, count in people.items() if count == 3]


def _latest_events(city: City) -> list[Key]:
    """Events that an append sync still re-reads, save the very last, which carries the watermark."""
    return sorted(city.tables[EVENTS], key=lambda key: int(str(key[0])))[-120:-1]


def _known_events(city: City) -> list[Key]:
    """Of these, the events that the hub has seen on an earlier day."""
    events = city.tables[EVENTS]
    return [key for key in _latest_events(city) if f"{events[key]['waktu']}" < city.today.isoformat()]


def _shifted(row: Row, number: int) -> Value:
    return f"{row['ALAMAT']} (PINDAH)"


def _one_digit_less(row: Row, number: int) -> Value:
    return str(row["NIK"])[:-1]


def _letter_for_zero(row: Row, number: int) -> Value:
    return str(row["NIK"])[:11] + "O" + str(row["NIK"])[12:]


def _serial_zero(row: Row, number: int) -> Value:
    return str(row["NIK"])[:12] + "0000"


def _short_card(row: Row, number: int) -> Value:
    return str(row["NO_KK"])[:15]


_EMPTY_CARDS = childless(CARDS, RESIDENTS, "NO_KK", "NO_KK")

SIAK = (
    Fault(CARDS, "head_name:required", "NAMA_KEP", (None,), pool=_households),
    Fault(CARDS, "kk_number:pattern", "NO_KK", (_short_card,), pool=_EMPTY_CARDS),
    Fault(CARDS, ":duplicate_key", "ALAMAT", (_shifted,), pool=_EMPTY_CARDS),
    Fault(CARDS, "head_name:required", "NAMA_KEP", ("-",), life=2, pool=_EMPTY_CARDS),
    Fault(CARDS, "head_name:length", "NAMA_KEP", ("ABDULLAH " * 7 + "HASAN",), pool=_EMPTY_CARDS),
    Fault(CARDS, "postal_code:pattern", "KODE_POS", ("00000", "7812"), life=3, pool=_EMPTY_CARDS),
    Fault(CARDS, "district_code:required", "NO_KEC", (None,), pool=_EMPTY_CARDS),
    Fault(CARDS, "district_code:minimum", "NO_KEC", (0,), pool=_EMPTY_CARDS),
    Fault(CARDS, "district_code:maximum", "NO_KEC", (9,), pool=_EMPTY_CARDS),
    Fault(CARDS, "village_code:required", "NO_KEL", (None,), pool=_EMPTY_CARDS),
    Fault(CARDS, "village_code:minimum", "NO_KEL", (2,), pool=_EMPTY_CARDS),
    Fault(CARDS, "village_code:maximum", "NO_KEL", (2001,), pool=_EMPTY_CARDS),
    Fault(RESIDENTS, "nik:pattern", "NIK", (*SCIENTIFIC, _one_digit_less, _letter_for_zero, _serial_zero)),
    Fault(RESIDENTS, ":duplicate_key", "NAMA_LGKP", ("FULAN", "FULANAH"), daily=1),
    Fault(RESIDENTS, "kk_number:required", "NO_KK", (None,)),
    Fault(RESIDENTS, "kk_number:reference", "NO_KK", ("6171999999990001", "6171010000000000"), daily=1),
    Fault(RESIDENTS, "full_name:required", "NAMA_LGKP", ("", "-"), life=2),
    Fault(RESIDENTS, "full_name:pattern", "NAMA_LGKP", ("JOSÃ‰ HALIM", "Budi", "#N/A"), daily=1, life=2),
    Fault(RESIDENTS, "full_name:length", "NAMA_LGKP", ("MUHAMMAD " * 7 + "ALI",)),
    Fault(RESIDENTS, "sex_code:required", "JENIS_KLMIN", (None,)),
    Fault(RESIDENTS, "sex_code:enum", "JENIS_KLMIN", (0, 3), daily=1),
    Fault(RESIDENTS, "birth_date:required", "TGL_LHR", (None,)),
    Fault(RESIDENTS, "birth_date:type", "TGL_LHR", ("00-00-0000", "31-02-1990", "1990-5-7"), daily=1, life=2),
    Fault(RESIDENTS, "birth_date:minimum", "TGL_LHR", ("01-01-1800",)),
    Fault(RESIDENTS, "blood_type_code:enum", "GOL_DRH", (99,), life=3),
    Fault(RESIDENTS, "religion_code:enum", "AGAMA", (8,)),
    Fault(RESIDENTS, "marital_status_code:enum", "STAT_KWN", (5,)),
    Fault(RESIDENTS, "family_relation_code:required", "STAT_HBKEL", (None,)),
    Fault(RESIDENTS, "family_relation_code:enum", "STAT_HBKEL", (12,)),
    Fault(RESIDENTS, "education_code:enum", "PDDK_AKH", (11,)),
    Fault(RESIDENTS, "occupation_code:type", "JENIS_PKRJN", ("#N/A", "PNS"), life=2),
    Fault(RESIDENTS, "occupation_code:minimum", "JENIS_PKRJN", ("0",)),
    Fault(RESIDENTS, "occupation_code:maximum", "JENIS_PKRJN", ("100",)),
    Fault(RESIDENTS, "district_code:required", "NO_KEC", (None,)),
    Fault(RESIDENTS, "district_code:minimum", "NO_KEC", (0,)),
    Fault(RESIDENTS, "district_code:maximum", "NO_KEC", (7,)),
    Fault(RESIDENTS, "village_code:required", "NO_KEL", (None,)),
    Fault(RESIDENTS, "village_code:minimum", "NO_KEL", (1000,)),
    Fault(RESIDENTS, "village_code:maximum", "NO_KEL", (1008,)),
)  # fmt: skip


def _latest_of_people(city: City) -> list[Key]:
    """Events of residents that every load reads again, save the very last, which carries the watermark."""
    return sorted(city.tables[CIVIL], key=lambda key: int(str(key[0])))[-90:-1]


REGISTER = (
    # Events are never corrected: what was refused stays refused.
    Fault(CIVIL, "event_code:required", "JENIS", (None,), life=None, pool=_latest_of_people),
    Fault(CIVIL, "event_code:enum", "JENIS", ("KAWIN",), life=None, pool=_latest_of_people),
    Fault(CIVIL, "nik:required", "NIK", (None,), life=None, pool=_latest_of_people),
    Fault(CIVIL, "nik:pattern", "NIK", (SCIENTIFIC[0], _serial_zero), life=None, pool=_latest_of_people),
    Fault(CIVIL, "old_nik:pattern", "NIK_LAMA", (SCIENTIFIC[1],), life=None, pool=_latest_of_people),
    Fault(CIVIL, "kk_number:pattern", "NO_KK", ("617101",), life=None, pool=_latest_of_people),
    Fault(CIVIL, "old_kk_number:pattern", "NO_KK_LAMA", ("617101",), life=None, pool=_latest_of_people),
    Fault(CIVIL, "event_date:required", "TGL_PERISTIWA", (None,), life=None, pool=_latest_of_people),
    Fault(CIVIL, "event_date:type", "TGL_PERISTIWA", ("00-00-0000",), life=None, pool=_latest_of_people),
    Fault(FOREIGNERS, "document_number:pattern", "DOK_IMGR", ("2C11 A0451",)),
    Fault(FOREIGNERS, "document_kind_code:required", "JNS_DOK", (None,)),
    Fault(FOREIGNERS, "document_kind_code:enum", "JNS_DOK", ("VOA",), life=2),
    Fault(FOREIGNERS, "valid_until_date:type", "TGL_AKH_DOK", ("31-02-2027",)),
    Fault(FOREIGNERS, "first_name:required", "NAMA_PERTMA", ("-",)),
    Fault(FOREIGNERS, "sex_code:required", "JENIS_KLMIN", (None,)),
    Fault(FOREIGNERS, "sex_code:enum", "JENIS_KLMIN", (0,)),
    Fault(FOREIGNERS, "birth_date:required", "TGL_LHR", (None,)),
    Fault(FOREIGNERS, "birth_date:type", "TGL_LHR", ("00-00-0000",), life=2),
    Fault(FOREIGNERS, "birth_date:minimum", "TGL_LHR", ("01-01-1800",)),
    Fault(FOREIGNERS, "kk_number:pattern", "NO_KK", ("6.17101E+15",)),
    Fault(FOREIGNERS, "nationality_code:required", "KEWARGANEGARAAN", (None,)),
    Fault(FOREIGNERS, "nationality_code:pattern", "KEWARGANEGARAAN", ("Mal",)),
)  # fmt: skip

_SKPD = childless(SKPD, LINES, "id_skpd", "id_skpd")
_SUB = childless(SUB, LINES, "kode_sub_giat", "kode_sub_giat")


def _two_digits(row: Row, number: int) -> Value:
    """The code as written before 2021: the last part had two digits."""
    return str(row["kode_sub_giat"])[:-4] + str(row["kode_sub_giat"])[-2:]


SIPD = (
    Fault(SKPD, "skpd_code:required", "kode_skpd", (None,), pool=_SKPD),
    Fault(SKPD, "skpd_code:pattern", "kode_skpd", ("1.02.01",), pool=_SKPD),
    Fault(SKPD, "skpd_code:unique", "kode_skpd", ("",), life=2, pool=_SKPD),
    Fault(SKPD, "skpd_name:required", "nama_skpd", (None,), pool=_SKPD),
    Fault(SUB, "sub_activity_code:pattern", "kode_sub_giat", (_two_digits,), pool=_SUB),
    Fault(SUB, "sub_activity_name:required", "nama_sub_giat", (None,), life=2, pool=_SUB),
    Fault(LINES, "budget_year:minimum", "tahun_anggaran", (206,)),
    Fault(LINES, "account_code:pattern", "kode_akun", ("5.1.02.01.1.24",)),
    Fault(LINES, ":duplicate_key", "pagu", (1_000_000,), daily=1),
    Fault(LINES, "skpd_id:required", "id_skpd", (None,)),
    Fault(LINES, "skpd_id:reference", "id_skpd", (9999,), life=2),
    Fault(LINES, "sub_activity_code:required", "kode_sub_giat", (None,)),
    Fault(LINES, "sub_activity_code:reference", "kode_sub_giat", ("9.99.99.2.99.9999",)),
    Fault(LINES, "initial_pagu_amount:minimum", "pagumurni", (-5_000_000,)),
    Fault(LINES, "initial_pagu_amount:scale", "pagumurni", (12_500_000.125,)),
    Fault(LINES, "pagu_amount:required", "pagu", (None,)),
    Fault(LINES, "pagu_amount:type", "pagu", ("#N/A", "1.250.000,00"), daily=1, life=2),
    Fault(LINES, "pagu_amount:minimum", "pagu", (-1,)),
    Fault(LINES, "pagu_amount:scale", "pagu", (1_250_000.375,), life=3),
)  # fmt: skip

SIMDA = (
    # Numbers mistyped at entry stay: the treasury never renumbers an order.
    Fault(SP2D, "sp2d_number:pattern", "no_sp2d", ("104/SP2D-LS/26",), life=None),
    Fault(SP2D, ":duplicate_key", "nilai", ("1500000.00",), life=2),
    Fault(SP2D, "sp2d_date:required", "tgl_sp2d", (None,)),
    Fault(SP2D, "sp2d_date:type", "tgl_sp2d", ("0000-00-00", "0000-00-00"), daily=1, life=2),
    Fault(SP2D, "sp2d_date:minimum", "tgl_sp2d", ("1970-01-01",)),
    Fault(SP2D, "spm_number:required", "no_spm", ("-",)),
    Fault(SP2D, "sp2d_kind_code:required", "jenis", (None,)),
    Fault(SP2D, "sp2d_kind_code:enum", "jenis", ("NIHIL", "ls"), daily=1),
    Fault(SP2D, "skpd_code:required", "kd_skpd", (None,)),
    Fault(SP2D, "skpd_code:pattern", "kd_skpd", ("1.01.01",)),
    Fault(SP2D, "sub_activity_code:pattern", "kd_sub_giat", ("1.01.02.2.01.1",), life=2),
    Fault(SP2D, "account_code:pattern", "kd_rekening", ("5.1.2.1.1.24",)),
    Fault(SP2D, "description:length", "uraian", ("Pembayaran belanja jasa kantor; " * 7,)),
    # A clock that is wrong: taken as watermark it would hide every order after it.
    Fault(SP2D, "updated_at:future", "tgl_ubah", ("2062-03-01 09:00:00",), life=2),
    Fault(SP2D, "sp2d_amount:required", "nilai", (None,)),
    Fault(SP2D, "sp2d_amount:minimum", "nilai", ("0.00", "-2500000.00")),
    Fault(SPD, "spd_number:pattern", "no_spd", ("SPD-7/26",), life=None),
    Fault(SPP, "spp_number:pattern", "no_spp", ("104/SPP-LS/26",), life=None),
    Fault(SPM, "spm_number:pattern", "no_spm", ("104/SPM-LS/26",), life=None),
    Fault(RECEIPTS, "receipt_number:pattern", "no_bukti", ("104/TBP/26",), life=None),
)  # fmt: skip

_PERMITS = childless(PERMITS, EVENTS, "id_permohonan", "id")


def _edited(row: Row, number: int) -> Value:
    return f"diubah: {row['catatan'] or 'tanpa catatan'}"


PERIZINAN = (
    Fault(PERMITS, "permit_number:unique", "no_izin", ("",), life=2, pool=_PERMITS),
    Fault(PERMITS, ":duplicate_key", "no_izin", ("503/LAMA/DPMPTSP/2020",), pool=_PERMITS),
    Fault(PERMITS, "service_code:required", "kode_layanan", (None,), pool=_PERMITS),
    Fault(PERMITS, "service_code:reference", "kode_layanan", ("HO",), pool=_PERMITS),
    Fault(PERMITS, "applicant_nik:required", "nik_pemohon", (None, "-"), pool=_PERMITS),
    Fault(PERMITS, "applicant_nik:pattern", "nik_pemohon", (*SCIENTIFIC, "0" * 16, "0"), daily=1, life=2,
          pool=_PERMITS),
    Fault(PERMITS, "applicant_name:required", "nama_pemohon", (None,), pool=_PERMITS),
    Fault(PERMITS, "applicant_name:pattern", "nama_pemohon", ("JOSÃ© TAN", "H. SALIM Â S.E."), pool=_PERMITS),
    Fault(PERMITS, "nib_number:pattern", "nib", ("9.12E+12",), pool=_PERMITS),
    Fault(PERMITS, "pbg_number:pattern", "no_pbg", ("IMB/503/2019",), life=3, pool=_PERMITS),
    Fault(PERMITS, "applied_date:required", "tgl_permohonan", (None,), pool=_PERMITS),
    Fault(PERMITS, "applied_date:type", "tgl_permohonan", ("2026-03-01",), pool=_PERMITS),
    Fault(PERMITS, "applied_date:minimum", "tgl_permohonan", ("01/01/1970",), pool=_PERMITS),
    Fault(PERMITS, "issued_date:type", "tgl_terbit", ("00/00/0000", "#N/A"), life=2, pool=_PERMITS),
    Fault(PERMITS, "permit_status_code:required", "status", (None,), pool=_PERMITS),
    Fault(PERMITS, "permit_status_code:enum", "status", ("SELESAI",), pool=_PERMITS),
    Fault(PERMITS, "retribution_amount:minimum", "retribusi", ("-150000",), pool=_PERMITS),
    # Events are never corrected: what was refused stays refused.
    Fault(EVENTS, "permit_id:required", "id_permohonan", (None,), life=None, pool=_latest_events),
    Fault(EVENTS, "permit_id:reference", "id_permohonan", (99_999_999,), life=None, pool=_latest_events),
    Fault(EVENTS, "event_at:required", "waktu", (None,), life=None, pool=_latest_events),
    Fault(EVENTS, "event_at:type", "waktu", ("0000-00-00 00:00:00",), life=None, pool=_latest_events),
    Fault(EVENTS, "event_code:required", "kegiatan", (None,), life=None, pool=_latest_events),
    Fault(EVENTS, "event_code:enum", "kegiatan", ("ARSIP",), life=None, pool=_latest_events),
    Fault(EVENTS, "note:length", "catatan", ("berkas kurang lengkap; " * 6,), life=None, pool=_latest_events),
    Fault(EVENTS, ":immutable", "catatan", (_edited, _edited), daily=1, life=None, first_day=1,
          pool=_known_events),
)  # fmt: skip

PENDAPATAN = (
    Fault(REVENUE, ":malformed", BROKEN, ("short", "long")),
    # A byte that Windows-1252 does not have.
    Fault(REVENUE, ":malformed", "Uraian", ("Pajak Hotel \udc81",), life=2),
    Fault(REVENUE, "month_number:minimum", "Bulan", (0,)),
    Fault(REVENUE, "month_number:maximum", "Bulan", (13,)),
    Fault(REVENUE, "account_code:pattern", "Kode Rekening", ("4.1.1.9",)),
    Fault(REVENUE, "account_code:required", "Kode Rekening", ("",)),
    Fault(REVENUE, "account_name:required", "Uraian", ("",)),
    Fault(REVENUE, "target_amount:required", "Target", ("-",)),
    Fault(REVENUE, "target_amount:type", "Target", ("#N/A",), life=2),
    Fault(REVENUE, "target_amount:minimum", "Target", ("-1.000.000,00",)),
    Fault(REVENUE, "target_amount:scale", "Target", ("1.250.000,125",)),
    Fault(REVENUE, "realisation_amount:type", "Realisasi", ("1,250,000.00",), daily=1),
    Fault(REVENUE, "realisation_amount:minimum", "Realisasi", ("-250.000,00",)),
    Fault(REVENUE, "realisation_amount:scale", "Realisasi", ("750.000,333",)),
    Fault(REVENUE, "realisation_pct:type", "Persentase", ("#DIV/0!",), life=2),
    Fault(REVENUE, "realisation_pct:minimum", "Persentase", ("-3,50",)),
    Fault(REVENUE, "realisation_pct:maximum", "Persentase", ("1.250,00",)),
    Fault(REVENUE, "realisation_pct:scale", "Persentase", ("85,3333",)),
)  # fmt: skip

_COLUMNS = {
    "planned_physical_pct": "Target Fisik (%)",
    "planned_financial_pct": "Target Keuangan (%)",
    "physical_pct": "Realisasi Fisik (%)",
    "financial_pct": "Realisasi Keuangan (%)",
}
EMONEV = (
    Fault(PROGRESS, "month_number:minimum", "Bulan", (0,)),
    Fault(PROGRESS, "month_number:maximum", "Bulan", (13,)),
    Fault(PROGRESS, "skpd_code:pattern", "Kode SKPD", ("1.01",)),
    Fault(PROGRESS, "sub_activity_code:pattern", "Kode Sub Kegiatan", ("1.01.02.2.01.1",)),
    Fault(PROGRESS, ":duplicate_key", "Keterangan", ("revisi",), daily=1),
    *(Fault(PROGRESS, f"{name}:minimum", column, (-1.5,)) for name, column in _COLUMNS.items()),
    *(Fault(PROGRESS, f"{name}:maximum", column, (104.5,)) for name, column in _COLUMNS.items()),
    *(Fault(PROGRESS, f"{name}:scale", column, (33.333,)) for name, column in _COLUMNS.items()),
    *(Fault(PROGRESS, f"{name}:type", column, ("#N/A",), life=2) for name, column in _COLUMNS.items()),
    *(
        Fault(PROGRESS, f"{name}:required", _COLUMNS[name], (None,), daily=1)
        for name in ("physical_pct", "financial_pct")
    ),
)


def of_this_year(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """The same faults on rows of the running budget year: reports of closed years don't change any more."""

    def running(dataset: str) -> Pool:
        return lambda city: [key for key in city.tables[dataset] if key[0] == YEAR]

    return tuple(replace(fault, pool=fault.pool or running(fault.dataset)) for fault in faults)


FAULTS: tuple[Fault, ...] = (
    *SIAK, *REGISTER, *SIPD, *(replace(fault, pool=agreed(fault.dataset)) for fault in SIMDA), *PERIZINAN,
    *of_this_year(PENDAPATAN), *of_this_year(EMONEV),
)  # fmt: skip


@cache
def every_fault() -> tuple[Fault, ...]:
    """The faults written here, and those that follow from the other contracts."""
    contracts = load_catalogue(PROJECT).sources
    return (*FAULTS, *(fault for name in STANDARD for fault in _standard(contracts[name])))


def _standard(contract: Contract) -> tuple[Fault, ...]:
    return standard_faults(contract, **STANDARD[contract.id])
