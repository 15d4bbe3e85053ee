"""Defect lists on their way to the owners: files of the last loads, and one mail a load that changed them."""

import logging
from dataclasses import dataclass
from pathlib import Path

from connectors.errors import SourceRefused
from lumbung import exports, feedback, mailing
from lumbung.errors import ExportError, MailError
from lumbung.exports import Format, Listing
from lumbung.feedback import Feedback
from lumbung.hub import Hub
from lumbung.reports import find_load
from schemas.contract import Contract

log = logging.getLogger(__name__)

#: Loads whose lists are kept, per dataset.
KEPT_LISTS = 10
#: Nobody reads a workbook of more lines, and writing it would hold up the load: such a list is CSV alone.
MOST_LINES = 20_000
#: Airflow's own name for the connection that mail goes by.
_DEFAULT_CONNECTION = "smtp_default"
# One mail a load: whoever notes it first sends it; a failed one may be tried again.
_CLAIM = (
    "INSERT INTO ops.mail (load_id, state, recipient_count) VALUES (%s, 'sending', %s) "
    "ON CONFLICT (load_id) DO UPDATE SET state = 'sending', reason = NULL, tried_at = now(), "
    "recipient_count = excluded.recipient_count WHERE mail.state = 'failed' OR %s RETURNING load_id"
)
_FAILED = (
    "SELECT DISTINCT ON (dataset) dataset, load_id, mail.state, mail.reason FROM ops.mail AS mail "
    "JOIN ops.load USING (load_id) ORDER BY dataset, load_id DESC"
)
# Counts are the same as when the owner was last told of a refusal, and nothing was applied since.
_TOLD_ALREADY = """
SELECT EXISTS (SELECT FROM ops.load AS n, ops.load AS told WHERE n.load_id = %s AND told.load_id = (
    SELECT max(l.load_id) FROM ops.mail JOIN ops.load AS l USING (load_id)
    WHERE l.dataset = n.dataset AND l.load_id < n.load_id AND mail.state = 'sent')
AND told.state = 'refused' AND (told.read_count, told.staged_count, told.quarantined_count)
    = (n.read_count, n.staged_count, n.quarantined_count)
AND NOT EXISTS (SELECT FROM ops.load AS a WHERE a.dataset = n.dataset AND a.state = 'applied'
    AND a.load_id BETWEEN told.load_id AND n.load_id))
"""
_END = "UPDATE ops.mail SET state = %s, reason = %s, tried_at = now() WHERE load_id = %s"


@dataclass(frozen=True)
class Delivery:
    """What came of telling an owner: the list's files, how many were mailed to, and what went wrong."""

    files: tuple[Path, ...] = ()
    recipient_count: int = 0
    problems: tuple[str, ...] = ()


def deliver(hub: Hub, load_id: int) -> Delivery:
    """Write the lists of an applied load when they say anything new, or of a refused one, and mail them.

    Never fails for a file or a mail: what went wrong is logged and in the result. Run again it mails no
    second time.
    """
    files, problems = list[Path](), list[str]()
    found: Feedback | None = None
    try:
        found = _found(hub, load_id)
        if found is None or not (found.has_changed or found.is_renumbered or found.is_refused):
            return Delivery()
        files = write_lists(hub, found)
        sent = _mail(hub, found, again=False) if _is_mailed(hub, found) else 0
    except (ExportError, MailError) as error:
        sent = 0
        problems.append(f"{found.contract.id}: load {load_id}: {error}" if found else str(error))
        log.warning("%s", problems[-1])
    return Delivery(tuple(files), sent, tuple(problems))


def mail(hub: Hub, load_id: int) -> int:
    """Mail the list of an applied or refused load, again if need be; returns how many addresses it went to.

    Raises `MailError`, also when the contract names no address, and `ExportError`.
    """
    found = _found(hub, load_id)
    if found is None:
        raise MailError(
            f"load {load_id} was neither applied nor refused for its rows; "
            "`lumbung status DATASET` lists the loads"
        )
    if not found.contract.contacts:
        raise MailError(
            f"{found.contract.id}: {found.contract.file.name} names no address; "
            "add support: [{channel: email, url: 'mailto:name@example.id'}]"
        )
    return _mail(hub, found, again=True)


