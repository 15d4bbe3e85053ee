"""The words of defect lists and of the mails that bring them, in Indonesian and English."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from lumbung.feedback import Feedback
from lumbung.reason_words import Language

_MONTHS: dict[Language, tuple[str, ...]] = {
    "id": (
        "Januari", "Februari", "Maret", "April", "Mei", "Juni",
        "Juli", "Agustus", "September", "Oktober", "November", "Desember",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip

#: Headings of the list, from left to right; `file` only where the source has files.
HEADINGS: dict[Language, dict[str, str]] = {
    "id": {
        "file": "Berkas",
        "row": "Nomor baris",
        "key": "Kunci",
        "column": "Kolom",
        "value": "Nilai",
        "problem": "Apa yang salah",
        "remedy": "Cara memperbaiki",
        "found": "Sejak",
    },
    "en": {
        "file": "File",
        "row": "Row number",
        "key": "Key",
        "column": "Column",
        "value": "Value",
        "problem": "What is wrong",
        "remedy": "How to mend it",
        "found": "Since",
    },
}

WORDS: dict[Language, dict[str, str]] = {
    "id": {
        "summary": "Ringkasan",
        "list": "Daftar kesalahan",
        "title": "Daftar kesalahan data: {}",
        "dataset": "Data",
        "owner": "Pemilik data",
        "key": "Kunci baris",
        "load": "Muatan",
        "before": "Dibandingkan dengan",
        "none_before": "belum ada muatan sebelumnya",
        "load_at": "nomor {}, {}",
        "at": "{} {} {} pukul {:%H.%M} {}",
        "read": "Baris dibaca",
        "accepted": "Baris diterima",
        "refused": "Baris ditolak",
        "filtered": "Baris bukan data (dilewati)",
        "superseded": "Baris kembar yang digantikan",
        "wrong": "Baris yang perlu diperbaiki",
        "waived": "Baris yang disetujui tetap di luar",
        "rows": "Jumlah baris",
        "new": "Baru",
        "still": "Masih salah",
        "mended": "Selesai",
        "change": "Sejak muatan lalu",
        "up": "naik {}",
        "down": "turun {}",
        "same": "tetap",
        "first": "muatan pertama",
        "kept": "muatan ditolak, data lama tetap berlaku",
        "none_kept": "muatan ditolak, belum ada data lama",
        "state": "Status",
        "load_refused": "Muatan ditolak: {}",
        "too_many": "{} dari {} baris ({} %) tidak memenuhi ketentuan, lebih dari batas {} %",
        "too_few": "terlalu banyak baris yang tidak ada lagi di sumber",
        "other_reason": "muatan tidak lolos pemeriksaan mutu",
        "detail": "Catatan sistem",
        "in_force": "Data yang berlaku",
        "sound": "Baris yang memenuhi ketentuan",
        "no_rows": "Tidak ada kesalahan pada baris satu per satu.",
        "good": "Tidak ada kesalahan.",
        "rules": "Kesalahan menurut jenisnya",
        "advice": (
            "Perbaiki data di aplikasi atau berkas asalnya, lalu kirim seperti biasa. Baris yang sudah benar "
            "hilang dari daftar ini pada muatan berikutnya. Rincian setiap baris ada di lembar "
            "“Daftar kesalahan”."
        ),
        "page": "Halaman &P dari &N",
        "subject": "Data {}: {} baris perlu diperbaiki ({})",
        "subject_good": "Data {}: semua kesalahan sudah diperbaiki",
        "subject_refused": "Data {}: muatan ditolak, {} baris perlu diperbaiki",
        "opening_refused": (
            "muatan data {} ({}) ditolak: {}. {} {} baris dibaca, {} memenuhi ketentuan, {} tidak."
        ),
        "kept_told": "Data lama tetap berlaku.",
        "none_kept_told": "Belum ada data lama.",
        "told_refused": "{} baris perlu diperbaiki:",
        "rule_refused": "- {} {} baris. {}",
        "greeting": "Yth. {},",
        "opening": "data {} telah dimuat ({}). {} baris dibaca, {} diterima, {} ditolak.",
        "told": "{} baris perlu diperbaiki ({}):",
        "rule": "- {} {} baris ({}). {}",
        "done": "- {} Selesai diperbaiki ({}).",
        "attached": "Daftar lengkapnya terlampir: baris mana, apa yang salah, dan cara memperbaikinya.",
        "too_big": "Daftar lengkapnya terlalu besar untuk surat; mintalah kepada pengelola Lumbung.",
        "personal": "Lampiran memuat data pribadi. Simpan dengan aman dan jangan diteruskan.",
        "closing": "Surat ini dikirim otomatis oleh Lumbung, gudang data kota.",
    },
    "en": {
        "summary": "Summary",
        "list": "Defects",
        "title": "Defects of the data: {}",
        "dataset": "Data",
        "owner": "Owner",
        "key": "Key of a row",
        "load": "Load",
        "before": "Compared with",
        "none_before": "no load before",
        "load_at": "number {}, {}",
        "at": "{} {} {} at {:%H:%M} {}",
        "read": "Rows read",
        "accepted": "Rows accepted",
        "refused": "Rows refused",
        "filtered": "Rows that are no data (left out)",
        "superseded": "Copies of rows that were superseded",
        "wrong": "Rows to be mended",
        "waived": "Rows whose owner accepts that they stay out",
        "rows": "Rows",
        "new": "New",
        "still": "Still wrong",
        "mended": "Done",
        "change": "Since the last load",
        "up": "up {}",
        "down": "down {}",
        "same": "the same",
        "first": "first load",
        "kept": "load refused, the data before it stays",
        "none_kept": "load refused, there is no data yet",
        "state": "State",
        "load_refused": "Load refused: {}",
        "too_many": "{} of {} rows ({} %) break the contract, more than the limit of {} %",
        "too_few": "too many rows are no longer at the source",
        "other_reason": "the load failed a check of its quality",
        "detail": "Note of the system",
        "in_force": "Data that stays",
        "sound": "Rows that keep the contract",
        "no_rows": "No row by itself is wrong.",
        "good": "Nothing is wrong.",
        "rules": "Defects by kind",
        "advice": (
            "Mend the data in the application or file that it comes from, and send it as always. Rows that "
            "are right leave this list with the next load. Every row stands on the sheet “Defects”."
        ),
        "page": "Page &P of &N",
        "subject": "Data {}: {} rows to be mended ({})",
        "subject_good": "Data {}: every defect is mended",
        "subject_refused": "Data {}: load refused, {} rows to be mended",
        "opening_refused": (
            "the load of the data {} ({}) was refused: {}. {} {} rows read, {} keep the contract, {} do not."
        ),
        "kept_told": "The data before it stays.",
        "none_kept_told": "There is no data yet.",
        "told_refused": "{} rows have to be mended:",
        "rule_refused": "- {} {} rows. {}",
        "greeting": "Dear {},",
        "opening": "the data {} was loaded ({}). {} rows read, {} accepted, {} refused.",
        "told": "{} rows have to be mended ({}):",
        "rule": "- {} {} rows ({}). {}",
        "done": "- {} Mended ({}).",
        "attached": "The whole list is attached: which row, what is wrong, and how to mend it.",
        "too_big": "The whole list is too large for a mail; ask those who run Lumbung for it.",
        "personal": "The attachment holds personal data. Keep it safe and don't pass it on.",
        "closing": "Lumbung, the city's data hub, sent this mail by itself.",
    },
}

_TOO_MANY = re.compile(r"more than maxRefusedPct ([0-9.]+)")
# Faults as connectors note them, in Indonesian. What follows the colon is the source's own.
_FAULTS = (
    (re.compile(r"\Aexpected (\d+) fields, found (\d+):"), r"seharusnya \1 kolom, ditemukan \2:"),
    (re.compile(r"\Aexpected an object, found:"), "seharusnya sebuah objek, ditemukan:"),
    (re.compile(r"\A('.') expected after ('.'):"), r"seharusnya ada \1 sesudah \2:"),
    (re.compile(r"\Afield larger than field limit \((\d+)\):"), r"isian lebih panjang dari \1 huruf:"),
    (re.compile(r"\Anested too deeply"), "bersarang terlalu dalam"),
    (re.compile(r"\Ano JSON \([^)]*\):"), "bukan JSON:"),
    (re.compile(r"(\A|; )([\w.@/-]+): NUL byte:"), r"\1\2: memuat byte NUL:"),
    (re.compile(r"(\A|; )([\w.@/-]+): undecodable bytes:"), r"\1\2: memuat byte yang tidak dapat dibaca:"),
    (re.compile(r"\A([\w.@/, -]+): the key stands more than once:"), r"\1: kunci ditulis lebih dari sekali:"),
    (re.compile(r"(\A|; )([\w.@/-]+): stands more than once(?=; |\Z)"), r"\1\2: ada lebih dari satu"),
)


def number(count: int, language: Language) -> str:
    """`1.234` in Indonesian, `1,234` in English."""
    text = f"{count:,}"
    return text.replace(",", ".") if language == "id" else text


def moved(change: int, found: Feedback, language: Language) -> str:
    """`naik 3`, `turun 2`, `tetap`; of the first load that there was none before; of a refused one, so."""
    words = WORDS[language]
    if found.is_refused:
        return words["kept" if found.before else "none_kept"]
    if found.before is None:
        return words["first"]
    if change == 0:
        return words["same"]
    return words["up" if change > 0 else "down"].format(number(abs(change), language))


def refusal(found: Feedback, language: Language) -> str:
    """Why the load was refused, in words for its owner, without a value of any row."""
    words, reason = WORDS[language], str(found.load["reason"] or "")
    limit = _TOO_MANY.search(reason)
    if limit:
        refused, read = found.load["quarantined_count"], found.load["read_count"]
        shares = (f"{100 * refused / read:.1f}", limit[1])
        said = (share.replace(".", ",") if language == "id" else share for share in shares)
        return words["too_many"].format(number(refused, language), number(read, language), *said)
    return words["too_few" if "maxDeletePct" in reason else "other_reason"]


def fault_words(fault: str, language: Language) -> str:
    """What made a row unreadable, as the connector noted it, in the language; what came stays as it came."""
    if language == "en":
        return fault
    for pattern, told in _FAULTS:
        fault = pattern.sub(told, fault)
    return fault


def moment(at: datetime, language: Language, timezone: ZoneInfo) -> str:
    """`21 November 2026 pukul 23.10 WIB`, the moment where the city is."""
    local = at.astimezone(timezone)
    month = _MONTHS[language][local.month - 1]
    return WORDS[language]["at"].format(local.day, month, local.year, local, local.tzname())


def load_words(load: dict[str, object], language: Language, timezone: ZoneInfo) -> str:
    """`nomor 12, 21 November 2026 pukul 23.10 WIB`."""
    at = load["finished_at"]
    assert isinstance(at, datetime)
    return WORDS[language]["load_at"].format(load["load_id"], moment(at, language, timezone))
