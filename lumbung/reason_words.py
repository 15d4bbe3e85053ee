"""The words of `lumbung.reasons`, in Indonesian and English."""

from typing import Literal

Language = Literal["id", "en"]

# What is wrong, and what to do; {column} as the owner calls it, {expected} what the contract asks for.
SENTENCES: dict[Language, dict[str, tuple[str, str]]] = {
    "id": {
        "required": ("{column} kosong, padahal wajib diisi", "Isi {column}{expected}"),
        "type": ("{column} tidak dapat dibaca", "Tulis {column}{expected}"),
        "pattern": ("Bentuk {column} tidak sesuai ketentuan", "Tulis {column}{expected}"),
        "minimum": ("{column} terlalu kecil atau terlalu awal", "Periksa {column}: harus {expected}"),
        "maximum": ("{column} terlalu besar atau terlalu akhir", "Periksa {column}: harus {expected}"),
        "length": ("Panjang {column} tidak sesuai ketentuan", "Tulis {column} dengan {expected}"),
        "enum": ("Isi {column} tidak ada dalam daftar nilai", "Pakai salah satu nilai: {expected}"),
        "scale": (
            "{column} memuat terlalu banyak angka di belakang koma",
            "Tulis {column} dengan paling banyak {expected} angka di belakang koma",
        ),
        "multiple": ("{column} bukan kelipatan {expected}", "Tulis {column} sebagai kelipatan {expected}"),
        "unique": (
            "{column} yang sama dipakai lebih dari satu baris",
            "Beri setiap baris {column} sendiri, atau hapus baris yang kembar",
        ),
        "reference": (
            "{column} menunjuk ke data yang tidak ada di {expected}",
            "Perbaiki {column}, atau lengkapi dahulu datanya di {expected}",
        ),
        "future": ("{column} berada di masa depan", "Perbaiki {column}, dan periksa jam di aplikasi sumber"),
        "duplicate_key": (
            "Lebih dari satu baris memakai {column} yang sama",
            "Sisakan satu baris yang benar, atau perbaiki {column} pada baris lainnya",
        ),
        "malformed": (
            "Baris rusak: isinya tidak dapat dibagi menurut kolom",
            "Periksa pemisah, tanda kutip dan jumlah kolom pada baris ini, lalu kirim ulang",
        ),
        "immutable": (
            "Baris ini sudah pernah diterima dengan isi lain, dan data ini tidak boleh berubah",
            "Kembalikan isi semula; untuk koreksi, kirim baris baru dengan {column} baru",
        ),
        "?": ("{column} melanggar ketentuan {expected}", "Bandingkan {column} dengan kontrak datanya"),
    },
    "en": {
        "required": ("{column} is empty, but it is required", "Fill in {column}{expected}"),
        "type": ("{column} can't be read", "Write {column}{expected}"),
        "pattern": ("{column} does not have the form it should", "Write {column}{expected}"),
        "minimum": ("{column} is too small or too early", "Check {column}: it has to be {expected}"),
        "maximum": ("{column} is too large or too late", "Check {column}: it has to be {expected}"),
        "length": ("{column} does not have the length it should", "Write {column} with {expected}"),
        "enum": ("{column} is not one of the values allowed", "Use one of: {expected}"),
        "scale": (
            "{column} has too many digits after the decimal mark",
            "Write {column} with at most {expected} digits after the decimal mark",
        ),
        "multiple": ("{column} is no multiple of {expected}", "Write {column} as a multiple of {expected}"),
        "unique": (
            "More than one row has the same {column}",
            "Give each row a {column} of its own, or delete the copies",
        ),
        "reference": (
            "{column} points to something that is not in {expected}",
            "Correct {column}, or add what it points to in {expected} first",
        ),
        "future": ("{column} lies in the future", "Correct {column}, and check the source's clock"),
        "duplicate_key": (
            "More than one row has the same {column}",
            "Keep the one row that is right, or correct {column} in the others",
        ),
        "malformed": (
            "The row is damaged: it can't be split into its columns",
            "Check separators, quotes and the number of columns of this row, then send it again",
        ),
        "immutable": (
            "This row was accepted before with another content, and this data may not change",
            "Restore the first content; to correct it, send a new row with a {column} of its own",
        ),
        "?": ("{column} breaks the rule {expected}", "Compare {column} with the data contract"),
    },
}

# The pieces that expectations are put together from.
NOUNS: dict[Language, dict[str, str]] = {
    "id": {
        "as": "sebagai",
        "e.g.": "misalnya",
        "date": "tanggal",
        "time": "jam",
        "timestamp": "tanggal dan jam",
        "integer": "bilangan bulat",
        "number": "angka",
        "boolean": "ya atau tidak",
        "object": "objek JSON",
        "array": "daftar JSON",
        "string": "teks",
        "digits": "{} angka",
        "pattern": "menurut pola {}",
        "format": "dengan format {}",
        "cell": "di Excel, pakai format sel Teks",
        "excel": "angka tanggal dari Excel",
        "between": "antara {} dan {} karakter",
        "at least": "paling sedikit {} karakter",
        "at most": "paling banyak {} karakter",
        "exactly": "tepat {} karakter",
        ">=": "{} atau lebih",
        ">": "lebih dari {}",
        "<=": "{} atau kurang",
        "<": "kurang dari {}",
        "from": "{} atau sesudahnya",
        "after": "sesudah {}",
        "until": "{} atau sebelumnya",
        "before": "sebelum {}",
        "others": "dan {} lainnya",
    },
    "en": {
        "as": "as",
        "e.g.": "e.g.",
        "date": "a date",
        "time": "a time",
        "timestamp": "a date and time",
        "integer": "a whole number",
        "number": "a number",
        "boolean": "yes or no",
        "object": "a JSON object",
        "array": "a JSON list",
        "string": "text",
        "digits": "{} digits",
        "pattern": "following the pattern {}",
        "format": "in the form {}",
        "cell": "in Excel, use the cell format Text",
        "excel": "Excel's day number",
        "between": "between {} and {} characters",
        "at least": "at least {} characters",
        "at most": "at most {} characters",
        "exactly": "exactly {} characters",
        ">=": "{} or more",
        ">": "more than {}",
        "<=": "{} or less",
        "<": "less than {}",
        "from": "{} or later",
        "after": "after {}",
        "until": "{} or earlier",
        "before": "before {}",
        "others": "and {} more",
    },
}
