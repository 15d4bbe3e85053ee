"""The plan's tree: missions, goals, outcomes of the city (RPJMD), and what agencies do for them (Renstra)."""

from dataclasses import dataclass

from demo.agencies import Agency, agencies
from demo.model import City, Row

NODES = "planning.plan_nodes"

#: Mission | fields of affairs that serve it | goals, each with its outcomes
_MISSIONS = (
    ("Mewujudkan sumber daya manusia yang sehat, cerdas dan berbudaya",
     ("1.01", "1.02", "1.06", "2.08", "2.12", "2.14", "2.19", "2.23"),
     (("Meningkatnya kualitas hidup", ("Meningkatnya derajat kesehatan", "Meningkatnya mutu pendidikan")),
      ("Meningkatnya kesejahteraan sosial", ("Menurunnya kemiskinan",)))),
    ("Menciptakan infrastruktur perkotaan yang berkualitas dan lingkungan yang nyaman",
     ("1.03", "1.04", "1.05", "2.11", "2.15"),
     (("Meningkatnya kualitas infrastruktur", ("Meningkatnya jalan dan drainase dalam kondisi baik",)),
      ("Meningkatnya mutu lingkungan", ("Meningkatnya kualitas air", "Menurunnya risiko bencana")))),
    ("Meningkatkan tata kelola pemerintahan yang bersih dan melayani",
     ("2.16", "4.01", "4.02", "5.01", "5.02", "5.03", "6.01", "7.01", "8.01"),
     (("Meningkatnya mutu birokrasi",
       ("Meningkatnya akuntabilitas pemerintah", "Meningkatnya pelayanan publik")),)),
    ("Memperkuat ekonomi kota yang berdaya saing",
     ("2.07", "2.09", "2.17", "2.18"),
     (("Meningkatnya ekonomi kota", ("Meningkatnya investasi dan usaha", "Menurunnya pengangguran")),)),
)  # fmt: skip


@dataclass(frozen=True)
class Period:
    """Five years of an RPJMD; `number` begins the ids and codes of its nodes."""

    number: int
    first: int
    last: int


PERIODS = (Period(20, 2020, 2024), Period(25, 2025, 2029))


def period_of(year: int) -> Period:
    """The RPJMD that holds for a year."""
    return next(period for period in PERIODS if period.first <= year <= period.last)


def outcome_ids(agency: Agency, period: Period) -> tuple[int, int]:
    """The agency's two outcomes: of its own field, and of how it is run."""
    first = period.number * 10_000 + _place(agency)
    return first, first + 1


def _place(agency: Agency) -> int:
    """Where the agency's nodes begin within a period's."""
    return (agency.id - 3000) * 10


def outcome_code(agency: Agency, period: Period, number: int) -> str:
    """The code that e-planning and e-SAKIP both write."""
    return f"{period.number}.R.{agency.code[:4]}.{agency.code[15:17]}.{number}"


def outcome_names(agency: Agency) -> tuple[str, str]:
    """What the agency's two outcomes are called."""
    return (
        f"Meningkatnya kualitas layanan {agency.topics[0]}",
        "Meningkatnya akuntabilitas kinerja perangkat daerah",
    )


def programs(agency: Agency) -> list[tuple[str, str, int]]:
    """Code, name and outcome (0 or 1) of the agency's programmes."""
    own = [
        (f"{agency.affair}.{2 + topic:02}", f"Program {agency.topics[0]}", 0)
        for topic in range(len(agency.topics))
    ]
    return [("X.XX.01", "Penunjang Urusan Pemerintahan Daerah", 1), *own]


def populate(city: City) -> None:
    """Both periods' trees. One programme names a parent that isn't there."""
    city.tables[NODES] = {}
    for period in PERIODS:
        outcomes = _city_nodes(city, period)
        for number, agency in enumerate(agencies()):
            _agency_nodes(
                city, period, agency, outcomes[agency.affair][number % len(outcomes[agency.affair])]
            )
    lost = max(key for key, row in city.tables[NODES].items() if row["jenis"] == "PROGRAM")
    city.tables[NODES][lost]["id_induk"] = 999_999
    city.known.append(("node_without_parent", str(lost[0])))


def city_outcomes(period: Period) -> list[tuple[str, str, str, str]]:
    """Code and name of each outcome of the RPJMD, with code and name of its goal."""
    found = []
    for mission, (_, _, goals) in enumerate(_MISSIONS, 1):
        for goal, (aim, outcomes) in enumerate(goals, 1):
            for number, outcome in enumerate(outcomes, 1):
                place = f"{mission}.{goal}"
                found.append(
                    (f"{period.number}.S{place}.{number}", outcome, f"{period.number}.T{place}", aim)
                )
    return found


def _city_nodes(city: City, period: Period) -> dict[str, list[int]]:
    """Ids of the city's outcomes that serve each field of affairs."""
    serving: dict[str, list[int]] = {}
    for mission, (vision, affairs, goals) in enumerate(_MISSIONS, 1):
        root = _node(city, period, mission, None, ("RPJMD", "MISI", f"{period.number}.M{mission}", vision))
        for goal, (aim, outcomes) in enumerate(goals, 1):
            place, number = f"{mission}.{goal}", mission * 10 + goal
            parent = _node(city, period, number, root, ("RPJMD", "TUJUAN", f"{period.number}.T{place}", aim))
            for last, outcome in enumerate(outcomes, 1):
                said = ("RPJMD", "SASARAN", f"{period.number}.S{place}.{last}", outcome)
                node = _node(city, period, number * 10 + last, parent, said)
                for affair in affairs:
                    serving.setdefault(affair, []).append(node)
    return serving


def _agency_nodes(city: City, period: Period, agency: Agency, city_outcome: int) -> None:
    place = _place(agency)
    for number, name in enumerate(outcome_names(agency)):
        said = ("RENSTRA", "SASARAN", outcome_code(agency, period, number + 1), name)
        _node(city, period, place + number, city_outcome, said, agency)
    ids = outcome_ids(agency, period)
    for number, (code, name, served) in enumerate(programs(agency), 2):
        _node(city, period, place + number, ids[served], ("RENSTRA", "PROGRAM", code, name), agency)


def _node(
    city: City,
    period: Period,
    place: int,
    parent: int | None,
    said: tuple[str, str, str, str],
    agency: Agency | None = None,
) -> int:
    document, level, code, name = said
    row: Row = {
        "id_node": period.number * 10_000 + place,
        "id_induk": parent,
        "dokumen": document,
        "jenis": level,
        "kode": code,
        "uraian": name,
        "kode_skpd": agency.code if agency else None,
        "nama_skpd": agency.name if agency else None,
        "indikator": f"Indikator {name[0].lower()}{name[1:]}" if level == "SASARAN" else None,
        "tahun_awal": period.first,
        "tahun_akhir": period.last,
    }
    city.tables[NODES][(row["id_node"],)] = row
    return period.number * 10_000 + place
