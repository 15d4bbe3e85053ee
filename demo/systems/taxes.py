"""The systems of the revenue agency, each a SQLite file of its own: SISMIOP, BPHTB, self-assessed taxes."""

from collections.abc import Sequence
from pathlib import Path

from demo.model import Row
from demo.systems import sqlite
from demo.tax_objects import NOP

_OBJECTS = dict.fromkeys(
    (*NOP, "SUBJEK_PAJAK_ID", "NM_WP", "JALAN_WP", "JALAN_OP", "KD_JPB", "TOTAL_LUAS_BUMI", "TOTAL_LUAS_BNG",
     "NJOP_BUMI", "NJOP_BNG"),
    "TEXT",
)  # fmt: skip
_BILLS = {
    **dict.fromkeys(NOP, "TEXT"),
    "THN_PAJAK_SPPT": "INTEGER",
    **dict.fromkeys(
        ("TGL_TERBIT_SPPT", "TGL_JATUH_TEMPO_SPPT", "NJOP_SPPT", "PBB_YG_HARUS_DIBAYAR_SPPT"), "TEXT"
    ),
}
_PAYMENTS = {
    **dict.fromkeys(NOP, "TEXT"),
    "THN_PAJAK_SPPT": "INTEGER",
    "PEMBAYARAN_SPPT_KE": "INTEGER",
    **dict.fromkeys(("DENDA_SPPT", "JML_SPPT_YG_DIBAYAR", "TGL_PEMBAYARAN_SPPT"), "TEXT"),
}
_TRANSACTIONS = dict.fromkeys(
    ("NO_SSPD", "NOP", "TGL_TRANSAKSI", "JENIS_PEROLEHAN", "NILAI_TRANSAKSI", "BPHTB_TERUTANG", "NAMA_WP",
     "NIK_WP", "ALAMAT_WP", "TGL_BAYAR", "JUMLAH_BAYAR"),
    "TEXT",
)  # fmt: skip
_TAXPAYERS = dict.fromkeys(
    ("NPWPD", "NAMA_USAHA", "NIB", "NPWP", "JENIS_PAJAK", "NAMA_PEMILIK", "NIK_PEMILIK", "ALAMAT",
     "KELURAHAN", "TGL_DAFTAR"),
    "TEXT",
)  # fmt: skip
_ASSESSMENTS = {
    "NPWPD": "TEXT",
    "TAHUN": "INTEGER",
    "BULAN": "INTEGER",
    **dict.fromkeys(
        ("KODE_REKENING", "OMZET", "PAJAK_TERUTANG", "JATUH_TEMPO", "JUMLAH_BAYAR", "TGL_BAYAR"), "TEXT"
    ),
}


def write_sismiop(file: Path, objects: Sequence[Row], bills: Sequence[Row], payments: Sequence[Row]) -> None:
    """Replace what SISMIOP holds."""
    tables = {
        "dat_objek_pajak": (_OBJECTS, objects),
        "sppt": (_BILLS, bills),
        "pembayaran_sppt": (_PAYMENTS, payments),
    }
    sqlite.write(file, tables)


def write_bphtb(file: Path, transactions: Sequence[Row]) -> None:
    """Replace what the transfer tax's application holds."""
    sqlite.write(file, {"sspd": (_TRANSACTIONS, transactions)})


def write_declared(file: Path, taxpayers: Sequence[Row], assessments: Sequence[Row]) -> None:
    """Replace what the application for self-assessed taxes holds."""
    sqlite.write(file, {"wajib_pajak": (_TAXPAYERS, taxpayers), "sptpd": (_ASSESSMENTS, assessments)})
