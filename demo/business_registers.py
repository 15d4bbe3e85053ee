"""Businesses as two registers know them: the national OSS, and the trade licences (SIUP) before it."""

from datetime import date
from random import Random

from demo.licensing import PERMITS
from demo.model import City, Kelurahan, Key, Row, Value, days_between, kecamatans, kelurahans, spellings
from demo.names import LAST, address, full_name
from demo.people import RESIDENTS

PROJECTS, TRADE_LICENCES = "oss.projects", "siup.licences"
#: Businesses per resident that no permit of the city's names, and fewest of them.
_PROJECTS, _LICENCES, _FEWEST = 0.06, 0.05, 200
#: KBLI 2020 | title
_KBLI = """
47111|Perdagangan Eceran Berbagai Macam Barang di Minimarket
47112|Perdagangan Eceran di Toko Kelontong
56101|Restoran
56103|Kedai Makanan
47721|Perdagangan Eceran Barang Farmasi di Apotek
73100|Periklanan
52215|Aktivitas Perparkiran di Badan Jalan
85131|Pendidikan Taman Kanak-kanak Swasta
01111|Pertanian Jagung
03211|Pembesaran Ikan Laut
08103|Penggalian Pasir
41011|Konstruksi Gedung Hunian
""".strip().splitlines()
#: KBLI of the businesses behind a permit, by service.
_OF_SERVICE = {"APT": 4, "REK": 5, "PKR": 6, "PAUD": 7}
_SCALES = ("Usaha Mikro", "Usaha Kecil", "Usaha Menengah", "Usaha Besar")


def populate(city: City, residents: int) -> None:
    """Projects of the businesses that permits name and of others, and the trade licences of former years."""
    city.tables |= {PROJECTS: {}, TRADE_LICENCES: {}}
    follow(city)
    rng, people = city.rng("oss"), sorted(city.tables[RESIDENTS])
    for number in range(max(_FEWEST, int(residents * _PROJECTS))):
        row = _project(
            city, rng, f"{rng.randrange(10**12, 10**13)}", number, city.tables[RESIDENTS][rng.choice(people)]
        )
        city.tables[PROJECTS][(row["nib"], row["id_proyek"])] = row
    for number in range(max(_FEWEST, int(residents * _LICENCES))):
        row = _licence(city, rng, number, rng.choice(people))
        city.tables[TRADE_LICENCES][(row["no_siup"],)] = row


def follow(city: City) -> None:
    """A project for each business that has applied for a permit since."""
    known, residents = {nib for nib, _ in city.tables[PROJECTS]}, city.tables[RESIDENTS]
    for permit in city.tables[PERMITS].values():
        owner = residents.get((permit["nik_pemohon"],))
        if permit["nib"] and permit["nib"] not in known and owner:
            rng = Random(f"{city.seed}:{permit['nib']}")
            row = _project(city, rng, f"{permit['nib']}", 10**6 + int(str(permit["id"])), owner)
            code, title = _KBLI[_OF_SERVICE[f"{permit['kode_layanan']}"]].split("|")
            row |= {"nama_perusahaan": permit["nama_usaha"], "alamat_usaha": permit["lokasi"]}
            row |= {"kbli": code, "judul_kbli": title}
            city.tables[PROJECTS][(row["nib"], row["id_proyek"])] = row


def unlicensed(city: City) -> list[Key]:
    """Projects of businesses that no permit names."""
    named = {row["nib"] for row in city.tables[PERMITS].values()}
    return [key for key in city.tables[PROJECTS] if key[0] not in named]


def _project(city: City, rng: Random, nib: str, number: int, owner: Row) -> Row:
    """A row of the export: regions are names, and a code that begins with 0 has often lost it."""
    home, scale = rng.choice(kelurahans()), rng.choices(range(4), (70, 20, 7, 3))[0]
    issued = days_between(rng, date(2021, 8, 9), city.today)
    code, title = rng.choice(_KBLI).split("|")
    kind = "PT" if scale > 1 else rng.choice(("CV", "Perorangan", "Perorangan"))
    return {
        "id_proyek": f"R-{issued:%Y%m}{number:09}",
        "uraian_jenis_proyek": "Utama",
        "nib": nib,
        "npwp_perusahaan": None if kind == "Perorangan" else f"0{rng.randrange(10**14, 10**15)}",
        "nama_perusahaan": _name(rng, kind),
        "tanggal_terbit_oss": issued.strftime("%d/%m/%Y"),
        "uraian_status_penanaman_modal": "PMDN",
        "uraian_jenis_perusahaan": kind,
        "uraian_risiko_proyek": ("Rendah", "Menengah Rendah", "Menengah Tinggi", "Tinggi")[scale],
        "nama_proyek": title,
        "uraian_skala_usaha": _SCALES[scale],
        **_where(rng, home),
        "tanggal_pengajuan_proyek": issued.strftime("%d/%m/%Y"),
        "kbli": int(code) if code.startswith("0") and rng.random() < 0.7 else code,
        "judul_kbli": title,
        "kl_sektor_pembina": "Kementerian Perdagangan",
        "nama_user": owner["NAMA_LGKP"],
        "nomor_identitas_user": owner["NIK"],
        "email": None,
        "luas_tanah": rng.randrange(20, 900),
        "jumlah_investasi": rng.randrange(5, 900) * 10 ** (5 + scale) * 10,
        "tki": rng.randrange(1, 5) * 4**scale,
    }


def _name(rng: Random, kind: str) -> str:
    form = "UD." if kind == "Perorangan" else kind
    return f"{form} {rng.choice(LAST)} {rng.choice(('JAYA', 'MANDIRI', 'KHATULISTIWA'))}"


def _where(rng: Random, home: Kelurahan) -> Row:
    return {
        "alamat_usaha": address(rng),
        "kab_kota_usaha": "Kota Pontianak",
        "kecamatan_usaha": kecamatans()[home.code[:8]],
        "kelurahan_usaha": rng.choice(spellings()[home.code]),
        "longitude": f"109.{rng.randrange(280000, 390000)}",
        "latitude": f"-0.0{rng.randrange(10000, 90000)}",
    }


def _licence(city: City, rng: Random, number: int, person: Key) -> Row:
    owner, home = city.tables[RESIDENTS][person], rng.choice(kelurahans())
    issued = days_between(rng, date(2012, 1, 2), date(2018, 6, 29))
    size: Value = rng.choice(("M", "K", "K", "K", "S"))
    return {
        "no_siup": f"503/{number + 1:05}/SIUP-{size}/BP2T/{issued.year}",
        "nama_perusahaan": f"{rng.choice(('UD.', 'TOKO', 'CV'))} {full_name(rng, female=False).split()[-1]}",
        "nik_pemilik": owner["NIK"],
        "nama_pemilik": owner["NAMA_LGKP"],
        "alamat": address(rng),
        "kelurahan": rng.choice(spellings()[home.code]).title(),
        "kelas": {"M": "MIKRO", "K": "KECIL"}.get(f"{size}", "MENENGAH"),
        "tgl_terbit": issued.strftime("%d/%m/%Y"),
        "berlaku_sampai": issued.replace(year=issued.year + 5, day=min(issued.day, 28)).strftime("%d/%m/%Y"),
        "tenaga_kerja": rng.randrange(1, 30),
        "keterangan": None,
    }
