"""Letters that were signed digitally, and the digital archive of the licensing office."""

from datetime import datetime, timedelta
from hashlib import sha256

from demo.licensing import ARCHIVED, PERMITS, SERVICES
from demo.model import City, Row, stamp

LETTERS, DOCUMENTS = "tte.letters", "arsip.documents"
_PTSP = "2.18.0.00.0.00.01.0000"
_PTSP_BEFORE = "2.18.2.07.0.00.01.0000"


def populate(city: City) -> None:
    """A letter for each decision, and what lies in the archive."""
    city.tables |= {LETTERS: {}, DOCUMENTS: {}}
    follow(city)


def follow(city: City) -> None:
    """Sign and file what was decided since; a revoked permit's letter is revoked with it."""
    letters, documents = city.tables[LETTERS], city.tables[DOCUMENTS]
    for permit in city.tables[PERMITS].values():
        number = int(str(permit["id"]))
        if number <= ARCHIVED:
            if (number * 10,) not in documents:
                documents[(number * 10,)] = _document(permit, "FISIK", None)
        elif permit["status"] in ("TERBIT", "DICABUT", "DITOLAK"):
            status = "DICABUT" if permit["status"] == "DICABUT" else "SAH"
            if letters.get((number,), {}).get("status") != status:
                letters[(number,)] = letter = _letter(city, permit, status)
                documents[(number * 10 + 1,)] = _document(permit, "DIGITAL", letter)


def _day(permit: Row) -> datetime:
    if permit["tgl_terbit"]:
        return datetime.strptime(f"{permit['tgl_terbit']} 16", "%d/%m/%Y %H")
    return datetime.strptime(f"{permit['tgl_permohonan']} 16", "%d/%m/%Y %H") + timedelta(days=8)


def _letter(city: City, permit: Row, status: str) -> Row:
    signed, is_granted = _day(permit), permit["status"] != "DITOLAK"
    service = city.tables[SERVICES][(permit["kode_layanan"],)]["nama"]
    number = f"{permit['id']}/{'IZN' if is_granted else 'TLK'}/DPMPTSP/{signed.year}"
    return {
        "id": permit["id"],
        "nomor_surat": number,
        "jenis": "IZIN" if is_granted else "PENOLAKAN",
        "perihal": f"{'Penerbitan' if is_granted else 'Penolakan'} {service}",
        "jabatan": "Kepala Dinas",
        "kode_opd": _PTSP if signed.year >= 2023 else _PTSP_BEFORE,
        "waktu_ttd": stamp(signed),
        "hash": sha256(f"{city.seed}:{number}".encode()).hexdigest(),
        "status": status,
        "no_izin": permit["no_izin"],
        "keterangan": None,
    }


def _document(permit: Row, medium: str, letter: Row | None) -> Row:
    day, pages = _day(permit), 2 + int(str(permit["id"])) % 30
    return {
        "id": int(str(permit["id"])) * 10 + (1 if letter else 0),
        "kode_klasifikasi": "503",
        "jenis": "SK_IZIN" if permit["no_izin"] else "BERKAS_PERMOHONAN",
        "judul": f"Berkas layanan {permit['kode_layanan']} nomor {permit['id']}",
        "nomor_rujukan": letter["nomor_surat"] if letter else permit["no_izin"],
        "tgl_dokumen": day.strftime("%Y-%m-%d"),
        "media": medium,
        "lokasi": "Server arsip" if letter else f"Rak {1 + int(str(permit['id'])) % 12}",
        "jumlah_halaman": f"{pages}",
        "retensi_tahun": "10" if permit["no_izin"] else "2",
        "nasib_akhir": "PERMANEN" if permit["no_pbg"] else "MUSNAH",
        "hash": letter["hash"] if letter else None,
        "keterangan": None,
    }
