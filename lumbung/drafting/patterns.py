"""What Indonesian government data looks like: known codes, and what is personal.

Personal data after UU 27/2022, article 4: general (name, address, contact, ...) and specific (health,
biometrics, ...). Religion is general there.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """A known code: what its values look like, and whether a value of another shape is certainly wrong."""

    label: str
    pattern: str
    names: str = ""
    is_certain: bool = False


#: The first that fits wins. `names` is what a column that holds the code is called.
SHAPES = (
    Shape("NIK", "^[0-9]{16}$", r"(^|_)nik(_|$)", True),
    Shape("family card number", "^[0-9]{16}$", r"(^|_)(no_?kk|kk|kartu_keluarga)(_|$)", True),
    Shape("NOP (land tax object)", "^[0-9]{18}$", r"(^|_)nop(_|$)", True),
    Shape("NIB (business number)", "^[0-9]{13}$", r"(^|_)nib(_|$)", True),
    Shape("KBLI code", "^[0-9]{5}$", r"(^|_)kbli(_|$)"),
    Shape("NPWP", "^([0-9]{15,16}|[0-9.-]{20})$", r"(^|_)npwp(_|$)"),
    Shape("sub-activity code", r"^[0-9X]{1,2}[.][0-9X]{2}[.][0-9]{2}[.][0-9][.][0-9]{2}[.][0-9]{2,4}$"),
    Shape("account code", "^[0-9]([.][0-9]+){1,5}$", r"rekening|akun|account"),
    Shape("village code", "^[0-9]{2}[.][0-9]{2}[.][0-9]{2}[.][0-9]{4}$"),
    Shape(
        "region code", "^[0-9]{2}([.][0-9]{2}){0,2}([.][0-9]{4})?$", r"wilayah|kode|region|prop|kab|kec|kel"
    ),
    Shape("BPS village code", "^[0-9]{10}$", r"wilayah|kode|bps|desa|kel"),
)
_WORDS = r"(^|_)({})(_|$)"
_SPECIFIC = re.compile(
    _WORDS.format(
        "penyakit|diagnos[ai]s?|disease|icd|sidik_jari|fingerprint|biometri[ck]|disabilitas|"
        "disability|difabel|kesehatan|gol_dar(ah)?|golongan_darah|genetik|rekam_medis|gaji|penghasilan|salary"
    )
)
_PERSONAL = re.compile(
    _WORDS.format(
        "nik|no_?kk|nokk|npwp|nip|no_ktp|ktp|passport|paspor|soc_sec_id|ssn|nama_(lengkap|lgkp|ibu|ayah|suami|istri|"
        "anak|pemohon|pemilik|pelapor|wp|wajib_pajak|pasien|pegawai|penduduk|siswa|panggilan|depan|belakang)|"
        "(first|last|given|full|middle|contact|employee)_?name|surname|alamat|address|address_[0-9]|"
        "street_number|telepon|telp|tlp|no_hp|hp|handphone|phone|mobile|fax|e_?mail|surel|tanggal_lahir|"
        "tgl_lahir|tgl_lhr|tempat_lahir|tmpt_lhr|tempat_lhr|date_of_birth|birth_?date|dob|place_of_birth|"
        "jenis_kelamin|jenis_klmin|jk|gender|sex|status_kawin|marital_status|agama|religion"
    )
)
#: A name alone may be of a person or a thing.
_UNSURE = re.compile(
    r"^(nama|name|contact|pemilik|pemohon|pelapor|penerima)$|^nama_(?!(opd|skpd|unit|instansi|kelurahan|kecamatan|"
    r"kota|kab|desa|prov|wilayah|daerah|pemda|barang|kegiatan|program|bidang|urusan|jalan|perusahaan|usaha|produk|"
    r"rekening|akun|indikator|sub|jenis|satuan|izin|layanan|objek|aset|file|kelompok|bank|sekolah|pasar|bps|"
    r"kemendagri|[0-9]))"
)
_NIK = r"^[1-9][0-9]{5}(0[1-9]|[12][0-9]|3[01]|4[1-9]|[56][0-9]|7[01])(0[1-9]|1[0-2])[0-9]{6}$"
#: Contents that give a personal column away, whatever it is called.
_CONTENTS = {
    "NIK": re.compile(_NIK),
    "e-mail address": re.compile(r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$"),
    "mobile number": re.compile(r"^(\+?62|0)8[0-9][0-9 -]{6,12}$"),
}


@dataclass(frozen=True)
class Privacy:
    """How a column is classified, and why; `is_unsure` when a human has to look."""

    classification: str = "internal"
    reason: str = ""
    is_unsure: bool = False

    @property
    def is_personal(self) -> bool:
        """Whether no value of the column may be shown."""
        return self.classification != "internal"


def privacy(name: str, values: dict[str, int]) -> Privacy:
    """The classification of a column by its name, then by its `values` and how often each came."""
    if _SPECIFIC.search(name):
        return Privacy("specific-personal", "by its name")
    if _PERSONAL.search(name):
        return Privacy("personal", "by its name")
    if _UNSURE.search(name):
        return Privacy("personal", "by its name, which may be a thing's too", is_unsure=True)
    total = sum(values.values())
    for label, pattern in _CONTENTS.items():
        hits = sum(count for value, count in values.items() if pattern.match(value.strip()))
        if total and hits >= 0.2 * total:
            return Privacy("personal", f"some values look like a {label}", is_unsure=hits < 0.9 * total)
    return Privacy()


def known_shape(name: str, values: dict[str, int]) -> Shape | None:
    """The known code that every one of the values is, judged by name and shape; None when there is none."""
    for shape in SHAPES:
        if shape.names and not re.search(shape.names, name):
            continue
        if values and all(re.search(shape.pattern, value) for value in values):
            return shape
    return None
