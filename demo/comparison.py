"""What the Ministry of Finance publishes of all governments' budgets: a CSV file, and the workbook behind it.

The governments and accounts are real ones with their codes; the amounts are made up.
"""

from random import Random

from demo.model import City, Row

BUDGETS, GOVERNMENTS = "djpk.budgets", "djpk.government_budgets"
#: The year whose budgets were published last.
_PUBLISHED = 2023
#: Code of the Ministry of Finance | BPS | name | size (billion rupiah)
_GOVERNMENTS = """
14.00|6100|Provinsi Kalimantan Barat|6000
14.09|6171|Kota Pontianak|1900
14.10|6172|Kota Singkawang|1000
14.14|6112|Kabupaten Kubu Raya|1700
15.06|6271|Kota Palangkaraya|1200
16.10|6372|Kota Banjar baru|1400
16.11|6371|Kota Banjarmasin|2100
17.09|6471|Kota Balikpapan|3200
17.10|6473|Kota Bontang|1700
17.11|6472|Kota Samarinda|3600
20.24|7371|Kota Makassar|4700
13.37|3578|Kota Surabaya|10500
02.15|1275|Kota Medan|6900
03.12|1371|Kota Padang|2600
10.17|3273|Kota Bandung|7200
11.33|3374|Kota Semarang|5400
18.05|7171|Kota Manado|1800
22.09|5171|Kota Denpasar|2300
23.07|5271|Kota Mataram|1600
25.05|8171|Kota Ambon|1300
""".strip()
#: Code | name | group | part of the size (per mille)
_ACCOUNTS = """
4101|Pajak Daerah|41. Pendapatan Asli Daerah (PAD)|230
4102|Retribusi Daerah|41. Pendapatan Asli Daerah (PAD)|30
4104|Lain-lain PAD yang Sah|41. Pendapatan Asli Daerah (PAD)|60
4201|Pendapatan Transfer Pemerintah Pusat|42. Pendapatan Transfer|550
4202|Pendapatan Transfer Antar Daerah|42. Pendapatan Transfer|130
5101|Belanja Pegawai|51. Belanja Operasi|360
5102|Belanja Barang dan Jasa|51. Belanja Operasi|300
5202|Belanja Modal Peralatan dan Mesin|52. Belanja Modal|60
5204|Belanja Modal Jalan, Jaringan, dan Irigasi|52. Belanja Modal|180
5301|Belanja Tidak Terduga|53. Belanja Tidak Terduga|5
6101|Sisa Lebih Perhitungan Anggaran Tahun Sebelumnya|61. Penerimaan Pembiayaan|40
""".strip()
_CLASSES = {"4": "4. Pendapatan Daerah", "5": "5. Belanja Daerah", "6": "6. Pembiayaan Daerah"}


def populate(city: City) -> None:
    """Publish the budgets of one year; they don't change afterwards."""
    rng = city.rng("comparison")
    city.tables |= {BUDGETS: {}, GOVERNMENTS: {}}
    for government in _GOVERNMENTS.splitlines():
        for account in _ACCOUNTS.splitlines():
            _budget(city, rng, government.split("|"), account.split("|"))


def _budget(city: City, rng: Random, government: list[str], account: list[str]) -> None:
    code, region, name, size = government
    kind, title, group, part = account
    amount = int(size) * int(part) * rng.randrange(800_000, 1_200_000)
    key = (code, _PUBLISHED, kind)
    row: Row = {
        "wilayah": region,
        "Kodepemda": code,
        "Tahun": _PUBLISHED,
        "standarjenis_APBD_id": kind,
        "nilai": amount,
        "versi": "2023-05-12",
        "satuan": "-",
        "sumber": "-",
        "keterangan": "-",
    }
    city.tables[BUDGETS][key] = row
    city.tables[GOVERNMENTS][key] = {
        "kodewilayahbps": region,
        "Kodepemda": code,
        "Namapemda": name,
        "standarjenis_by_kode": kind,
        "Standarjenis": f"{kind}. {title}",
        "standarkelompok_by_kode": kind[:2],
        "Standarkelompok": group,
        "standarutama_by_kode": kind[0],
        "Standarutama": _CLASSES[kind[0]],
        "Nilaianggaran": amount,
        "Tahun": _PUBLISHED,
        "Versi": None,
    }
