"""Which records speak of one business: by NIB, by NPWP, and by name with address or owner.

A NIB is a business. An NPWP belongs to the NIB that stands beside it in any record; to none if it stands
beside two. Records without a usable number are compared: those that agree in name *and* in address or owner
are one business; where that leaves two to choose from, nobody chooses. Nothing is decided by a name alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID, uuid4

from lumbung.businesses.names import BusinessName, likeness
from lumbung.businesses.numbers import Npwp
from lumbung.identity import addresses
from lumbung.identity.spelling import sound

NIB, NPWP, RECORD = "nib", "npwp", "record"
MATCH, POSSIBLE, CONFLICT = "match", "possible", "conflict"
LINKAGE = "linkage"

#: From these scores on (0..100) names are the same, or may be; and addresses are the same.
SAME_NAME, LIKE_NAME, SAME_ADDRESS = 95, 88, 80
#: More records than this that sound alike are compared only within a kelurahan, or of one owner.
MOST_ALIKE = 400
_RANKS = {NIB: 0, NPWP: 1, RECORD: 2}


class Key(NamedTuple):
    """A number that names a business, or a record that does as long as no number is known."""

    system: str
    value: str

    @property
    def rank(self) -> tuple[int, str]:
        """Numbers come before records."""
        return _RANKS[self.system], self.value


@dataclass(frozen=True)
class Mention:
    """What one record says of a business; `record` tells records apart. The repr shows none of it."""

    record: str = field(repr=False)
    nib: str | None = field(default=None, repr=False)
    npwp: Npwp | None = field(default=None, repr=False)
    name: BusinessName = field(default=BusinessName("", ()), repr=False)
    address: str = field(default="", repr=False)
    kelurahan: str = field(default="", repr=False)
    owner: UUID | None = field(default=None, repr=False)

    @property
    def taxpayer(self) -> str:
        """The NPWP's taxpayer; empty where the check digit says that a digit is wrong."""
        return self.npwp.taxpayer if self.npwp and not self.npwp.is_doubtful else ""

    @property
    def is_vague(self) -> bool:
        """Whether it is a name and nothing else."""
        return not (self.nib or self.taxpayer or self.address or self.owner)


@dataclass(frozen=True)
class Found:
    """Whom a record means: `keys` is one for a match, the candidates for `possible` and `conflict`."""

    outcome: str
    method: str
    keys: tuple[Key, ...]
    #: 0 to 1; None where a number decides.
    score: float | None = None
    #: Scores and words, no values of the record.
    evidence: Mapping[str, object] = field(default_factory=dict)


class _Pair(NamedTuple):
    """Two records that may speak of one business, seen from one of them."""

    other: int
    is_same: bool
    score: float
    evidence: dict[str, object]


def resolve(mentions: Sequence[Mention]) -> list[Found | None]:
    """For each mention whom it means; None where it names no business."""
    nibs = _nibs(mentions)
    found = [_by_number(mention, nibs) for mention in mentions]
    bare = [i for i, mention in enumerate(mentions) if found[i] is None and mention.name.words]
    pairs = {i: list[_Pair]() for i in bare}
    for i, j in _candidates(mentions, bare):
        if pair := _compared(mentions[i], mentions[j]):
            for one, other in ((i, j), (j, i)):
                if one in pairs:
                    pairs[one].append(_Pair(other, *pair))
    by_number = list(found)
    for group in _groups(pairs):
        outcome, keys = _judged(group, mentions, by_number, pairs)
        for i in group:
            found[i] = _with_evidence(outcome, keys, pairs[i])
    return found


def businesses(mentions: Sequence[Mention], found: Sequence[Found | None]) -> dict[Key, set[Key]]:
    """The businesses that records mean, each by its leading key, with every key that names it."""
    made: dict[Key, set[Key]] = {}
    for mention, one in zip(mentions, found, strict=True):
        if one is None or one.outcome != MATCH:
            continue
        keys = made.setdefault(one.keys[0], {one.keys[0]})
        if one.method == LINKAGE:
            keys.add(Key(RECORD, mention.record))
        elif one.method == NPWP:
            keys.add(Key(NPWP, mention.taxpayer))
    for taxpayer, nibs in _nibs(mentions).items():
        if len(nibs) == 1:
            made[Key(NIB, *nibs)].add(Key(NPWP, taxpayer))
    return made


def identified(made: Mapping[Key, set[Key]], known: Mapping[Key, UUID]) -> dict[Key, UUID]:
    """The id of every key: as it was known, else of another key of the business, else a new random one.

    An id goes to one business only, first to the one whose leading key had it: so a business keeps its id
    when it becomes known by a number, and when others are found to be the same.
    """
    given: dict[Key, UUID] = {lead: known[lead] for lead in made if lead in known}
    taken = set(given.values())
    for lead in sorted(made.keys() - given.keys(), key=lambda key: key.rank):
        olds = (known[key] for key in sorted(made[lead], key=lambda key: key.rank) if key in known)
        given[lead] = next((old for old in olds if old not in taken), None) or uuid4()
        taken.add(given[lead])
    return {key: given[lead] for lead, keys in made.items() for key in keys}


def _nibs(mentions: Iterable[Mention]) -> dict[str, set[str]]:
    """The NIBs beside which each taxpayer stands."""
    nibs: defaultdict[str, set[str]] = defaultdict(set)
    for mention in mentions:
        if mention.nib and mention.taxpayer:
            nibs[mention.taxpayer].add(mention.nib)
    return nibs


