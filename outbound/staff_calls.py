"""Reaches our own persons by text message or by a call that speaks: the ways of an escalation matrix that are no mail."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from models.errors import DeliveryDeferred, DeliveryRefused
from models.words import NoticeWay
from outbound.headers import one_line

MAX_CHARS = 480
# The carrier takes at most 4,000 characters of TwiML in a request (phone carrier's error 32018).
MAX_TWIML = 4000
_TICKET = re.compile(r"INC-(\d{4})-(\d+)")


class StaffCaller:
    """A `tickets.notices.Caller` over the phone carrier's REST interface.

    Raises DeliveryDeferred or DeliveryRefused: either way this way failed, and the next one of the person is taken.
    """

    def __init__(self, client: Client, provider: str, number: str, *, language: str = "en-US", voice: str = "") -> None:
        self._client, self._provider, self._number = client, provider, number
        self._language, self._voice = language, voice

    def notify(self, way: NoticeWay, number: str, text: str) -> None:
        words = one_line(f"{self._provider}: {text}", MAX_CHARS)
        try:
            if way is NoticeWay.CALL:
                self._client.calls.create(to=number, from_=self._number, twiml=self.spoken(words))
            else:
                self._client.messages.create(to=number, from_=self._number, body=words)
        except TwilioRestException as e:
            refused = DeliveryRefused if e.status is not None and e.status < 500 and e.status != 429 else DeliveryDeferred
            raise refused(f"the carrier answers {e.status}: {e.msg}"[:300]) from e

    def spoken(self, text: str) -> str:
        """TwiML that says it twice, a ticket's number figure by figure."""
        words = escape(_TICKET.sub(lambda m: f"{_spelled(m[1])}, {_spelled(m[2])}", text))
        voice = f" voice={quoteattr(self._voice)}" if self._voice else ""
        say = f"<Say language={quoteattr(self._language)}{voice}>{words}</Say>"
        return f'<Response><Pause length="1"/>{say}<Pause length="2"/>{say}</Response>'[:MAX_TWIML]


def _spelled(digits: str) -> str:
    return " ".join(digits)
