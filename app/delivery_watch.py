"""Looks on at delivery: counts what became of each try, and puts the sending into the trace of the contact it answers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext

from app.meter import Meter
from app.traces import Traces
from models.words import OutboxState

_REMEMBERED = 5000


class DeliveryWatch:
    """Remembers which contact a mail answers for those that this process has filed itself."""

    def __init__(self, meter: Meter, traces: Traces) -> None:
        self._meter, self._traces = meter, traces
        self._contact_of: OrderedDict[int, int] = OrderedDict()

    def note(self, outbox_id: int, contact_id: int) -> None:
        self._contact_of[outbox_id] = contact_id
        while len(self._contact_of) > _REMEMBERED:
            self._contact_of.popitem(last=False)

    def sending(self, row: int) -> AbstractContextManager[object]:
        contact = self._contact_of.get(row)
        return self._traces.span("deliver", contact, **{"intake.mail": row}) if contact else nullcontext()

    def marked(self, states: Iterable[OutboxState]) -> None:
        self._meter.marked(states)
