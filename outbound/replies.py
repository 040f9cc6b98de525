"""What a smarthost's reply, or its silence, means for the mail: a table from RFC 5321 section 4.2 and RFC 3463."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from enum import StrEnum

from outbound.headers import one_line

_ENHANCED = re.compile(r"^\s*([245]\.\d{1,3}\.\d{1,3})\b")


class Stage(StrEnum):
    """Where in the conversation it happened."""

    CONNECT = "connect"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    LOGIN = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    END = "end of data"


class Meaning(StrEnum):
    """What follows for the mail."""

    NEXT_HOST = "next_host"
    """Not taken; another smarthost may take it now, else it is tried again later."""
    LATER = "later"
    """Nobody knows whether it was taken: the same bytes go out later, and not at once elsewhere."""
    BAD_ADDRESS = "bad_address"
    """This recipient is refused for good; another address of the same person may do."""
    REFUSED = "refused"
    """This mail is refused for good."""


class SmtpTrouble(Exception):
    """The smarthost did not do as asked; `code` is 0 where it said nothing at all."""

    def __init__(self, stage: Stage, code: int, words: str) -> None:
        super().__init__(stage, code, words)
        self.stage, self.code = stage, code
        self.words = one_line(words, 300)

    def __str__(self) -> str:
        return f"{self.code} {self.words}" if self.code else f"{self.words} (at {self.stage.value})"

    @property
    def enhanced(self) -> str:
        """The enhanced status code (RFC 3463), or nothing."""
        found = _ENHANCED.match(self.words)
        return found[1] if found else ""


SESSION = frozenset({Stage.CONNECT, Stage.EHLO, Stage.STARTTLS, Stage.LOGIN})
ANY = frozenset(Stage)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: it holds when stage, code and enhanced code all fit."""

    name: str
    meaning: Meaning
    stages: Container[Stage] = ANY
    codes: Container[int] = range(0, 1000)
    enhanced: str = ""

    def holds(self, trouble: SmtpTrouble) -> bool:
        fits = trouble.stage in self.stages and trouble.code in self.codes
        return fits and bool(re.fullmatch(self.enhanced, trouble.enhanced) if self.enhanced else True)


# The first line that holds decides.
TABLE: tuple[Row, ...] = (
    Row("the session never came to the mail", Meaning.NEXT_HOST, stages=SESSION),
    Row("gone after the last byte: it may have been taken", Meaning.LATER, stages={Stage.END}, codes={0}),
    Row("gone before that", Meaning.NEXT_HOST, codes={0}),
    Row("temporary", Meaning.NEXT_HOST, codes=range(400, 500)),
    # "Sign in first" and its kin speak about our settings, not about this mail: it waits until they are right.
    Row("our sign-in", Meaning.NEXT_HOST, codes={530, 534, 535, 538}),
    Row("our sign-in, by enhanced code", Meaning.NEXT_HOST, codes=range(500, 600), enhanced=r"5\.7\.(?:0|8|9|11|13)"),
    Row(
        "the address, by enhanced code",
        Meaning.BAD_ADDRESS,
        codes=range(500, 600),
        enhanced=r"5\.(?:1\.[1-6]|1\.10|2\.\d+|4\.4)",
    ),
    Row("policy, size, content or protocol", Meaning.REFUSED, codes=range(500, 600), enhanced=r"5\.[3-7]\.\d+"),
    Row("the recipient", Meaning.BAD_ADDRESS, stages={Stage.RCPT}, codes=range(500, 600)),
    Row("the mail", Meaning.REFUSED, codes=range(500, 600)),
    Row("a reply that RFC 5321 does not know", Meaning.NEXT_HOST),
)


def meaning(trouble: SmtpTrouble) -> Meaning:
    """What the reply means for the mail."""
    return next(row.meaning for row in TABLE if row.holds(trouble))


def ends_the_session(trouble: SmtpTrouble) -> bool:
    """Whether the connection is of no further use."""
    return trouble.code in (0, 421) or trouble.stage in SESSION


def speaks_of_the_host(trouble: SmtpTrouble) -> bool:
    """Whether the next mail would fare no better with this smarthost just now."""
    return ends_the_session(trouble) and trouble.stage is not Stage.END
