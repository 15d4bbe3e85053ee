"""No NIK and no number of a family card in any published table, save where its contract names it."""

from psycopg import sql

from schemas.contract import Contract
from tests.published_city import PublishedCity

_NUMBER = "[0-9]{16}"


def numbers_known(city: PublishedCity) -> set[str]:
    """Every 16-digit number in a personal column of any source."""
    found: set[str] = set()
    for contract in city.demo.hub.catalogue.sources.values():
        for column in contract.columns:
            if column.is_personal and column.pg_type == "text":
                query = sql.SQL("SELECT DISTINCT {} FROM {} WHERE {} ~ {}").format(
                    sql.Identifier(column.name), sql.Identifier("history", contract.table),
                    sql.Identifier(column.name), sql.Literal(f"^{_NUMBER}$"),
                )  # fmt: skip
                found |= {value for (value,) in city.rows(query.as_string())}
    return found


def numbers_shown(city: PublishedCity, contract: Contract) -> set[str]:
    """Every 16 digits in a row in the published table, whatever stands around them."""
    names = [column.name for column in contract.columns if not column.is_personal]
    text = sql.SQL("concat_ws(' ', {})").format(sql.SQL(", ").join(map(sql.Identifier, names)))
    query = sql.SQL("SELECT DISTINCT (regexp_matches({}, {}, 'g'))[1] FROM {}").format(
        text, sql.Literal(_NUMBER), sql.Identifier("published", contract.name)
    )
    return {value for (value,) in city.rows(query.as_string())}


def test_nobodys_number_is_published(published_city: PublishedCity) -> None:
    known = numbers_known(published_city)
    assert len(known) > 1000
    published = published_city.demo.hub.catalogue.published
    shown = {name: numbers_shown(published_city, contract) & known for name, contract in published.items()}
    assert {name: len(found) for name, found in shown.items() if found} == {}