def write_lists(hub: Hub, found: Feedback) -> list[Path]:
    """Write the load's list as XLSX and CSV below `home/feedback`, in Indonesian; drop those of old loads.

    A list of more than `MOST_LINES` is written as CSV alone. Raises `ExportError` when it can't be written.
    """
    contract, written = found.contract, list[Path]()
    folder = _folder(hub.settings.home, contract)
    listing = Listing(found, "id", hub.settings.timezone)
    kinds: tuple[Format, ...] = ("csv", "xlsx") if found.line_count <= MOST_LINES else ("csv",)
    for kind in kinds:
        path = folder / f"kesalahan-{contract.name}-{found.load_id}.{kind}"
        lines = exports.defects(feedback.lines(hub.warehouse.engine, found), listing)
        exports.write(path, kind, lines, listing)
        written.append(path)
    _drop_old(folder)
    return written


def failures(hub: Hub) -> list[str]:
    """A line for each dataset whose last mail did not get out."""
    with hub.warehouse.connect() as session:
        rows = session.execute(_FAILED).fetchall()
    return [
        f"{dataset}: the mail about load {load_id} did not get out: {reason}; "
        f"`lumbung quarantine mail {load_id}` tries again"
        for dataset, load_id, state, reason in rows
        if state == "failed"
    ]


def _found(hub: Hub, load_id: int) -> Feedback | None:
    load = find_load(hub.warehouse.engine, load_id)
    if load is None or load["state"] not in ("applied", "refused"):
        return None
    # Of a load that was refused before its rows were judged there is nothing to list.
    if load["state"] == "refused" and (load["kind"] != "sync" or load["quarantined_count"] is None):
        return None
    return feedback.feedback(hub.warehouse.engine, hub.dataset(load["dataset"]), load_id)


def _folder(home: Path, contract: Contract) -> Path:
    """The dataset's folder of lists; what is below `home/feedback` is for this user's eyes alone."""
    folder = home / "feedback" / contract.source / contract.name
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / "feedback").mkdir(mode=0o700, exist_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(f"{folder} can't be made: {error.strerror or error}") from None
    return folder


def _drop_old(folder: Path) -> None:
    by_load: dict[int, list[Path]] = {}
    for file in folder.glob("kesalahan-*.*"):
        number = file.stem.rpartition("-")[2]
        if number.isdecimal():
            by_load.setdefault(int(number), []).append(file)
    for load_id in sorted(by_load)[:-KEPT_LISTS]:
        for file in by_load[load_id]:
            file.unlink(missing_ok=True)


def _is_mailed(hub: Hub, found: Feedback) -> bool:
    """Whether there is news, somebody to tell it to, and a way; a way that was named has to be there."""
    if not (found.has_changed or found.is_refused) or not found.contract.contacts:
        return False
    if found.is_refused and _is_told_already(hub, found):
        return False
    if hub.settings.mail_connection:
        return True
    try:
        hub.resolve(_DEFAULT_CONNECTION)
    except SourceRefused as missing:
        log.info("%s: no mail: %s", found.contract.id, missing)
        return False
    return True


def _is_told_already(hub: Hub, found: Feedback) -> bool:
    """Whether a load that is refused again and again has no news: its source has not been mended yet."""
    with hub.warehouse.connect() as session:
        row = session.execute(_TOLD_ALREADY, [found.load_id]).fetchone()
    return bool(row and row[0])


def _mail(hub: Hub, found: Feedback, *, again: bool) -> int:
    """Send it, and note what came of it; returns how many addresses it went to, 0 when it went before."""
    count = len(found.contract.contacts)
    with hub.warehouse.connect() as session:
        claimed = session.execute(_CLAIM, [found.load_id, count, again]).fetchone()
    if claimed is None:
        return 0
    try:
        _send(hub, found)
    except (MailError, ExportError) as error:
        _note(hub, found, "failed", str(error))
        raise
    _note(hub, found, "sent", None)
    return count


def _send(hub: Hub, found: Feedback) -> None:
    try:
        connection = hub.resolve(hub.settings.mail_connection or _DEFAULT_CONNECTION)
    except SourceRefused as missing:
        raise MailError(str(missing)) from None
    if connection.kind != "smtp":
        raise MailError(f"connection {connection.id}: is of kind {connection.kind}; mail needs smtp")
    attachment = write_lists(hub, found)[-1]
    listing = Listing(found, "id", hub.settings.timezone)
    message = mailing.compose(listing, connection, attachment)
    mailing.send(connection, message, is_personal=found.contract.is_personal)


def _note(hub: Hub, found: Feedback, state: str, reason: str | None) -> None:
    with hub.warehouse.connect() as session:
        session.execute(_END, [state, reason, found.load_id])