def _by_number(mention: Mention, nibs: Mapping[str, set[str]]) -> Found | None:
    if mention.nib:
        return Found(MATCH, NIB, (Key(NIB, mention.nib),))
    if not mention.taxpayer:
        return None
    keys = tuple(Key(NIB, nib) for nib in sorted(nibs.get(mention.taxpayer, ())))
    if len(keys) > 1:
        return Found(CONFLICT, NPWP, keys, evidence={"why": "the NPWP stands beside several NIB"})
    return Found(MATCH, NPWP, keys or (Key(NPWP, mention.taxpayer),))


def _candidates(mentions: Sequence[Mention], bare: Sequence[int]) -> set[tuple[int, int]]:
    """Pairs worth comparing, one of each pair without a number: of one owner, or of a like sound."""
    blocks: defaultdict[object, list[int]] = defaultdict(list)
    for i, mention in enumerate(mentions):
        for block in (*_sounds(mention), *_homes(mention, mention.kelurahan), *_owner(mention)):
            blocks[block].append(i)
    return {
        (min(i, j), max(i, j))
        for i in bare
        for block in _asked(mentions[i])
        if len(blocks[block]) <= MOST_ALIKE
        for j in blocks[block]
        if i != j
    }


def _asked(mention: Mention) -> Iterator[object]:
    """The blocks to look in: of its kelurahan and of none, since two kelurahan speak against each other."""
    if mention.kelurahan:
        yield from _homes(mention, mention.kelurahan)
        yield from _homes(mention, "")
    else:
        yield from _sounds(mention)
    yield from _owner(mention)


def _sounds(mention: Mention) -> Iterator[tuple[str, object]]:
    if mention.name.words:
        yield "sound", tuple(sound(word) for word in mention.name.words[:2])
        yield "letters", mention.name.key[:6]


def _homes(mention: Mention, kelurahan: str) -> Iterator[object]:
    yield from ((*block, kelurahan) for block in _sounds(mention))


def _owner(mention: Mention) -> Iterator[object]:
    if mention.name.words and mention.owner:
        yield mention.owner


def _compared(one: Mention, other: Mention) -> tuple[bool, float, dict[str, object]] | None:
    """Whether two records are surely of one business, a score of 0 to 1, and why; None for no likeness."""
    owner = one.owner == other.owner if one.owner and other.owner else None
    name = likeness(one.name, other.name)
    if name.score < LIKE_NAME:
        return None
    address = addresses.similarity(one.address, other.address) if one.address and other.address else None
    kelurahan = one.kelurahan == other.kelurahan if one.kelurahan and other.kelurahan else None
    at_home = address is not None and address >= SAME_ADDRESS and kelurahan is not False
    against = owner is False or kelurahan is False or (address is not None and not at_home)
    if against and not at_home and owner is not True:
        return None
    is_same = name.score >= SAME_NAME and (owner is True or (at_home and owner is None))
    said = {"name": name.score, "why": list(name.evidence), "address": address, "owner": owner}
    evidence = {what: value for what, value in said.items() if value not in (None, [])}
    return is_same, name.score / (100 if owner or at_home else 200), evidence


def _groups(pairs: Mapping[int, Sequence[_Pair]]) -> list[list[int]]:
    """Records without a number that are surely of one business, those that stand alone included."""
    groups, seen = [], set[int]()
    for start in pairs:
        group, waiting = [], [start]
        while waiting:
            i = waiting.pop()
            if i not in seen:
                seen.add(i)
                group.append(i)
                waiting += [pair.other for pair in pairs[i] if pair.is_same and pair.other in pairs]
        if group:
            groups.append(sorted(group))
    return groups


def _judged(
    group: Sequence[int],
    mentions: Sequence[Mention],
    by_number: Sequence[Found | None],
    pairs: Mapping[int, Sequence[_Pair]],
) -> tuple[str, tuple[Key, ...]]:
    """What is said of the group, and its keys: those of records with numbers, or the first of its own."""

    def keys(*, same: bool) -> tuple[Key, ...]:
        alike = {pair.other for i in group for pair in pairs[i] if pair.is_same == same}
        found = {key for j in alike if (one := by_number[j]) and one.outcome == MATCH for key in one.keys}
        return tuple(sorted(found, key=lambda key: key.rank))

    if surely := keys(same=True):
        return (MATCH if len(surely) == 1 else CONFLICT), surely
    own = Key(RECORD, min(mentions[i].record for i in group))
    if len(group) > 1:
        return MATCH, (own,)
    # Who says where it is, or whose, is not made doubtful by one that says neither.
    vague = mentions[group[0]].is_vague
    others = [pair.other for pair in pairs[group[0]] if vague or not mentions[pair.other].is_vague]
    records = (Key(RECORD, mentions[j].record) for j in others if by_number[j] is None)
    candidates = (*keys(same=False), *records)
    return (POSSIBLE, candidates) if candidates else (MATCH, (own,))


def _with_evidence(outcome: str, keys: tuple[Key, ...], pairs: Sequence[_Pair]) -> Found:
    best = max(pairs, key=lambda pair: (pair.is_same, pair.score), default=None)
    if best is None:
        return Found(outcome, LINKAGE, keys, evidence={"why": ["no other record"]})
    return Found(outcome, LINKAGE, keys, best.score, best.evidence)
