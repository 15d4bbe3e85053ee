"""A mail server on this machine that keeps what it is sent: enough of RFC 5321 for a real client."""

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast


@dataclass
class Mailbox:
    """What the server at `port` was sent; `refuses` are addresses it does not take, `login` who may send.

    With `tls` it speaks TLS: from the start, or after STARTTLS.
    """

    port: int = 0
    refuses: frozenset[str] = frozenset()
    login: tuple[str, str] | None = None
    tls: ssl.SSLContext | None = None
    starttls: bool = False
    secured: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)


@contextmanager
def mail_server(**said: Any) -> Iterator[Mailbox]:
    """The server, running on 127.0.0.1 until the context ends."""
    box = Mailbox(**said)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads, allow_reuse_address, mailbox = True, True, box

    with Server(("127.0.0.1", 0), _Session) as server:
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()


class _Session(socketserver.StreamRequestHandler):
    """One client."""

    def handle(self) -> None:
        self.box: Mailbox = self.server.mailbox  # type: ignore[attr-defined]
        if self.box.tls and not self.box.starttls and not self._secure(self.box.tls):
            return
        self.to: list[str] = []
        self.known = self.box.login is None
        self.ended = False
        self._say("220 here")
        while not self.ended and (line := self.rfile.readline().decode().rstrip("\r\n")):
            self._answer(line)

    def _answer(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        match word.upper():
            case "EHLO":
                self._say("250-here\r\n250-STARTTLS\r\n250 AUTH PLAIN")
            case "STARTTLS":
                self._say("220 go on")
                assert self.box.tls is not None
                self.ended = not self._secure(self.box.tls)
            case "AUTH":
                name, password = base64.b64decode(rest.split()[-1]).decode().split("\0")[1:]
                self.known = (name, password) == self.box.login
                self._say("235 welcome" if self.known else f"535 {password} is wrong")
            case "MAIL":
                self._say("250 go on" if self.known else "530 who are you")
            case "RCPT":
                address = rest.partition("<")[2].rstrip(">")
                self.to += [address]
                self._say("550 unknown" if address in self.box.refuses else "250 go on")
            case "QUIT":
                self._say("221 bye")
                self.ended = True
            case "DATA":
                self._say("354 send")
                self._keep()
                self._say("250 kept")
            case _:
                self._say("250 go on")

    def _secure(self, context: ssl.SSLContext) -> bool:
        """Speak TLS from here on; False when the client won't."""
        self.box.secured += 1
        try:
            self.request = context.wrap_socket(self.request, server_side=True)
        except (ssl.SSLError, ConnectionError):
            return False
        super().setup()
        return True

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def _keep(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        message = message_from_bytes(b"".join(lines), policy=policy.default)
        self.box.mails.append(cast(EmailMessage, message))
        self.box.recipients.append(self.to)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
