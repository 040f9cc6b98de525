"""An outbox to send from, a fake clock, senders that fail as told, and smarthosts on loopback that misbehave at one stage."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlmodel import select

from models.store import Store, ensure_schema
from models.tables import Event, Outbox, Ticket
from outbound.smarthost import SmarthostPool
from outbound.smarthost_url import parse_urls
from outbound.smtp_session import Patience

START = dt.datetime(2026, 11, 24, 3, 15, tzinfo=dt.UTC)
TICKET = "INC-2026-000128"
PATIENCE = Patience(connect=5, command=5, end=5)
HASTY = Patience(connect=0.2, command=0.2, end=0.2)
HANG = "hang"
STAGES = ("CONNECT", "EHLO", "STARTTLS", "MAIL", "RCPT", "DATA", ".")
OK = {"CONNECT": "220 hi", "DATA": "354 go", ".": "250 taken", "STARTTLS": "220 go", "EHLO": "250-fake\r\n250 8BITMIME"}
PIPELINING = "250-fake\r\n250-PIPELINING\r\n250 8BITMIME"


class FakeClock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> dt.datetime:
        return self.now


class Recorder:
    """A sender that keeps what it was given and then does as told."""

    def __init__(self, *problems: BaseException | None) -> None:
        self.problems = list(problems)
        self.mails: list[bytes] = []

    def send(self, envelope_from: str, to: str, raw: bytes) -> None:
        self.mails.append(raw)
        problem = self.problems.pop(0) if self.problems else None
        if problem is not None:
            raise problem


class FakeSmarthost:
    """Answers one stage with a given reply, hangs up there if it is None, or says nothing if it is HANG.

    `mails` are those it took with its last word said or not; `accepted` those it answered with 250.
    """

    def __init__(self, stage: str = "", reply: str | None = None, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.replies: dict[str, str | None] = {**OK, stage: reply} if stage else {**OK}
        self.mails: list[bytes] = []
        self.accepted: list[bytes] = []
        self.commands: list[str] = []
        self.connections = 0
        self._tls = tls
        self._open: list[socket.socket] = []
        self._ended = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", port))
        self.url = f"smtp://127.0.0.1:{self._socket.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()

    def close(self) -> None:
        self._ended.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            self._threads.append(threading.Thread(target=self._answer, args=(connection,)))
            self._threads[-1].start()

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        try:
            with connection:
                if self._talk(connection) and self._tls:
                    with self._tls.wrap_socket(connection, server_side=True) as private:
                        self._talk(private, greet=False)
        except OSError:
            pass

    def _talk(self, connection: socket.socket, *, greet: bool = True) -> bool:
        """Until the end, or until STARTTLS was agreed."""
        with connection.makefile("rwb") as file:
            going, willing = not greet or self._say(file, "CONNECT"), True
            while going and (line := file.readline()):
                verb = line.split()[0].decode().upper()
                verb = "EHLO" if verb == "HELO" else verb
                self.commands.append(verb)
                going = self._say(file, verb) and verb != "QUIT"
                if verb == "STARTTLS" and going and str(self.replies[verb]).startswith("220"):
                    return True
                if verb in ("MAIL", "RCPT"):
                    willing = str(self.replies.get(verb, "250")).startswith("250") and (willing or verb == "MAIL")
                if verb == "DATA" and going and str(self.replies["DATA"]).startswith("354"):
                    text = _text(file)
                    if text is None:
                        return False
                    # Commands that came in one go: it says 354 although nobody receives, and then gets no text.
                    if not willing:
                        assert text == b""
                        going = self._write(file, "554 no valid recipients")
                        continue
                    self.mails.append(text)
                    if str(self.replies["."]).startswith("250"):
                        self.accepted.append(text)
                    going = self._say(file, ".")
        return False

    def _say(self, file: Any, stage: str) -> bool:
        reply = self.replies.get(stage, "250 ok")
        if reply == HANG:
            self._ended.wait(15)
        if reply in (None, HANG):
            return False
        return self._write(file, str(reply))

    @staticmethod
    def _write(file: Any, reply: str) -> bool:
        file.write(reply.encode() + b"\r\n")
        file.flush()
        return True


def _text(file: Any) -> bytes | None:
    """The lines up to the final dot without the dots that stuff them, or None where the client is gone before it."""
    lines = []
    while (line := file.readline()) != b".\r\n":
        if not line:
            return None
        lines.append(line.removeprefix(b"."))
    return b"".join(lines)


def pool(*urls: str, patience: Patience = PATIENCE, clock: FakeClock | None = None, ca_file: str = "") -> SmarthostPool:
    parsed = parse_urls(" ".join(urls))
    return SmarthostPool(parsed, clock=clock or FakeClock(), patience=patience, ca_file=ca_file, helo="test.example")


@contextmanager
def smarthost(stage: str = "", reply: str | None = None) -> Iterator[tuple[FakeSmarthost, SmarthostPool]]:
    server = FakeSmarthost(stage, reply)
    sender = pool(server.url)
    try:
        yield server, sender
    finally:
        sender.close()
        server.close()


def certificate(folder: Path, host: str) -> tuple[ssl.SSLContext, str]:
    """A server's TLS with a certificate for this name, and the file that makes it trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2060, 1, 1, tzinfo=dt.UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = built.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # fmt: skip
    (folder / "ca.pem").write_bytes(pem)
    (folder / "server.pem").write_bytes(pem + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context, str(folder / "ca.pem")


def open_store(folder: Path) -> Store:
    """An empty database with one ticket."""
    made = Store(f"sqlite:///{folder / 'intake.db'}")
    ensure_schema(made)
    with made.write() as session:
        session.add(Ticket(id=TICKET, opened_at=START, last_contact_at=START))
    return made


def queue(store: Store, n: int = 1, **values: Any) -> int:
    given: dict[str, Any] = {
        "ticket_id": TICKET,
        "event": "ticket-opened",
        "dedupe_key": f"k{n}",
        "message_id": f"<m{n}@interspace.example>",
        "to_address": "anna@customer.example",
        "envelope_from": "bounce+x@interspace.example",
        "created_at": START,
        "due_at": START,
    }
    with store.write() as session:
        row = Outbox(**(given | values))
        session.add(row)
        session.flush()
        assert row.id is not None
        return row.id


def load(store: Store, row_id: int) -> Outbox:
    with store.read() as session:
        row = session.get(Outbox, row_id)
        assert row is not None
        return row


def events(store: Store) -> list[str]:
    with store.read() as session:
        return [e.kind for e in session.exec(select(Event)).all()]
