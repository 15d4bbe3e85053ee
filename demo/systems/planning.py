"""E-planning (Bappeda) and e-SAKIP, each a SQLite file of its own."""

from collections.abc import Sequence
from pathlib import Path

from demo.model import Row
from demo.systems import sqlite

_NODES = {
    "id_node": "INTEGER",
    "id_induk": "INTEGER",
    **dict.fromkeys(("dokumen", "jenis", "kode", "uraian", "kode_skpd", "nama_skpd", "indikator"), "TEXT"),
    "tahun_awal": "INTEGER",
    "tahun_akhir": "INTEGER",
}
_RKPD = {
    "tahun": "INTEGER",
    **dict.fromkeys(("kode_skpd", "kode_sub_kegiatan", "nama_skpd", "nama_sub_kegiatan"), "TEXT"),
    "id_sasaran": "INTEGER",
    **dict.fromkeys(("indikator", "target", "satuan"), "TEXT"),
    "pagu_indikatif": "TEXT",
    "tgl_penetapan": "TEXT",
}
_KUA_PPAS = {
    "tahun": "INTEGER",
    **dict.fromkeys(("kode_skpd", "kode_sub_kegiatan", "nama_skpd", "plafon"), "TEXT"),
}
_INDICATORS = {
    **dict.fromkeys(
        (
            "kode_indikator", "kode_tujuan", "uraian_tujuan", "kode_sasaran", "uraian_sasaran", "kode_skpd",
            "nama_skpd", "indikator", "satuan", "arah", "jenis",
        ),
        "TEXT",
    ),
    "tahun_awal": "INTEGER",
    "tahun_akhir": "INTEGER",
}  # fmt: skip
_ACHIEVEMENTS = {
    "kode_indikator": "TEXT",
    "tahun": "INTEGER",
    **dict.fromkeys(("periode", "target", "realisasi", "keterangan"), "TEXT"),
}


def write(file: Path, nodes: Sequence[Row], rkpd: Sequence[Row], kua_ppas: Sequence[Row]) -> None:
    """Replace what e-planning holds."""
    tables = {
        "pohon_kinerja": (_NODES, nodes),
        "rkpd_sub_kegiatan": (_RKPD, rkpd),
        "plafon_kua_ppas": (_KUA_PPAS, kua_ppas),
    }
    sqlite.write(file, tables)


def write_performance(file: Path, indicators: Sequence[Row], achievements: Sequence[Row]) -> None:
    """Replace what e-SAKIP holds."""
    sqlite.write(file, {"indikator": (_INDICATORS, indicators), "capaian": (_ACHIEVEMENTS, achievements)})
