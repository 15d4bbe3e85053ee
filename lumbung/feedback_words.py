"""The words of defect lists and of the mails that bring them, in Indonesian and English."""

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
        "good": "Nothing is wrong.",
        "rules": "Defects by kind",
        "advice": (
            "Mend the data in the application or file that it comes from, and send it as always. Rows that "
            "are right leave this list with the next load. Every row stands on the sheet “Defects”."
        ),
        "page": "Page &P of &N",
        "subject": "Data {}: {} rows to be mended ({})",
        "subject_good": "Data {}: every defect is mended",
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


def number(count: int, language: Language) -> str:
    """`1.234` in Indonesian, `1,234` in English."""
    text = f"{count:,}"
    return text.replace(",", ".") if language == "id" else text


def moved(change: int, found: Feedback, language: Language) -> str:
    """`naik 3`, `turun 2`, `tetap`; of the first load that there was none before."""
    words = WORDS[language]
    if found.before is None:
        return words["first"]
    if change == 0:
        return words["same"]
    return words["up" if change > 0 else "down"].format(number(abs(change), language))


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
