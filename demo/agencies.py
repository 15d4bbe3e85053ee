"""The agencies, their fields of affairs, accounts and topics: small lists in the manner of the real ones."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Agency:
    """An OPD: SIPD's id, 22-character code, name, field of affairs, and what its sub-activities are about."""

    id: int
    code: str
    name: str
    affair: str
    topics: tuple[str, ...]


#: Field of affairs | name of the field | agency | topics
_AGENCIES = """
1.01|Pendidikan|Dinas Pendidikan dan Kebudayaan|Sekolah Dasar;Sekolah Menengah Pertama;PAUD
1.02|Kesehatan|Dinas Kesehatan|Puskesmas;Kesehatan Ibu dan Anak;Imunisasi;Penanggulangan Stunting
1.03|Pekerjaan Umum|Dinas Pekerjaan Umum dan Penataan Ruang|Jalan Kota;Drainase;Jembatan;Trotoar
1.04|Perumahan Rakyat|Dinas Perumahan Rakyat dan Kawasan Permukiman|Rumah Tidak Layak Huni;Kawasan Kumuh
1.05|Ketenteraman dan Ketertiban Umum|Satuan Polisi Pamong Praja|Ketertiban Umum;Penegakan Peraturan Daerah
1.05|Ketenteraman dan Ketertiban Umum|Badan Penanggulangan Bencana Daerah|Pencegahan Bencana;Kebakaran Lahan
1.06|Sosial|Dinas Sosial|Keluarga Penerima Manfaat;Lanjut Usia Terlantar
2.07|Tenaga Kerja|Dinas Tenaga Kerja|Pelatihan Kerja;Hubungan Industrial
2.08|Pemberdayaan Perempuan|Dinas Pemberdayaan Perempuan dan Perlindungan Anak|Kota Layak Anak
2.09|Pangan|Dinas Pangan, Pertanian dan Perikanan|Cadangan Pangan;Nelayan;Hortikultura
2.11|Lingkungan Hidup|Dinas Lingkungan Hidup|Persampahan;Ruang Terbuka Hijau;Kualitas Air Sungai
2.12|Administrasi Kependudukan|Dinas Kependudukan dan Pencatatan Sipil|KTP Elektronik;Akta Kelahiran
2.14|Pengendalian Penduduk|Dinas Pengendalian Penduduk dan KB|Keluarga Berencana;Bina Keluarga Balita
2.15|Perhubungan|Dinas Perhubungan|Terminal;Parkir;Rambu Lalu Lintas
2.16|Komunikasi dan Informatika|Dinas Komunikasi dan Informatika|Pusat Data;Layanan Informasi Publik
2.17|Koperasi dan UKM|Dinas Koperasi, Usaha Mikro dan Perdagangan|Usaha Mikro;Pasar Rakyat
2.18|Penanaman Modal|Dinas Penanaman Modal dan PTSP|Perizinan Terpadu;Promosi Investasi
2.19|Kepemudaan dan Olahraga|Dinas Kepemudaan, Olahraga dan Pariwisata|Olahraga Prestasi;Destinasi Wisata
2.23|Perpustakaan|Dinas Perpustakaan dan Kearsipan|Perpustakaan Umum;Arsip Daerah
4.01|Sekretariat Daerah|Sekretariat Daerah|Kerja Sama Daerah;Kesejahteraan Rakyat
4.02|Sekretariat DPRD|Sekretariat DPRD|Reses;Pembahasan Peraturan Daerah
5.01|Perencanaan|Badan Perencanaan Pembangunan Daerah|RKPD;Penelitian dan Inovasi
5.02|Keuangan|Badan Keuangan dan Aset Daerah|Penyusunan APBD;Barang Milik Daerah
5.02|Keuangan|Badan Pendapatan Daerah|Pajak Daerah;Pendataan Objek Pajak
5.03|Kepegawaian|Badan Kepegawaian dan Pengembangan SDM|Mutasi dan Promosi;Diklat
6.01|Inspektorat|Inspektorat|Pengawasan Internal;Reviu Laporan Keuangan
7.01|Kecamatan|Kecamatan Pontianak Selatan|Pemberdayaan Kelurahan
7.01|Kecamatan|Kecamatan Pontianak Timur|Pemberdayaan Kelurahan
7.01|Kecamatan|Kecamatan Pontianak Barat|Pemberdayaan Kelurahan
7.01|Kecamatan|Kecamatan Pontianak Utara|Pemberdayaan Kelurahan
7.01|Kecamatan|Kecamatan Pontianak Kota|Pemberdayaan Kelurahan
7.01|Kecamatan|Kecamatan Pontianak Tenggara|Pemberdayaan Kelurahan
8.01|Kesatuan Bangsa|Badan Kesatuan Bangsa dan Politik|Wawasan Kebangsaan;Organisasi Kemasyarakatan
""".strip().splitlines()

#: Units that SIPD lists but that hold no budget lines of their own.
UNITS = tuple(f"UPT Puskesmas {n}" for n in range(1, 15))

ACTIONS = ("Penyediaan", "Pembinaan", "Peningkatan Kualitas", "Pengelolaan Data")

