"""What a contract says of the population register: which part of it the dataset is, and in which columns."""

from dataclasses import dataclass
from typing import Literal

Part = Literal["", "residents", "foreigners", "family_cards", "events"]
#: The parts, and the fields that each needs.
NEEDED: dict[str, tuple[str, ...]] = {
    "residents": ("key", "kk_number"),
    "foreigners": ("key",),
    "family_cards": ("kk_number",),
    "events": ("key", "kk_number", "kind", "old_key", "old_kk_number"),
}

#: Fields that name no column.
VALUES = ("key_corrected", "card_replaced", "died")


@dataclass(frozen=True)
class Register:
    """The dataset's part in the register, empty for none.

    `VALUES` are values of the column `kind`; all other fields are names of
    columns, empty where no column tells.
    """

    part: Part = ""
    key: str = ""
    kk_number: str = ""
    name: str = ""
    family_name: str = ""
    birth_date: str = ""
    birth_place: str = ""
    sex: str = ""
    mother_name: str = ""
    address: str = ""
    rt: str = ""
    rw: str = ""
    province: str = ""
    regency: str = ""
    district: str = ""
    village: str = ""
    kind: str = ""
    happened: str = ""
    old_key: str = ""
    old_kk_number: str = ""
    corrects: str = ""
    key_corrected: str = ""
    card_replaced: str = ""
    died: str = ""

    @property
    def columns(self) -> dict[str, str]:
        """The columns named, by field: `{"key": "nik"}`."""
        return {field: said for field, said in vars(self).items() if said and field not in ("part", *VALUES)}
