"""One conversation with a smarthost: opened, made private, signed in; then one mail after the other."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from models.errors import DeliveryRefused
from outbound.replies import SmtpTrouble, Stage, ends_the_session
from outbound.smarthost_url import SmarthostUrl, Tls

_BARE_END = re.compile(rb"\r\n|\r|\n")
_DOT = re.compile(rb"^\.", re.M)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that one step may take; the end of data is the one that RFC 5321 section 4.5.3.2 gives ten minutes."""

    connect: float = 30.0
    command: float = 60.0
    end: float = 600.0


class SmtpSession:
    """An open session. All trouble is raised as SmtpTrouble; after `closed` it takes no more mail."""

    def __init__(self, url: SmarthostUrl, tls: ssl.SSLContext, patience: Patience, helo: str) -> None:
        self.sent = 0
        self.closed = False
        self._patience = patience
        with _at(Stage.CONNECT):
            self._smtp = _connect(url, tls, patience.connect, helo)
        try:
            self._secure(url, tls)
        except BaseException:
            self.drop()
            raise

    def send(self, envelope_from: str, to: str, raw: bytes) -> None:
        """Hands one mail on; returns once the smarthost has taken responsibility for it."""
        try:
            self._offer(self._envelope(envelope_from, to, len(raw)))
            with _at(Stage.END, self._smtp, self._patience.end):
                self._smtp.send(_stuffed(raw))
                _want(Stage.END, (250, 251), self._smtp.getreply())
        except SmtpTrouble as e:
            if ends_the_session(e):
                self.drop()
            raise
        self.sent += 1

    def quit(self) -> None:
        """Takes leave politely if it can."""
        if not self.closed:
            self.closed = True
            try:
                if self._smtp.sock is not None:
                    self._smtp.sock.settimeout(min(5.0, self._patience.command))
                self._smtp.quit()
            except (smtplib.SMTPException, OSError):
                self._smtp.close()

    def drop(self) -> None:
        """Hangs up."""
        self.closed = True
        self._smtp.close()

    def _secure(self, url: SmarthostUrl, tls: ssl.SSLContext) -> None:
        smtp, wait = self._smtp, self._patience.command
        with _at(Stage.EHLO, smtp, wait):
            smtp.ehlo_or_helo_if_needed()
        if url.tls is Tls.STARTTLS:
            if not smtp.has_extn("starttls"):
                raise SmtpTrouble(Stage.STARTTLS, 0, "the smarthost offers no STARTTLS, and `?tls=off` is not set")
            with _at(Stage.STARTTLS, smtp, wait):
                _want(Stage.STARTTLS, (220,), smtp.starttls(context=tls))
            with _at(Stage.EHLO, smtp, wait):
                smtp.ehlo_or_helo_if_needed()
        if url.user:
            with _at(Stage.LOGIN, smtp, wait):
                smtp.login(url.user, url.password)

    def _envelope(self, envelope_from: str, to: str, size: int) -> tuple[tuple[Stage, bytes], ...]:
        """The three commands before the text; both addresses were checked by the caller."""
        smtp = self._smtp
        options = f" SIZE={size}" if smtp.has_extn("size") else ""
        if not (envelope_from + to).isascii():
            if not smtp.has_extn("smtputf8"):
                raise DeliveryRefused("the smarthost does not take addresses with letters beyond ASCII (no SMTPUTF8)")
            options += " SMTPUTF8 BODY=8BITMIME"
        return (
            (Stage.MAIL, f"MAIL FROM:<{envelope_from}>{options}\r\n".encode()),
            (Stage.RCPT, f"RCPT TO:<{to}>\r\n".encode()),
            (Stage.DATA, b"DATA\r\n"),
        )

    def _offer(self, commands: tuple[tuple[Stage, bytes], ...]) -> None:
        """Sends MAIL, RCPT and DATA, in one go where the smarthost allows it (RFC 2920)."""
        together = self._smtp.has_extn("pipelining")
        trouble: SmtpTrouble | None = None
        if together:
            with _at(Stage.MAIL, self._smtp, self._patience.command):
                self._smtp.send(b"".join(line for _, line in commands))
        for stage, line in commands:
            with _at(stage, self._smtp, self._patience.command):
                if not together:
                    self._smtp.send(line)
                reply = self._smtp.getreply()
            accepted = reply[0] == 354 if stage is Stage.DATA else reply[0] in (250, 251, 252)
            if accepted and stage is Stage.DATA and trouble:
                self._send_nothing()
            elif not accepted and trouble is None:
                trouble = _trouble(stage, reply)
                if ends_the_session(trouble) or not together:
                    break
        if trouble:
            self._reset(trouble)
            raise trouble

    def _send_nothing(self) -> None:
        """DATA was accepted although nobody receives: RFC 2920 section 3.1 has the client end it at once."""
        with _at(Stage.DATA, self._smtp, self._patience.command):
            self._smtp.send(b".\r\n")
            self._smtp.getreply()

    def _reset(self, trouble: SmtpTrouble) -> None:
        if ends_the_session(trouble):
            return
        try:
            if self._smtp.rset()[0] != 250:
                self.drop()
        except (smtplib.SMTPException, OSError):
            self.drop()


def _connect(url: SmarthostUrl, tls: ssl.SSLContext, timeout: float, helo: str) -> smtplib.SMTP:
    if url.tls is Tls.AT_ONCE:
        return smtplib.SMTP_SSL(url.host, url.port, helo or None, timeout=timeout, context=tls)
    return smtplib.SMTP(url.host, url.port, helo or None, timeout=timeout)


def _want(stage: Stage, codes: tuple[int, ...], reply: tuple[int, bytes]) -> None:
    if reply[0] not in codes:
        raise _trouble(stage, reply)


def _trouble(stage: Stage, reply: tuple[int, bytes]) -> SmtpTrouble:
    # smtplib gives -1 for a line that does not begin with a number: whatever it is, it is no answer.
    return SmtpTrouble(stage, max(reply[0], 0), reply[1].decode("utf-8", "replace"))


@contextmanager
def _at(stage: Stage, smtp: smtplib.SMTP | None = None, timeout: float = 0.0) -> Iterator[None]:
    """Sets the patience for this step and names the stage in whatever goes wrong in it."""
    try:
        if smtp is not None and isinstance(smtp.sock, socket.socket):
            smtp.sock.settimeout(timeout)
        yield
    except SmtpTrouble:
        raise
    except smtplib.SMTPResponseException as e:
        words = e.smtp_error if isinstance(e.smtp_error, bytes) else str(e.smtp_error).encode()
        raise _trouble(stage, (e.smtp_code, words)) from e
    except (smtplib.SMTPException, OSError) as e:
        raise SmtpTrouble(stage, 0, str(e) or type(e).__name__) from e


def _stuffed(raw: bytes) -> bytes:
    """The text as it goes over the wire: every line end CRLF, leading dots doubled, the final dot (RFC 5321 4.5.2)."""
    text = _DOT.sub(b"..", _BARE_END.sub(b"\r\n", raw))
    return text + (b".\r\n" if text.endswith(b"\r\n") else b"\r\n.\r\n")
