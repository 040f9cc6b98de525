"""Takes what is new in a mailbox: sizes first, then texts in batches, each batch kept in one commit, then moved away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import structlog
from sqlmodel import Session

from intake.imap import CommandRefused, Head, Link, LinkDead
from intake.imap_book import Book, Outcome
from intake.imap_envelope import fetched_mail
from intake.imap_settings import MIB, Mailbox
from intake.keep import Keeper, Kept
from intake.own import OwnAddresses
from intake.raw import RawMail
from models.clock import Clock
from models.errors import OwnError
from models.mailboxes import AlarmKind, MessageState

log = structlog.get_logger("intake.imap")

WINDOW = 500
BATCH = 100
BATCH_BYTES = 8 * MIB
# A text that the server will not give, or gives broken, is tried so often; one over which the link dies, more often,
# because a link also dies for reasons of its own.
TRIES_REFUSED = 3
TRIES_DEAD = 8
_KEEP_S = 120.0
_SETTLED_KINDS = (AlarmKind.NOT_MOVED,)


class Fetcher:
    """One session's work on its mailbox."""

    def __init__(self, mailbox: Mailbox, link: Link, book: Book, keeper: Keeper, own: OwnAddresses, clock: Clock) -> None:
        self._mailbox, self._link, self._book, self._keeper = mailbox, link, book, keeper
        self._own, self._clock = own, clock
        self.careful = False  # each message is fetched by itself: the session before ended over a fetch

    def scan(self, *, whole: bool, go_on: Callable[[], bool] = lambda: True) -> None:
        """Takes everything new; `whole` also compares all that is on the server with the book.

        Raises LinkDead, LoginRefused, LeaseLost, and OwnError where mail cannot be kept now.
        """
        folder = self._link.select()
        watermark, before = self._book.watermark(folder.uidvalidity)
        if before not in (0, folder.uidvalidity):
            self._renumbered(before, folder.uidvalidity)
        if whole:
            self._settle_left(folder.uidvalidity)
        self._take_all(folder.uidvalidity, self._link.uids(folder.exists, watermark), go_on)
        self.careful = False
        if go_on():
            self._book.scanned()
            if whole:
                self._reconcile(folder.uidvalidity, go_on)

    def _take_all(self, uidvalidity: int, uids: Sequence[int], go_on: Callable[[], bool]) -> None:
        for begin in range(0, len(uids), WINDOW):
            window = uids[begin : begin + WINDOW]
            heads = self._link.heads(window)
            for batch in batches(window, heads):
                if not go_on():
                    return
                self._take(uidvalidity, batch, heads)

    def _take(self, uidvalidity: int, batch: Sequence[int], heads: dict[int, Head]) -> None:
        if self.careful:
            for uid in batch:
                self._take_one(uidvalidity, uid, heads)
            return
        try:
            self._keep(uidvalidity, batch, heads)
        except (CommandRefused, LinkDead):
            # One of them may be at fault; from here on each is tried, and its tries are counted, by itself.
            self.careful = True
            raise

    def _take_one(self, uidvalidity: int, uid: int, heads: dict[int, Head]) -> None:
        tries = self._book.trying(uidvalidity, uid)
        if tries > TRIES_DEAD:  # a fresh link; where even its header ends that one, the next try does without
            raw = self._header(uid) if tries == TRIES_DEAD + 1 else b""
            self._poison(uidvalidity, uid, heads, raw, f"the link died over it {TRIES_DEAD} times")
            return
        try:
            self._keep(uidvalidity, [uid], heads)
        except CommandRefused as e:
            if tries < TRIES_REFUSED:
                raise
            self._poison(uidvalidity, uid, heads, self._header(uid), str(e))

    def _keep(self, uidvalidity: int, batch: Sequence[int], heads: dict[int, Head]) -> None:
        """Fetches a batch, keeps it with its entries and the watermark in one commit, then moves or marks it."""
        whole = [u for u in batch if u in heads and not self._is_large(heads[u]) and not self._is_old(heads[u])]
        large = [u for u in batch if u in heads and self._is_large(heads[u]) and not self._is_old(heads[u])]
        raws = (self._link.bodies(whole) if whole else {}) | (self._link.headers(large) if large else {})
        vanished = {u for u in (*whole, *large) if u not in raws}
        if vanished and (refused := self._link.present(sorted(vanished))):
            raise CommandRefused(f"the server lists UID {min(refused)} and does not give it")
        outcomes: list[Outcome] = []
        mails: list[RawMail] = []
        for uid in batch:
            outcomes.append(self._outcome(uidvalidity, uid, heads.get(uid), raws.get(uid), mails))
        self._commit(uidvalidity, outcomes, mails, max(batch))
        self._settle(uidvalidity, {o.uid: o.state for o in outcomes if o.mail_at is not None})

    def _outcome(self, uidvalidity: int, uid: int, head: Head | None, raw: bytes | None, mails: list[RawMail]) -> Outcome:
        if head is None or (raw is None and not self._is_old(head)):
            return Outcome(uid, MessageState.GONE, detail="it was gone before it could be fetched")
        if raw is None:
            return Outcome(uid, MessageState.OLDER, head.size, f"received at {head.received_at}")
        if not self._is_large(head):
            mails.append(self._mail(raw, head))
            return Outcome(uid, MessageState.STORED, head.size, mail_at=len(mails) - 1)
        why = f"too large: {head.size / MIB:.1f} MiB, over {self._mailbox.max_bytes / MIB:.1f}; only its header was fetched"
        mails.append(self._mail(raw, head, f"{why}; the mail itself is in the mailbox of {self._mailbox.user}"))
        return Outcome(uid, MessageState.TOO_LARGE, head.size, why, len(mails) - 1)

    def _mail(self, raw: bytes, head: Head | None, defect: str = "", key: str = "") -> RawMail:
        received = head.received_at if head else None
        return fetched_mail(raw, self._mailbox, self._own, received_at=received, now=self._clock(), defect=defect, key=key)

    def _commit(self, uidvalidity: int, outcomes: Sequence[Outcome], mails: Sequence[RawMail], upto: int) -> None:
        def together(session: Session, kept: Sequence[Kept]) -> None:
            self._book.enter(session, uidvalidity, outcomes, kept, upto)

        try:
            self._keeper.keep_together(mails, together).result(_KEEP_S)
        except OwnError:
            raise
        except Exception as e:
            raise OwnError(f"the database does not take mail now ({type(e).__name__})") from e

    def _settle(self, uidvalidity: int, states: dict[int, str]) -> None:
        """Moves or marks what is safe. A refusal costs nothing but order: the mails are kept, and it is tried again."""
        targets: dict[str, list[int]] = {}
        for uid, state in states.items():
            large = state == MessageState.TOO_LARGE.value
            targets.setdefault(self._mailbox.too_large_folder if large else self._mailbox.move_to, []).append(uid)
        try:
            for folder, uids in targets.items():
                for begin in range(0, len(uids), WINDOW):
                    self._settle_into(folder, uids[begin : begin + WINDOW])
                self._book.settled(uidvalidity, uids)
        except CommandRefused as e:
            if self._book.alarm(AlarmKind.NOT_MOVED, f"fetched mails cannot be moved or marked: {e}"):
                log.warning("mailbox_not_moved", mailbox=self._mailbox.name, error=str(e))

    def _settle_into(self, folder: str, uids: Sequence[int]) -> None:
        if self._mailbox.keyword:
            self._link.mark(uids, self._mailbox.keyword)
        else:
            self._link.move(uids, folder)

    def _settle_left(self, uidvalidity: int) -> None:
        """What was kept and then not moved: the process died in between, or the server refused."""
        left = self._book.unsettled(uidvalidity)
        uids = sorted(left)
        for begin in range(0, len(uids), WINDOW):
            these = uids[begin : begin + WINDOW]
            present = self._link.present(these)
            self._book.settled(uidvalidity, set(these) - present, gone=True)
            self._settle(uidvalidity, {u: left[u] for u in these if u in present})
        if not self._book.unsettled(uidvalidity):
            self._book.clear(*_SETTLED_KINDS)

    def _reconcile(self, uidvalidity: int, go_on: Callable[[], bool]) -> None:
        """Every message on the server has a row, or is new, or was missed: then it is fetched now, and said so."""
        folder = self._link.select()
        if folder.uidvalidity != uidvalidity:
            return  # renumbered this very moment: the next scan sees to it
        watermark, _ = self._book.watermark(uidvalidity)
        on_server = self._link.uids(folder.exists)
        missing = self._book.account(folder.uidvalidity, on_server, watermark).missing
        if missing:
            self._book.alarm(AlarmKind.UNACCOUNTED, f"{len(missing)} messages unaccounted for, the first is UID {missing[0]}")
            log.error("mailbox_unaccounted", mailbox=self._mailbox.name, count=len(missing), first=missing[0])
            self._take_all(folder.uidvalidity, missing, go_on)
            missing = self._book.account(folder.uidvalidity, on_server, watermark).missing
        if not missing:
            self._book.clear(AlarmKind.UNACCOUNTED)

    def _header(self, uid: int) -> bytes:
        """The header of a mail whose text is not to be had, if the server gives at least that."""
        try:
            return self._link.headers([uid]).get(uid, b"")
        except CommandRefused:
            return b""

    def _poison(self, uidvalidity: int, uid: int, heads: dict[int, Head], raw: bytes, why: str) -> None:
        """Kept with its header or with nothing, but as a ticket in any case."""
        head = heads.get(uid)
        words = f"could not be fetched: {why}; it lies in {self._mailbox.name} as UID {uid}"
        key = "" if raw else f"imap {self._mailbox.name} {uidvalidity} {uid}"
        mail = self._mail(raw, head, words, key)
        outcome = Outcome(uid, MessageState.POISON, head.size if head else 0, words, 0)
        self._commit(uidvalidity, [outcome], [mail], uid)
        log.error("mailbox_poison", mailbox=self._mailbox.name, uid=uid, error=why)

    def _renumbered(self, before: int, now: int) -> None:
        words = f"UIDVALIDITY changed from {before} to {now}: everything is looked at again; mails known are not taken twice"
        self._book.alarm(AlarmKind.RENUMBERED, words)
        log.warning("mailbox_renumbered", mailbox=self._mailbox.name, before=before, now=now)

    def _is_large(self, head: Head) -> bool:
        return head.size > self._mailbox.max_bytes

    def _is_old(self, head: Head) -> bool:
        since = self._mailbox.since
        return since is not None and head.received_at is not None and head.received_at < since


def batches(uids: Sequence[int], heads: dict[int, Head]) -> Iterator[list[int]]:
    """UIDs in their order, so many and so many bytes at a time."""
    batch: list[int] = []
    size = 0
    for uid in uids:
        its = heads[uid].size if uid in heads else 0
        if batch and (len(batch) >= BATCH or size + its > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(uid)
        size += its
    if batch:
        yield batch