#: The supporting programme that every agency has.
SUPPORT = (
    ("X.XX.01.2.01.0001", "Penyusunan Dokumen Perencanaan Perangkat Daerah"),
    ("X.XX.01.2.01.0006", "Koordinasi dan Penyusunan Laporan Capaian Kinerja"),
    ("X.XX.01.2.02.0001", "Penyediaan Gaji dan Tunjangan ASN"),
    ("X.XX.01.2.05.0009", "Pendidikan dan Pelatihan Pegawai"),
    ("X.XX.01.2.06.0002", "Penyediaan Peralatan dan Perlengkapan Kantor"),
    ("X.XX.01.2.06.0009", "Penyelenggaraan Rapat Koordinasi dan Konsultasi SKPD"),
    ("X.XX.01.2.08.0002", "Penyediaan Jasa Komunikasi, Sumber Daya Air dan Listrik"),
    ("X.XX.01.2.09.0002", "Penyediaan Jasa Pemeliharaan Kendaraan Dinas"),
)
#: Sub-activities of the nomenclature that nobody budgets for this year.
UNUSED = tuple((f"X.XX.01.2.10.{n:04}", f"Peningkatan Pelayanan BLUD {n}") for n in range(1, 9))

SALARY = (
    ("5.1.01.01.01.0001", "Belanja Gaji Pokok PNS"),
    ("5.1.01.01.02.0001", "Belanja Tunjangan Keluarga PNS"),
)
ACCOUNTS = (
    ("5.1.02.01.01.0024", "Belanja Alat/Bahan untuk Kegiatan Kantor-Alat Tulis Kantor"),
    ("5.1.02.01.01.0052", "Belanja Makanan dan Minuman Rapat"),
    ("5.1.02.02.01.0026", "Belanja Jasa Tenaga Administrasi"),
    ("5.1.02.02.01.0061", "Belanja Tagihan Listrik"),
    ("5.1.02.03.02.0035", "Belanja Pemeliharaan Alat Angkutan"),
    ("5.1.02.04.01.0001", "Belanja Perjalanan Dinas Biasa"),
    ("5.2.02.05.01.0005", "Belanja Modal Alat Kantor Lainnya"),
    ("5.2.03.01.01.0001", "Belanja Modal Bangunan Gedung Kantor"),
    ("5.2.04.01.01.0003", "Belanja Modal Jalan Kota"),
)
REVENUES = (
    ("4.1.01.09.01", "Pajak Reklame \u2013 Papan/Billboard", 900),
    ("4.1.01.09.02", "Pajak Reklame \u2013 Kain", 40),
    ("4.1.01.12.01", "Pajak Air Tanah", 25),
    ("4.1.01.13.01", "Pajak Sarang Burung Walet", 12),
    ("4.1.01.15.01", "PBB-P2", 3400),
    ("4.1.01.16.01", "BPHTB \u2013 Pemindahan Hak", 5200),
    ("4.1.01.19.01", "PBJT atas Makanan dan/atau Minuman \u2013 Restoran, Kafé", 6100),
    ("4.1.01.19.02", "PBJT atas Tenaga Listrik", 7300),
    ("4.1.01.19.03", "PBJT atas Jasa Perhotelan", 2900),
    ("4.1.01.19.04", "PBJT atas Jasa Parkir", 310),
    ("4.1.01.19.05", "PBJT atas Jasa Kesenian dan Hiburan", 820),
    ("4.1.01.20.01", "Opsen PKB", 4800),
    ("4.1.01.21.01", "Opsen BBNKB", 3900),
    ("4.1.02.01.01", "Retribusi Pelayanan Kesehatan", 210),
    ("4.1.02.01.02", "Retribusi Pelayanan Persampahan/Kebersihan", 460),
    ("4.1.02.01.04", "Retribusi Parkir di Tepi Jalan Umum", 350),
    ("4.1.02.01.05", "Retribusi Pelayanan Pasar", 280),
    ("4.1.02.02.01", "Retribusi Pemakaian Kekayaan Daerah", 190),
    ("4.1.02.03.01", "Retribusi Persetujuan Bangunan Gedung", 620),
    ("4.1.03.02.01", "Bagian Laba BUMD \u2013 Bank Kalbar", 3100),
    ("4.1.04.05.01", "Jasa Giro", 430),
    ("4.1.04.16.01", "Pendapatan BLUD", 5600),
    ("4.2.01.01.01", "Dana Bagi Hasil", 6900),
    ("4.2.01.01.02", "Dana Alokasi Umum", 61000),
    ("4.2.02.01.01", "Pendapatan Bagi Hasil Pajak Provinsi", 8800),
)
#: What taxes were called and coded before 2024, when UU 1/2022 made one tax (PBJT) of them.
REVENUES_BEFORE_2024 = {
    "4.1.01.19.01": ("4.1.01.07.01", "Pajak Restoran"),
    "4.1.01.19.02": ("4.1.01.10.02", "Pajak Penerangan Jalan Sumber Lain"),
    "4.1.01.19.03": ("4.1.01.06.01", "Pajak Hotel"),
    "4.1.01.19.04": ("4.1.01.11.01", "Pajak Parkir"),
    "4.1.01.19.05": ("4.1.01.08.01", "Pajak Hiburan"),
}


def agencies() -> list[Agency]:
    """Every OPD with a budget."""
    seen: dict[str, int] = {}
    found = []
    for number, line in enumerate(_AGENCIES):
        affair, _, name, topics = line.split("|")
        seen[affair] = seen.get(affair, 0) + 1
        code = f"{affair}.0.00.0.00.{seen[affair]:02}.0000"
        found.append(Agency(3100 + number, code, name, affair, tuple(topics.split(";"))))
    return found


def revenues(year: int) -> list[tuple[str, str, int]]:
    """Code, name and size (million rupiah a month) of each revenue, as the year's rules have it."""
    listed = []
    for code, name, size in REVENUES:
        if year < 2024 and code in REVENUES_BEFORE_2024:
            code, name = REVENUES_BEFORE_2024[code]
        elif year < 2025 and "Opsen" in name:
            continue
        listed.append((code, name, size))
    return listed


def affairs() -> dict[str, str]:
    """Name of each field of affairs."""
    return {line.split("|")[0]: line.split("|")[1] for line in _AGENCIES}
