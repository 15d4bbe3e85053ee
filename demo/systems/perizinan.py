"""The licensing system on SQLite."""

from collections.abc import Sequence
from pathlib import Path

from demo.model import Row
from demo.systems import sqlite

_SERVICES = {"kode": "TEXT", "nama": "TEXT", "sektor": "TEXT"}
_PERMITS = {
    "id": "INTEGER",
    "no_izin": "TEXT",
    "kode_layanan": "TEXT",
    "nik_pemohon": "TEXT",
    "nama_pemohon": "TEXT",
    "nama_usaha": "TEXT",
    "nib": "TEXT",
    "kelurahan": "TEXT",
    "lokasi": "TEXT",
    "no_pbg": "TEXT",
    "tgl_permohonan": "TEXT",
    "tgl_terbit": "TEXT",
    "status": "TEXT",
    "retribusi": "TEXT",
}
_EVENTS = {
    "id": "INTEGER",
    "id_permohonan": "INTEGER",
    **dict.fromkeys(("waktu", "kegiatan", "unit", "catatan"), "TEXT"),
}


def write(file: Path, services: Sequence[Row], permits: Sequence[Row], events: Sequence[Row]) -> None:
    """Replace what the file holds."""
    sqlite.write(
        file,
        {
            "jenis_layanan": (_SERVICES, services),
            "permohonan": (_PERMITS, permits),
            "riwayat_permohonan": (_EVENTS, events),
        },
    )
