"""What a budget line says beside its amount: the source of funds, and the kelurahan where there is one."""

from zlib import crc32

from demo.agencies import Agency
from demo.model import Row, kecamatans, kelurahans, spellings

#: Source of funds, as SIPD calls it, and how many of ten lines it pays.
_FUNDS = (
    ("Pendapatan Asli Daerah (PAD)", 4),
    ("Dana Alokasi Umum (DAU)", 4),
    ("Dana Alokasi Khusus (DAK) Fisik", 1),
    ("Dana Bagi Hasil (DBH)", 1),
)
_ROADS = ("Jalan Kota", "Drainase", "Trotoar")


def detail(agency: Agency, sub_activity: str, account: str) -> Row:
    """The same line has the same in every year."""
    number = crc32(f"{agency.code}|{sub_activity}|{account}".encode())
    by_tenths = [name for name, tenths in _FUNDS for _ in range(tenths)]
    fund = by_tenths[0] if account.startswith("5.1.01") else by_tenths[number % 10]
    return {"sumber_dana": fund, "nama_lurah": _kelurahan(agency, sub_activity, number)}


def _kelurahan(agency: Agency, sub_activity: str, number: int) -> str | None:
    """Spelt in one of the ways in use: for what kecamatan do in their kelurahan, and for roads and drains."""
    area = next((code for code, name in kecamatans().items() if agency.name == f"Kecamatan {name}"), None)
    if area and sub_activity.endswith("Pemberdayaan Kelurahan"):
        places = [place for place in kelurahans() if place.code.startswith(area)]
    elif sub_activity.endswith(_ROADS) and number % 3 == 0:
        places = list(kelurahans())
    else:
        return None
    place = places[number % len(places)]
    return spellings()[place.code][number % len(spellings()[place.code])]
