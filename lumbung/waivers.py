"""Waivers: the owner of the data accepts that refused rows stay out, by name and for a reason on record.

A waived entry is told to nobody any more and not replayed, but its rows still count as refused in every
load that reads them. It ends as an open one does: when its row changes, goes, or comes good.
"""

from collections.abc import Collection

from lumbung.errors import WaiverRefused
from lumbung.warehouse import Session


def waive(session: Session, entry_ids: Collection[int], by: str, reason: str) -> None:
    """Waive these open entries, all or none; raises `WaiverRefused` naming those that are not open."""
    done = session.execute(
        "UPDATE quarantine.entry SET state = 'waived', waived_by = %s, waived_reason = %s, waived_at = now() "
        "WHERE entry_id = ANY(%s) AND state = 'open' RETURNING entry_id",
        [by, reason, list(entry_ids)],
    ).fetchall()
    _refuse_others(session, entry_ids, {entry_id for (entry_id,) in done}, "open entries can be waived")


def reopen(session: Session, entry_ids: Collection[int]) -> None:
    """Take the waivers of these entries back, all or none; raises `WaiverRefused` as `waive` does."""
    done = session.execute(
        "UPDATE quarantine.entry SET state = 'open', waived_by = NULL, waived_reason = NULL, "
        "waived_at = NULL WHERE entry_id = ANY(%s) AND state = 'waived' RETURNING entry_id",
        [list(entry_ids)],
    ).fetchall()
    _refuse_others(session, entry_ids, {entry_id for (entry_id,) in done}, "waived entries can be reopened")


def _refuse_others(session: Session, wanted: Collection[int], done: set[int], only: str) -> None:
    others = sorted(set(wanted) - done)
    if not others:
        return
    rows = session.execute(
        "SELECT entry_id, state FROM quarantine.entry WHERE entry_id = ANY(%s)", [others]
    ).fetchall()
    found = {row[0]: row[1] for row in rows}
    told = ", ".join(f"{entry_id} is {found.get(entry_id, 'not there')}" for entry_id in others)
    raise WaiverRefused(f"nothing was changed, for only {only}: {told}; `lumbung quarantine list` shows them")
