"""Since when each side of a finding says what it says: when the value came, not when the row last changed."""

from collections.abc import Iterator, Mapping

from psycopg import sql

from lumbung.history_rows import versions_until
from lumbung.resolution.findings_said import FOUND, Speaker, speakers, street
from lumbung.resolution.links_people import text_of
from lumbung.resolution.register import parts
from lumbung.resolution.run import Run
from lumbung.resolution.survivorship import REGISTER
from schemas.contract import Contract

# The value of the last version has been there since the last moment at which there was another.
_DATED = sql.SQL("""
UPDATE {found} AS f SET {since} = d.since FROM (
    SELECT record, coalesce(max(recorded_to) FILTER (WHERE said IS DISTINCT FROM latest), min(recorded_from))
        AS since
    FROM (SELECT {record} AS record, {said} AS said, r.recorded_from, r.recorded_to,
            first_value({said}) OVER (PARTITION BY {record} ORDER BY r.recorded_from DESC) AS latest
        FROM ({versions}) AS r
        WHERE {record} IN (SELECT {f_record} FROM {found} WHERE field = {field} AND {f_dataset} = {dataset})
    ) AS v GROUP BY record
) AS d WHERE f.field = {field} AND f.{f_dataset} = {dataset} AND f.{f_role} = {role}
    AND f.{f_record} = d.record
""")
# A resident's address is that of the card: from when to when both were so.
_ON_CARDS = sql.SQL("""
SELECT r.{key}, {address} AS address, greatest(r.recorded_from, c.recorded_from) AS recorded_from,
    least(r.recorded_to, c.recorded_to) AS recorded_to
FROM ({residents}) AS r JOIN ({cards}) AS c ON c.{card} = r.{kk}
    AND c.recorded_from < r.recorded_to AND r.recorded_from < c.recorded_to
""")
_UNKNOWN = sql.SQL("UPDATE {} SET {side} = NULL WHERE {side} < '1970-01-02Z'")


def date_findings(run: Run) -> None:
    """Set `since` and `other_since` of what was found."""
    for speaker in speakers(run):
        for side in ("", "other_"):
            _date(run, speaker, side, speaker.versions(run))
    for contract in parts(run, "residents"):
        for side in ("", "other_"):
            _date(run, _register(contract), side, versions_until(contract, run.pins[contract.id]))
            for speaker, versions in _addresses(run, contract):
                _date(run, speaker, side, versions)
    for side in ("since", "other_since"):
        run.session.execute(_UNKNOWN.format(FOUND, side=sql.Identifier(side)))


def _date(run: Run, speaker: Speaker, side: str, versions: sql.Composed) -> None:
    for name, said in speaker.says.items():
        run.session.execute(
            _DATED.format(
                found=FOUND, since=sql.Identifier(f"{side}since"), record=speaker.record, said=said,
                versions=versions, field=sql.Literal(name), f_record=sql.Identifier(f"{side}record"),
                f_dataset=sql.Identifier(f"{side}dataset"), f_role=sql.Identifier(f"{side}role"),
                dataset=sql.Literal(speaker.contract.id), role=sql.Literal(speaker.role),
            )
        )  # fmt: skip


def _register(contract: Contract) -> Speaker:
    """The register's own part, as one that says things by the names of the fields."""
    columns = contract.register.columns
    fields = ("name", "birth_date", "birth_place", "sex", "kk_number", "mother_name")
    says: Mapping[str, sql.Composable] = {
        name: text_of(sql.Identifier("r", columns[name])) for name in fields if name in columns
    }
    return Speaker(contract, REGISTER, "person", says)


def _addresses(run: Run, contract: Contract) -> Iterator[tuple[Speaker, sql.Composed]]:
    for cards in parts(run, "family_cards"):
        columns = cards.register.columns
        address, rt, rw = (
            text_of(sql.Identifier("c", columns[name])) if name in columns else sql.SQL("''::text")
            for name in ("address", "rt", "rw")
        )
        versions = _ON_CARDS.format(
            key=sql.Identifier(contract.register.key), address=street(address, rt, rw),
            residents=versions_until(contract, run.pins[contract.id]),
            cards=versions_until(cards, run.pins[cards.id]),
            card=sql.Identifier(cards.register.kk_number), kk=sql.Identifier(contract.register.kk_number),
        )  # fmt: skip
        yield Speaker(contract, REGISTER, "person", {"address": sql.Identifier("r", "address")}), versions
