"""NIKs that possibly replaced another: nobody said so, but one went as the other came, with equal facts."""

from psycopg import sql

from lumbung.resolution.merging import SPLITS
from lumbung.resolution.run import Run
from schemas.contract import Contract

# The load that closed the last version of one key opened the first version of the other.
_POSSIBLE = """
SELECT DISTINCT g.person_id, n.person_id, 'nik_replaced'
FROM (
    SELECT p.person_id, h.to_load_id AS load_id, {facts} FROM {history} h
    JOIN identity.person_key p ON p.source = 'nik' AND p.key = h.{key} AND p.to_run_id IS NULL
    WHERE h.to_load_id <= {load} AND NOT EXISTS (SELECT FROM {history} l
        WHERE l.{key} = h.{key} AND l.from_load_id >= h.to_load_id AND l.from_load_id <= {load})
) g
JOIN (
    SELECT p.person_id, h.from_load_id AS load_id, {facts} FROM {history} h
    JOIN identity.person_key p ON p.source = 'nik' AND p.key = h.{key} AND p.to_run_id IS NULL
    WHERE h.from_load_id IN (SELECT to_load_id FROM {history} WHERE to_load_id <= {load})
    AND NOT EXISTS (SELECT FROM {history} e WHERE e.{key} = h.{key} AND e.from_load_id < h.from_load_id)
) n USING (load_id, {names})
WHERE g.person_id <> n.person_id
AND NOT EXISTS (SELECT FROM ({splits}) s
    WHERE (s.one, s.other) IN ((g.person_id, n.person_id), (n.person_id, g.person_id)))
"""


def possible_successors(run: Run, contract: Contract) -> sql.Composed | None:
    """A SELECT of (person who went, person who came, reason); None when the contract names no facts."""
    said = contract.register
    if not (said.name and said.birth_date and said.kk_number):
        return None
    facts = (said.kk_number, said.name, said.birth_date)
    return sql.SQL(_POSSIBLE).format(
        facts=sql.SQL(", ").join(sql.Identifier("h", fact) for fact in facts),
        names=sql.SQL(", ").join(map(sql.Identifier, facts)),
        history=sql.Identifier("history", contract.table),
        key=sql.Identifier(said.key),
        load=sql.Literal(run.pins[contract.id]),
        splits=SPLITS,
    )
