"""What moves people between family cards from one day to the next, and what is corrected of them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from demo import events
from demo.model import City, Key, Row, Value
from demo.names import full_name

_CHILD, _KIN = 4, 9
Settles = Callable[[Value, Value], Value]
_PLACE = ("NO_PROP", "NO_KAB", "NO_KEC", "NO_KEL")


class Moves:
    """One day of moves. `cards` and `residents` are SIAK's own tables."""

    def __init__(self, city: City, cards: dict[Key, Row], residents: dict[Key, Row]) -> None:
        self.city, self.cards, self.residents = city, cards, residents
        self.rng = city.rng("moves")

    def to_other_cards(self, count: int, *, is_told: bool = True) -> None:
        """Grown children go to live with kin; untold, the register shows it and no event does."""
        for key in self._grown(count):
            card = self.cards[self.rng.choice(self._peopled())]
            old = self.residents[key]["NO_KK"]
            if card["NO_KK"] == old:
                continue
            self._put(key, card, _KIN)
            if is_told:
                cards = {"NO_KK": card["NO_KK"], "NO_KK_LAMA": old}
                events.note(self.city, events.OTHER_CARD, key[0], self._lately(), **cards)

    def split(self, count: int, new_card: Callable[[Row], Row]) -> None:
        """Grown children get a card of their own; the number stays with those who stay."""
        for key in self._grown(count):
            old = self.residents[key]["NO_KK"]
            card = new_card(self.cards[(old,)])
            card["NAMA_KEP"] = self.residents[key]["NAMA_LGKP"]
            self._put(key, card, 1)
            cards = {"NO_KK": card["NO_KK"], "NO_KK_LAMA": old}
            events.note(self.city, events.CARD_SPLIT, key[0], self._lately(), **cards)

    def replace_cards(self, count: int, new_card: Callable[[Row], Row]) -> None:
        """Lost cards are replaced: another number, the same people."""
        for key in self.rng.sample(self._peopled(), count):
            lost = self.cards[key]
            card = new_card(lost)
            card |= {name: lost[name] for name in ("NAMA_KEP", "ALAMAT", "NO_RT", "NO_RW")}
            members = [k for k, row in self.residents.items() if row["NO_KK"] == key[0]]
            for member in members:
                self.residents[member] = self.residents[member] | {"NO_KK": card["NO_KK"]}
            del self.cards[key]
            head = next(k for k in members if self.residents[k]["STAT_HBKEL"] == 1)
            cards = {"NO_KK": card["NO_KK"], "NO_KK_LAMA": key[0]}
            events.note(self.city, events.CARD_REPLACED, head[0], self.city.today, **cards)

    def correct_niks(self, count: int, new_nik: Callable[[Row], Value], *, is_told: bool = True) -> None:
        """A NIK that was issued wrongly is replaced."""
        for key in self._grown(count):
            row = self.residents.pop(key)
            nik = new_nik(row)
            self.residents[(nik,)] = row | {"NIK": nik}
            if is_told:
                events.note(self.city, events.NIK_CORRECTED, nik, self.city.today, NIK_LAMA=key[0])

    def correct_names(self, count: int) -> None:
        """A name was written wrongly."""
        for key in self._grown(count):
            name = full_name(self.rng, self.residents[key]["JENIS_KLMIN"] == 2)
            self.residents[key] = self.residents[key] | {"NAMA_LGKP": name}
            said = {"KETERANGAN": "pembetulan nama"}
            events.note(self.city, events.CORRECTED, key[0], self.city.today, **said)

    def correct_dates(self, count: int) -> None:
        """A move happened earlier than was first told."""
        known = self.city.tables[events.EVENTS]
        corrected = {row["KOREKSI_ATAS"] for row in known.values()}
        moves = [
            row
            for key, row in known.items()
            if row["JENIS"] == events.OTHER_CARD and key[0] not in corrected and not self._is_of_today(row)
        ]
        for row in moves[-count:]:
            said = datetime.strptime(f"{row['TGL_PERISTIWA']}", "%d-%m-%Y").date()
            columns = ("NO_KK", "NO_KK_LAMA")
            same: Row = {name: row[name] for name in columns} | {"KOREKSI_ATAS": row["ID_PERISTIWA"]}
            events.note(self.city, events.OTHER_CARD, row["NIK"], said - timedelta(days=7), **same)

    def _is_of_today(self, event: Row) -> bool:
        return f"{event['TGL_ENTRI']}".startswith(self.city.today.isoformat())

    def _grown(self, count: int) -> list[Key]:
        """Children on a card who were born 20 years ago or earlier."""
        year = self.city.today.year - 20
        grown = (
            key
            for key, row in self.residents.items()
            if row["STAT_HBKEL"] == _CHILD and int(f"{row['TGL_LHR']}"[6:]) < year
        )
        return self.rng.sample(sorted(grown), count)

    def _peopled(self) -> list[Key]:
        return sorted({(row["NO_KK"],) for row in self.residents.values()} & self.cards.keys())

    def _put(self, key: Key, card: Row, relation: int) -> None:
        place = {name: card[name] for name in _PLACE}
        self.residents[key] = self.residents[key] | place | {"NO_KK": card["NO_KK"], "STAT_HBKEL": relation}

    def _lately(self) -> date:
        return self.city.today - timedelta(days=self.rng.randrange(1, 15))
