"""The mail that brings an owner the defect list of a load, and the mail server that takes it.

The connection is one of Airflow's kind `smtp`, with the names its own hook knows: host, port, login,
password, and in extra `from_email`, `disable_ssl`, `disable_tls` and `timeout` (seconds).
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from connectors.base import Connection
from lumbung.errors import MailError
from lumbung.exports import Listing
from lumbung.feedback import Trend
from lumbung.feedback_words import WORDS, load_words, moved, number, refusal

#: Attachments above this size stay behind: many mail servers take no more (bytes, before base64).
MOST_ATTACHED = 10_000_000
_TIMEOUT, _LONGEST = 30.0, 3600.0
_TYPES = {
    ".xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ".csv": ("text", "csv"),
}


def compose(listing: Listing, connection: Connection, attachment: Path) -> EmailMessage:
    """The mail about the listing to its contract's contacts. The body holds no value of any row.

    Raises `MailError` when the connection names no sender.
    """
    message = EmailMessage()
    message["Subject"] = _subject(listing)
    message["From"] = _sender(connection)
    message["To"] = ", ".join(listing.contract.contacts)
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain="lumbung")
    message["Auto-Submitted"] = "auto-generated"
    size = attachment.stat().st_size
    message.set_content("\n".join(_body(listing, is_attached=size <= MOST_ATTACHED)))
    if size <= MOST_ATTACHED:
        kind, subtype = _TYPES[attachment.suffix]
        message.add_attachment(
            attachment.read_bytes(), maintype=kind, subtype=subtype, filename=attachment.name
        )
    return message


def send(connection: Connection, message: EmailMessage, *, is_personal: bool) -> None:
    """Give the message to the connection's mail server.

    Raises `MailError` when that can't be, and for personal data that would leave this machine in the clear.
    """
    if is_personal and not _is_encrypted(connection) and not _is_here(connection.host):
        raise MailError(
            f"connection {connection.id}: personal data is not sent unencrypted; "
            "leave disable_ssl or disable_tls out of its extra"
        )
    try:
        with _client(connection) as client:
            refused = client.send_message(message)
    except smtplib.SMTPResponseException as error:
        # What a server says may quote addresses or the login.
        raise MailError(
            f"connection {connection.id}: the mail server refused ({error.smtp_code}); check login and sender"
        ) from None
    except smtplib.SMTPRecipientsRefused as error:
        raise MailError(
            f"connection {connection.id}: the mail server refused {len(error.recipients)} of the addresses"
        ) from None
    except OSError as error:
        raise MailError(
            f"connection {connection.id}: no mail through {connection.host}: {type(error).__name__}; "
            "check host, port, disable_ssl and disable_tls"
        ) from None
    except (ValueError, OverflowError) as error:
        # A host that is no name, or a login beyond ASCII, which the error would quote.
        raise MailError(
            f"connection {connection.id}: no mail with these settings: {type(error).__name__}; "
            "check host, port and login"
        ) from None
    if refused:
        raise MailError(
            f"connection {connection.id}: the mail server refused {len(refused)} of the addresses; "
            "the others have the mail"
        )


def _subject(listing: Listing) -> str:
    found, language = listing.found, listing.language
    title = " ".join(listing.contract.title.split())
    if found.is_refused:
        return WORDS[language]["subject_refused"].format(title, number(found.row_count, language))
    if not found.row_count:
        return WORDS[language]["subject_good"].format(title)
    change = moved(found.row_count - found.before_count, found, language)
    return WORDS[language]["subject"].format(title, number(found.row_count, language), change)


def _body(listing: Listing, *, is_attached: bool) -> Iterator[str]:
    contract, found, language = listing.contract, listing.found, listing.language
    words = WORDS[language]
    counts = (found.load[f"{name}_count"] or 0 for name in ("read", "staged", "quarantined"))
    loaded = load_words(found.load, language, listing.timezone)
    yield words["greeting"].format(contract.owner_name or contract.owner)
    yield ""
    told = [number(count, language) for count in counts]
    if found.is_refused:
        kept = words["kept_told" if found.before else "none_kept_told"]
        why = refusal(found, language)
        yield words["opening_refused"].format(contract.title, loaded, why, kept, *told)
    else:
        yield words["opening"].format(contract.title, loaded, *told)
    yield ""
    change = moved(found.row_count - found.before_count, found, language)
    form = words["told_refused" if found.is_refused else "told"]
    yield form.format(number(found.row_count, language), change)
    for trend in found.trends:
        yield _rule(trend, listing)
    yield ""
    yield words["attached" if is_attached else "too_big"]
    if contract.is_personal and is_attached:
        yield words["personal"]
    yield ""
    yield words["closing"]


def _rule(trend: Trend, listing: Listing) -> str:
    words, said = WORDS[listing.language], listing.explained(trend.code)
    change = moved(trend.change, listing.found, listing.language)
    if listing.found.is_refused:
        return words["rule_refused"].format(
            said.problem, number(trend.row_count, listing.language), said.remedy
        )
    if not trend.row_count:
        return words["done"].format(said.problem, change)
    return words["rule"].format(said.problem, number(trend.row_count, listing.language), change, said.remedy)


def _sender(connection: Connection) -> str:
    sender = str(connection.extra.get("from_email") or connection.user)
    if "@" not in sender or any(sign in sender for sign in "\r\n"):
        raise MailError(
            f"connection {connection.id}: set from_email in its extra to the address mails come from"
        )
    return sender


@contextmanager
def _client(connection: Connection) -> Iterator[smtplib.SMTP]:
    timeout, is_plain = _seconds(connection), _is(connection, "disable_tls")
    if not _is(connection, "disable_ssl"):
        secured = ssl.create_default_context()
        client: smtplib.SMTP = smtplib.SMTP_SSL(
            connection.host, connection.port or 465, timeout=timeout, context=secured
        )
    else:
        client = smtplib.SMTP(connection.host, connection.port or (25 if is_plain else 587), timeout=timeout)
    with client:
        if _is(connection, "disable_ssl") and not is_plain:
            client.starttls(context=ssl.create_default_context())
        if connection.user and connection.password:
            client.login(connection.user, connection.password)
        yield client


def _is_encrypted(connection: Connection) -> bool:
    return not (_is(connection, "disable_ssl") and _is(connection, "disable_tls"))


def _is(connection: Connection, name: str) -> bool:
    """A yes or no of the connection's extra, which a URI gives as text."""
    said: Any = connection.extra.get(name, False)
    return said.strip().casefold() in ("true", "1", "yes") if isinstance(said, str) else bool(said)


def _seconds(connection: Connection) -> float:
    try:
        seconds = float(connection.extra.get("timeout") or _TIMEOUT)
        if not 0 < seconds <= _LONGEST:
            raise ValueError
        return seconds
    except (TypeError, ValueError):
        raise MailError(f"connection {connection.id}: timeout in its extra is no number of seconds") from None


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
