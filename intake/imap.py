"""One connection to an IMAP server (RFC 3501, IDLE RFC 2177, MOVE RFC 6851, UIDPLUS RFC 4315).

Nothing else knows IMAPClient. Whatever goes wrong comes out as one of three errors: the link is dead, the server
refuses our credentials, or the server refuses one command and the link is well.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from intake.imap_settings import Encryption, Mailbox
from intake.imap_tokens import Tokens
from intake.imap_wire import aware, id_set, in_words, keep_alive, one_line_password
from models.clock import monotonic
from models.errors import OwnError

CONNECT_S = 20.0
# Nothing may come for so long before the link counts as dead.
READ_S = 60.0
# imaplib refuses a line over a million bytes; a UID has at most ten digits and a space.
_SEARCH_WINDOWS = (1_000, 50_000)
_IDLE_STEP_S = 1.0
# RFC 5530: what says that the credentials are not to blame.
_TEMPORARY = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]|temporar|try again", re.I)
_CHANGES = frozenset({b"EXISTS", b"EXPUNGE", b"RECENT", b"VANISHED"})


class LinkDead(OwnError):
    """The connection is of no more use; the next one may be."""


class LoginRefused(OwnError):
    """The server does not take our credentials, or the mailbox is not there: a person must act."""


class CommandRefused(OwnError):
    """The server refused one command, or answered it in a way that cannot be understood."""


@dataclass(frozen=True, slots=True)
class Folder:
    """What SELECT tells."""

    uidvalidity: int
    exists: int


@dataclass(frozen=True, slots=True)
class Head:
    """What is asked about a message before its text: its size in bytes, and when the server received it."""

    size: int
    received_at: datetime | None


class Link:
    """One session with its folder selected."""

    def __init__(self, mailbox: Mailbox, tokens: Tokens | None, *, read_s: float = READ_S) -> None:
        self._mailbox = mailbox
        self._tokens = tokens
        self._read_s = read_s
        self._client: Any = None

    def open(self) -> None:
        """Connects, encrypts and signs in. Raises LinkDead or LoginRefused."""
        box = self._mailbox
        token = self._tokens.get() if self._tokens else ""
        with self._trouble():
            context = ssl.create_default_context(cafile=str(box.ca_file) if box.ca_file else None)
            limits: Any = SocketTimeout(connect=min(CONNECT_S, self._read_s), read=self._read_s)
            use_tls = box.encryption is Encryption.TLS
            self._client = IMAPClient(box.host, box.port, ssl=use_tls, ssl_context=context if use_tls else None, timeout=limits)
            self._client.normalise_times = False
            if box.encryption is Encryption.STARTTLS:
                self._client.starttls(context)
            keep_alive(self._client.socket())
        self._sign_in(token)

    @property
    def can_idle(self) -> bool:
        return self._has("IDLE")

    def select(self) -> Folder:
        """Opens the folder anew, which also tells how it stands now. Raises LoginRefused where there is none."""
        name = self._mailbox.folder
        try:
            with self._trouble():
                answer = self._client.select_folder(name)
        except CommandRefused as e:
            with self._trouble():
                there = self._client.folder_exists(name)
            if there:
                raise LinkDead(f"folder {name} cannot be opened now: {e}") from e
            raise LoginRefused(f"there is no folder {name}") from e
        if b"UIDVALIDITY" not in answer:
            raise LoginRefused(f"folder {name} has no UIDVALIDITY: it cannot be fetched without loss")
        return Folder(int(answer[b"UIDVALIDITY"]), int(answer[b"EXISTS"]))

    def uids(self, exists: int, above: int = 0) -> list[int]:
        """The UIDs in the folder that are greater than `above`, ascending.

        Windows of sequence numbers are asked from the top down: when another client expunges meanwhile, the rest moves
        down, so that one may be seen twice and none is missed.
        """
        found: set[int] = set()
        sizes = iter(_SEARCH_WINDOWS)
        size, top = next(sizes), exists
        while top > 0:
            bottom = max(1, top - size + 1)
            with self._trouble():
                window = self._client.search(f"{bottom}:{top}")
            found.update(u for u in window if u > above)
            if window and min(window) <= above:
                break
            size, top = next(sizes, size), bottom - 1
        return sorted(found)

    def present(self, uids: Sequence[int]) -> set[int]:
        """Those of them that are in the folder."""
        with self._trouble():
            return set(self._client.search(["UID", id_set(uids)])) & set(uids)

    def heads(self, uids: Sequence[int]) -> dict[int, Head]:
        """Sizes and times of those that are still there."""
        with self._trouble():
            answer = self._client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
        return {
            u: Head(int(a[b"RFC822.SIZE"]), aware(a.get(b"INTERNALDATE"))) for u, a in answer.items() if b"RFC822.SIZE" in a
        }

    def bodies(self, uids: Sequence[int]) -> dict[int, bytes]:
        """The bytes of those that are still there; their flags stay as they are."""
        return self._fetch(uids, b"BODY[]")

    def headers(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Their header lines only."""
        return self._fetch(uids, b"BODY[HEADER]")

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Moves them; those that are no longer there are no error."""
        with self._trouble():
            if self._has("MOVE"):
                self._with_folder(folder, lambda: self._client.move(uids, folder))
                return
            self._with_folder(folder, lambda: self._client.copy(uids, folder))
            self._client.add_flags(uids, [b"\\Deleted"], silent=True)
            # A plain EXPUNGE would also remove what other people have marked; without UIDPLUS they do that themselves.
            if self._has("UIDPLUS"):
                self._client.uid_expunge(uids)

    def mark(self, uids: Sequence[int], keyword: str) -> None:
        """Sets a keyword on them. Raises CommandRefused where the server keeps none."""
        with self._trouble():
            self._client.add_flags(uids, [keyword], silent=True)

    def wait(self, seconds: float, go_on: Callable[[], bool]) -> bool:
        """Waits by IDLE until something changes, the time is over, or `go_on` says no. True when something changed.

        `go_on` is called about once a second. Raises LinkDead when the server has closed: its silence afterwards looks
        like "no mail", only that it comes at once.
        """
        with self._trouble():
            self._client.idle()
            end, changed = monotonic() + seconds, False
            while not changed and (left := end - monotonic()) > 0 and go_on():
                step, begin = min(left, _IDLE_STEP_S), monotonic()
                heard = self._client.idle_check(timeout=step)
                if not heard and monotonic() - begin < step / 2:
                    raise LinkDead("the server has closed the connection")
                changed = _is_change(heard)
            return _is_change(self._client.idle_done()[1]) or changed

    def ask(self) -> None:
        """NOOP: is anybody there?"""
        with self._trouble():
            self._client.noop()

    def cut(self) -> None:
        """Ends the connection from another thread, whatever it is doing."""
        with suppress(OSError, AttributeError):
            self._client.socket().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Says goodbye as far as the other side listens."""
        if self._client is None:
            return
        with suppress(OSError, IMAPClientError, ssl.SSLError):
            self._client.socket().settimeout(2.0)
            self._client.logout()
        with suppress(OSError, IMAPClientError):
            self._client.shutdown()
        self._client = None

    def _sign_in(self, token: str) -> None:
        box = self._mailbox
        try:
            with self._trouble():
                if self._tokens is not None:
                    self._client.oauth2_login(box.user, token)
                else:
                    assert box.password is not None
                    self._client.login(box.user, one_line_password(box.password.read()))
        except _Refused as e:
            if _TEMPORARY.search(str(e)):
                raise LinkDead(f"{box.host} cannot sign in {box.user} now: {e}") from e
            if self._tokens is not None:
                self._tokens.drop()
            raise LoginRefused(f"{box.host} refuses the sign-in of {box.user}: {e}") from e

    def _fetch(self, uids: Sequence[int], what: bytes) -> dict[int, bytes]:
        with self._trouble():
            answer = self._client.fetch(uids, [what.replace(b"[", b".PEEK[")])
        found = {u: a[what] for u, a in answer.items() if a.get(what) is not None}
        for value in found.values():
            if not isinstance(value, bytes):
                raise CommandRefused(f"{what.decode()} is {type(value).__name__}")
        return found

    def _with_folder(self, folder: str, command: Callable[[], object]) -> None:
        """Does it again once with the folder made, where the server says that there is none."""
        try:
            command()
        except IMAPClientAbortError:
            raise
        except IMAPClientError:
            if self._client.folder_exists(folder):
                raise
            self._client.create_folder(folder)
            self._client.subscribe_folder(folder)
            command()

    def _has(self, capability: str) -> bool:
        with self._trouble():
            return bool(self._client.has_capability(capability))

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        try:
            yield
        except LoginError as e:
            raise _Refused(in_words(e)) from e
        except IMAPClientAbortError as e:
            raise LinkDead(in_words(e)) from e
        except (OSError, EOFError) as e:
            raise LinkDead(f"{type(e).__name__}: {in_words(e)}") from e
        except IMAPClientError as e:
            raise CommandRefused(in_words(e)) from e
        except (ValueError, AssertionError, KeyError, IndexError, TypeError, AttributeError) as e:
            # IMAPClient's parsers raise these on answers that break the protocol.
            raise CommandRefused(f"an answer that cannot be understood ({type(e).__name__})") from e


class _Refused(CommandRefused):
    """The sign-in was refused."""


def _is_change(answers: Sequence[Any]) -> bool:
    for answer in answers:
        if answer and answer[0] == b"BYE":
            raise LinkDead("the server says goodbye")
        if len(answer) > 1 and answer[1] in _CHANGES:
            return True
    return False
