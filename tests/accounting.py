"""What a whole test session adds up to: faults tried and handled, rows read and accounted for.

Each warehouse is audited before it goes: what its loads read, against where the books say it went and what
history holds. The sums are pytest's last words.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg
import pytest

#: Of the sync loads that were applied: how many, rows read, and rows that the ledger does not explain.
_LEDGER = """
SELECT count(*), coalesce(sum(read_count), 0)::bigint, coalesce(sum(abs(
    read_count - staged_count - quarantined_count - filtered_count - superseded_count)), 0)::bigint
FROM ops.load WHERE state = 'applied' AND kind = 'sync'
"""
_LAST = """
SELECT replace(d.dataset, '.', '__'), l.after_count
FROM ops.dataset AS d JOIN ops.load AS l ON l.load_id = d.last_applied_load_id
"""


@dataclass
class Accounts:
    """The sums of one session."""

    loads: int = 0
    read: int = 0
    missing: int = 0
    tried: dict[int, bool] = field(default_factory=dict)

    def audit(self, url: str) -> None:
        """Add what the warehouse's books say; a database that is none, or has gone, is left out."""
        try:
            with psycopg.connect(url, connect_timeout=5) as link:
                row = link.execute("SELECT to_regclass('ops.load') IS NOT NULL").fetchone()
                if row and row[0]:
                    self._add(link)
        except psycopg.Error:
            return

    def _add(self, link: psycopg.Connection) -> None:
        loads, read, unexplained = link.execute(_LEDGER).fetchone() or (0, 0, 0)
        self.loads += loads
        self.read += read
        self.missing += unexplained
        for table, after in link.execute(_LAST).fetchall():
            self.missing += max(0, after - _open_versions(link, table))

    def note(self, item: pytest.Item, *, passed: bool) -> None:
        """Remember how a test of a fault ended: a fault is handled when none of its tests failed."""
        marked = [mark.args[0] for mark in item.iter_markers("fault")]
        general = getattr(getattr(item, "module", None), "FAULT", None)
        for fault in marked or ([general] if general else []):
            self.tried[fault] = self.tried.get(fault, True) and passed

    def plain(self) -> dict[str, Any]:
        """The sums, to be sent to another process."""
        return asdict(self)

    def take(self, sums: dict[str, Any]) -> None:
        """Add another process's sums."""
        self.loads += sums["loads"]
        self.read += sums["read"]
        self.missing += sums["missing"]
        for fault, passed in sums["tried"].items():
            self.tried[fault] = self.tried.get(fault, True) and passed

    def words(self) -> list[str]:
        """The last words."""
        handled = sum(self.tried.values())
        return [
            f"faults handled / tried: {handled} / {len(self.tried)}",
            f"rows read by {self.loads:,} applied loads: {self.read:,}; silently dropped: {self.missing:,}",
        ]


def _open_versions(link: psycopg.Connection, table: str) -> int:
    found = link.execute("SELECT to_regclass(%s) IS NOT NULL", [f'history."{table}"']).fetchone()
    if not found or not found[0]:
        return 0
    query = f"SELECT count(*) FROM history.\"{table}\" WHERE recorded_to = 'infinity'"
    row = link.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


ACCOUNTS = Accounts()
