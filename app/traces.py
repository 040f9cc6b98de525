"""OpenTelemetry traces by setting: what one contact went through, across processes and machines.

All spans of a contact share a trace whose number is made from the contact's, so that no context need travel along.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Attributes = dict[str, str | int | float | bool]


class Traces:
    """Spans to an OTLP collector, or nothing at all where none is set."""

    def __init__(self, url: str, *, service: str, secret: bytes) -> None:
        self._secret = secret
        self._provider: Any = _provider(url, service) if url else None
        self._tracer: Any = self._provider.get_tracer("intake") if self._provider else None

    @contextmanager
    def span(self, name: str, contact_id: int, **attributes: str | int | float | bool) -> Iterator[Callable[..., None]]:
        """One piece of work on a contact; the yielded function adds attributes. No words of the customer go in."""
        if self._tracer is None:
            yield lambda **_more: None
            return
        with self._tracer.start_as_current_span(
            name, context=self._context(contact_id), attributes={"intake.contact": contact_id, **attributes}
        ) as span:
            yield lambda **more: span.set_attributes(more)

    def close(self) -> None:
        """Sends what still waits."""
        if self._provider is not None:
            self._provider.shutdown()

    def _context(self, contact_id: int) -> Any:
        from opentelemetry import trace

        digest = hashlib.sha256(self._secret + f":trace:{contact_id}".encode()).digest()
        parent = trace.SpanContext(
            trace_id=int.from_bytes(digest[:16]),
            span_id=int.from_bytes(digest[16:24]),
            is_remote=True,
            trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED),
        )
        return trace.set_span_in_context(trace.NonRecordingSpan(parent))


def _provider(url: str, service: str) -> Any:
    # Imported only where traces are wanted: it costs memory and time at the start.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "intake", "service.namespace": service}))
    exporter = OTLPSpanExporter(endpoint=f"{url.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
    return provider
