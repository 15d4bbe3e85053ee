"""Findings beside values that differ: a NIK that is somebody else's, and people seen after their death."""

from collections.abc import Iterator

from psycopg import sql

from lumbung.resolution.findings_said import Speaker, part, speakers
from lumbung.resolution.links_people import PEOPLE, text_of
from lumbung.resolution.register import NIK, events_in_force, parts
from lumbung.resolution.run import Run
from lumbung.resolution.survivorship import REGISTER
from lumbung.resolution.tables import PERSON_CANDIDATE, PERSON_KEY
from lumbung.resolution.versions import as_of, listed
from schemas.contract import Contract
from schemas.entities import PersonRole

DISAGREEMENT, OTHER_PERSON = "disagreement", "nik_of_somebody_else"
CANDIDATE = "nik_changed_candidate"

_OTHER = sql.SQL("""
SELECT DISTINCT ON ({record}) {kind}, 'person', l.evidence #>> '{{candidates,0,person_id}}', 'name', {owner},
    {other_owner}, {dataset}, {role}, {record}, {is_personal}, {name}, r.recorded_from,
    {residents}, {register}, jsonb_build_array(p.nik)::text, p.name, NULL::timestamptz,
    round((l.evidence #>> '{{candidates,0,score}}')::numeric * 100)::integer
FROM ({versions}) AS r JOIN ({links}) AS l ON ({l_key}) = ({r_key})
JOIN {people} AS p ON p.nik = {nik}
WHERE r.recorded_to = 'infinity' AND l.outcome = 'conflict' ORDER BY {record}, p.entry
""")
# The first day by which somebody is known to have died, and the event that says so.
_DEATHS = sql.SQL("""
SELECT DISTINCT ON (k.person_id) k.person_id, jsonb_build_array(e.{key})::text AS record,
    e.{happened} AS happened, h.recorded_from
FROM (SELECT e.* {events}) AS e JOIN ({keys}) AS k ON k.source = {nik} AND k.key = e.{person}
JOIN {history} AS h ON h.{key} = e.{key} AND h.recorded_to = 'infinity'
ORDER BY k.person_id, e.{happened}, e.{key}
""")
_SEEN = sql.SQL("""
SELECT {kind}, 'person', l.person_id::text, 'alive', {owner}, {other_owner}, {dataset}, {role}, {record},
    {is_personal}, r.{seen}::date::text, r.recorded_from, {events}, {register}, d.record, d.happened::text,
    d.recorded_from, NULL::integer
FROM ({versions}) AS r JOIN ({links}) AS l ON ({l_key}) = ({r_key}) JOIN ({deaths}) AS d USING (person_id)
WHERE r.recorded_to = 'infinity' AND l.outcome = 'match' AND r.{seen}::date > d.happened
""")
# Somebody left the register as somebody came with the same facts: perhaps a NIK was corrected untold.
_CANDIDATES = sql.SQL("""
SELECT {kind}, 'person', c.person_id::text, 'nik', {owner}, {owner}, {dataset}, {register},
    c.person_id::text, false, c.person_id::text, NULL::timestamptz, {dataset}, {register},
    c.other_person_id::text, c.other_person_id::text, NULL::timestamptz, NULL::integer
FROM ({candidates}) AS c
""")


def candidate_findings(run: Run) -> Iterator[sql.Composed]:
    """A SELECT of pairs of people who are possibly one, by their ids; the register's agency decides."""
    if residents := part(run, "residents"):
        yield _CANDIDATES.format(
            kind=sql.Literal(CANDIDATE),
            owner=sql.Literal(residents.owner),
            dataset=sql.Literal(residents.id),
            register=sql.Literal(REGISTER),
            candidates=as_of(PERSON_CANDIDATE, run.run_id),
        )


def other_person_findings(run: Run) -> Iterator[sql.Composed]:
    """SELECTs of records whose NIK is registered for somebody of another name."""
    for speaker, role in _people(run):
        if role.nik and role.name and (residents := part(run, "residents")):
            yield _OTHER.format(
                kind=sql.Literal(OTHER_PERSON),
                name=text_of(sql.Identifier("r", role.name)),
                nik=text_of(sql.Identifier("r", role.nik)),
                residents=sql.Literal(residents.id),
                other_owner=sql.Literal(residents.owner),
                people=PEOPLE,
                **_of(run, speaker),
            )


def death_findings(run: Run) -> Iterator[sql.Composed]:
    """SELECTs of records that say that somebody was alive after the day of death that the register has."""
    for events in parts(run, "events"):
        if not (events.register.died and events.register.happened):
            continue
        for speaker, role in _people(run):
            if role.seen_on:
                yield _SEEN.format(
                    kind=sql.Literal(DISAGREEMENT),
                    seen=sql.Identifier(role.seen_on),
                    events=sql.Literal(events.id),
                    other_owner=sql.Literal(events.owner),
                    deaths=_deaths(run, events),
                    **_of(run, speaker),
                )


def _people(run: Run) -> Iterator[tuple[Speaker, PersonRole]]:
    for speaker in speakers(run):
        for role in speaker.contract.entities.persons:
            if role.role == speaker.role:
                yield speaker, role


def _of(run: Run, speaker: Speaker) -> dict[str, sql.Composable]:
    contract = speaker.contract
    return {
        "owner": sql.Literal(contract.owner),
        "dataset": sql.Literal(contract.id),
        "role": sql.Literal(speaker.role),
        "register": sql.Literal(REGISTER),
        "record": speaker.record,
        "is_personal": sql.Literal(speaker.is_record_personal),
        "versions": speaker.versions(run),
        "links": speaker.links(run),
        "l_key": listed(contract.key, "l"),
        "r_key": listed(contract.key, "r"),
    }


def _deaths(run: Run, events: Contract) -> sql.Composed:
    register = events.register
    return _DEATHS.format(
        key=sql.Identifier(events.key[0]),
        happened=sql.Identifier(register.happened),
        events=events_in_force(run, events, register.died),
        keys=as_of(PERSON_KEY, run.run_id),
        nik=sql.Literal(NIK),
        person=sql.Identifier(register.key),
        history=sql.Identifier("history", events.table),
    )
