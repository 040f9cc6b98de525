"""Reads mails in a child process of its own, under a wall clock and a memory limit; a stuck child is replaced."""

from __future__ import annotations

import multiprocessing
import resource
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from models.directory import Directory
from models.errors import ParseTimeout, RuleError
from models.mail import MailFacts
from models.reading import Reading
from models.rule_store import ActiveRules

WALL_CLOCK_S = 2.0
START_S = 60.0
MEMORY_BYTES = 3 << 30
_FIRST = b"Subject: warm\n\nThe line is down since 9:00."


@dataclass(frozen=True, slots=True)
class Job:
    raw: bytes
    arrived_at: datetime
    envelope_from: str
    envelope_to: str
    own_addresses: tuple[str, ...]
    question: str | None
    quick: bool = False
    trusted_forms: tuple[str, ...] = ()
    # Free words instead of a mail, and the customer whose services alone they may name (empty: all).
    words: str | None = None
    customer: str = ""
    # A mail that is read by what this customer may know, empty being one who is not on file. The child keeps the whole
    # directory for all of them: taking over another one takes it longer than reading.
    one_view: bool = False


class Reader:
    """One child that reads; not for use by two threads at once."""

    def __init__(self, *, wall_clock_s: float = WALL_CLOCK_S) -> None:
        self._limit = wall_clock_s
        self._context = multiprocessing.get_context("spawn")
        self._child: Any = None
        self._pipe: Connection | None = None
        self._directory: Directory | None = None
        self._rules = ""

    def start(self) -> None:
        """Starts the child and waits until it can read."""
        here, there = self._context.Pipe()
        self._child = self._context.Process(target=_serve, args=(there,), daemon=True, name="intake-reader")
        self._child.start()
        there.close()
        self._pipe, self._directory, self._rules = here, None, ""
        self._receive(START_S)

    def read(self, job: Job, directory: Directory, rules: ActiveRules) -> tuple[MailFacts, Reading, Reading | None]:
        """Reads one mail by one directory and one rule set; a second time where the sender may not know all of it.

        Raises ParseTimeout when the child hung or died; it is replaced for the next mail.
        """
        facts, reading, told = self._asked(job, directory, rules)
        return facts, reading, told

    def read_words(self, job: Job, directory: Directory, rules: ActiveRules) -> Reading:
        """Reads the job's words, under the same limits. Raises ParseTimeout."""
        reading: Reading = self._asked(job, directory, rules)[1]
        return reading

    def _asked(self, job: Job, directory: Directory, rules: ActiveRules) -> Any:
        if self._pipe is None:
            self.start()
        if self._directory is not directory:
            self._send(directory)
            self._receive(START_S)
            self._directory = directory
        if self._rules != rules.digest:
            self._send(rules)
            self._receive(START_S)
            self._rules = rules.digest
        self._send(job)
        answer = self._receive(self._limit)
        if isinstance(answer, str):
            raise ParseTimeout(answer)
        return answer

    def stop(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.join()
        if self._pipe is not None:
            self._pipe.close()
        self._child = self._pipe = None

    def _send(self, message: object) -> None:
        try:
            assert self._pipe is not None
            self._pipe.send(message)
        except OSError as e:
            self.stop()
            raise ParseTimeout("the reading process is gone") from e

    def _receive(self, limit: float) -> Any:
        try:
            assert self._pipe is not None
            if self._pipe.poll(limit):
                return self._pipe.recv()
        except (EOFError, OSError) as e:
            self.stop()
            raise ParseTimeout("the reading process died (out of memory?)") from e
        self.stop()
        raise ParseTimeout(f"not read within {limit:g} s")


def _serve(pipe: Connection) -> None:
    from app.disclosed import disclosed, writer_of
    from app.facts import facts_of, reference_time
    from app.memory import freeze
    from parsers import open_mail, read_mail, read_text
    from parsers.rules import RuleSet, parse_rules

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    directory = Directory()
    rules: RuleSet | None = None
    read_mail(_FIRST, directory=directory)
    pipe.send("ready")
    while True:
        try:
            message = pipe.recv()
        except (EOFError, KeyboardInterrupt):
            return
        if isinstance(message, Directory):
            directory = message
            # Before it is told ready: on a busy machine this takes longer than a mail may.
            directory.prepare()
            read_mail(_FIRST, directory=directory)
            freeze()
            pipe.send("ready")
            continue
        if isinstance(message, ActiveRules):
            # Checked when it was imported; a set that this version cannot read leaves the shipped one in force.
            try:
                rules = parse_rules(message.text, message.digest) if message.text else None
            except RuleError:
                rules = None
            pipe.send("ready")
            continue
        try:
            if message.words is not None:
                one = directory.customer_by_id.get(message.customer)
                view = directory.seen_by(one) if message.customer else directory
                sender = message.envelope_from or None
                words = read_text(message.words, directory=view, sender=sender, received_at=message.arrived_at, rules=rules)
                pipe.send((None, words, None))
                continue
            opened = open_mail(message.raw)
            at = reference_time(opened, message.arrived_at, message.own_addresses)
            facts = facts_of(opened, message, directory)
            if message.quick:
                pipe.send((facts, read_text("", directory=directory, sender=facts.from_address, received_at=at), None))
                continue
            read = partial(
                read_mail,
                message.raw,
                own_addresses=message.own_addresses,
                received_at=at,
                rules=rules,
                previous_question=message.question,
                customer_address=writer_of(facts, message),
            )
            if message.one_view:
                view = directory.seen_by(directory.customer_by_id.get(message.customer))
                pipe.send((facts, read(directory=view), None))
                continue
            reading = read(directory=directory)
            limited = disclosed(facts, message, reading, directory)
            pipe.send((facts, reading, read(directory=limited) if limited else None))
        except Exception as e:  # the loop's edge: the parent sets the mail aside with this reason
            pipe.send(f"{type(e).__name__}: {e}")
