"""Delivery to a smarthost over SMTP: one connection kept open, every reply sorted into sent, later or never."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from threading import Lock
from urllib.parse import unquote, urlsplit

from models.errors import DeliveryDeferred, DeliveryRefused, SettingError
from outbound.headers import one_line, safe_address

COMMAND_TIMEOUT_S = 60.0
# "You must sign in first" and its kin speak about our settings, not about this mail: it waits until they are right.
OUR_FAULT = frozenset({530, 534, 535, 538})


@dataclass(frozen=True, slots=True)
class SmarthostUrl:
    """The parts of `smtp://user:pass@host:587` or `smtps://...`."""

    host: str
    port: int
    tls_at_once: bool
    user: str = ""
    password: str = field(default="", repr=False)


def parse_url(url: str) -> SmarthostUrl:
    """The parts of the address; raises SettingError, whose message never shows the password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SettingError("INTAKE_SMARTHOST_URL: the port is not a number from 1 to 65535") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path not in ("", "/"):
        raise SettingError("INTAKE_SMARTHOST_URL: use smtp://HOST:PORT or smtps://HOST:PORT, with USER:PASSWORD@ if needed")
    if bool(parts.username) != bool(parts.password):
        raise SettingError("INTAKE_SMARTHOST_URL: give both a user and a password, or neither")
    tls = parts.scheme == "smtps"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return SmarthostUrl(parts.hostname, port or (465 if tls else 25), tls, user, password)


class SmarthostSender:
    """Sends through one smarthost and keeps the connection for the next mail; safe to share between threads.

    A 5xx to MAIL, RCPT, DATA or the final dot refuses the mail for good. A 5xx before that (greeting, EHLO,
    sign-in) is the session's trouble and only defers it, as Postfix does by default.
    """

    def __init__(self, url: str, *, tls_verify: bool = True, timeout_s: float = COMMAND_TIMEOUT_S, helo: str = "") -> None:
        self._url = parse_url(url)
        self._timeout_s = timeout_s
        self._helo = helo or None
        self._tls = ssl.create_default_context()
        if not tls_verify:
            self._tls.check_hostname = False
            self._tls.verify_mode = ssl.CERT_NONE
        self._lock = Lock()
        self._smtp: smtplib.SMTP | None = None

    def send(self, envelope_from: str, to: str, raw: bytes) -> None:
        safe_address(envelope_from), safe_address(to)
        with self._lock:
            try:
                self._transfer(self._connection(), envelope_from, to, raw)
            except (smtplib.SMTPException, OSError) as e:
                self._drop_unless_usable(e)
                raise _sorted(e) from e

    def close(self) -> None:
        """Says QUIT if a connection is open."""
        with self._lock:
            smtp, self._smtp = self._smtp, None
            if smtp is not None:
                _quit(smtp)

    def _connection(self) -> smtplib.SMTP:
        """The open connection if it still answers, else a new one."""
        if self._smtp is not None:
            try:
                if self._smtp.rset()[0] == 250:
                    return self._smtp
            except (smtplib.SMTPException, OSError):
                pass
            self._smtp.close()
            self._smtp = None
        self._smtp = self._connect()
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        u = self._url
        smtp: smtplib.SMTP
        if u.tls_at_once:
            smtp = smtplib.SMTP_SSL(u.host, u.port, self._helo, timeout=self._timeout_s, context=self._tls)
        else:
            smtp = smtplib.SMTP(u.host, u.port, self._helo, timeout=self._timeout_s)
        try:
            self._secure(smtp)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _secure(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        if not self._url.tls_at_once and smtp.has_extn("starttls"):
            code, answer = smtp.starttls(context=self._tls)
            if code != 220:
                raise smtplib.SMTPResponseException(code, answer)
            smtp.ehlo_or_helo_if_needed()
        elif self._url.user and not self._url.tls_at_once:
            raise smtplib.SMTPException("the smarthost offers no STARTTLS, so user and password are not sent")
        if self._url.user:
            smtp.login(self._url.user, self._url.password)

    @staticmethod
    def _transfer(smtp: smtplib.SMTP, envelope_from: str, to: str, raw: bytes) -> None:
        options = []
        if not (envelope_from + to).isascii():
            if not smtp.has_extn("smtputf8"):
                raise DeliveryRefused("the smarthost does not take addresses with letters beyond ASCII (no SMTPUTF8)")
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        smtp.sendmail(envelope_from, [to], raw, mail_options=options)

    def _drop_unless_usable(self, error: Exception) -> None:
        """A reply leaves the connection in a known state (smtplib has sent RSET); anything else does not."""
        replied = isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
        if self._smtp is not None and not (replied and self._smtp.sock is not None):
            self._smtp.close()
            self._smtp = None


def _quit(smtp: smtplib.SMTP) -> None:
    try:
        smtp.quit()
    except (smtplib.SMTPException, OSError):
        smtp.close()


def _sorted(error: smtplib.SMTPException | OSError) -> DeliveryDeferred | DeliveryRefused:
    """Which of the two an error of smtplib means, with the smarthost's words on one line."""
    code, words, of_the_mail = 0, str(error) or type(error).__name__, False
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(error.recipients.values()))
        words, of_the_mail = _text(reply), True
    elif isinstance(error, smtplib.SMTPResponseException):
        code, words = error.smtp_code, _text(error.smtp_error)
        of_the_mail = isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPDataError)
    said = one_line(f"{code} {words}" if code else words, 300)
    if of_the_mail and 500 <= code <= 599 and code not in OUR_FAULT:
        return DeliveryRefused(said)
    return DeliveryDeferred(said)


def _text(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
