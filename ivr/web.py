"""The carrier's webhooks under /voice/: verified, answered within two seconds whatever the store does, never a traceback."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response

from ivr.carrier import Fields, nothing, signed
from ivr.ends import Ends
from ivr.line import Line

log = structlog.get_logger("ivr.web")
ANSWER_WITHIN_S = 1.7
# Nobody listens to the answer of a callback; the carrier waits 15 s for it, and comes again after a 503.
KEEP_WITHIN_S = 10.0
MAX_BODY = 64 * 1024
PATHS = ("incoming", "step", "recording", "transcription", "status", "dial", "queue", "fallback")
CALLBACKS = frozenset({"recording", "transcription", "status"})
_SID = re.compile(r"CA[0-9a-f]{32}")
Work = Callable[[Fields, dict[str, str]], str]


class Webhooks:
    """All webhooks of one line. A pool of its own keeps them apart from the console's work."""

    def __init__(
        self, line: Line, ends: Ends, *, within_s: float = ANSWER_WITHIN_S, keep_within_s: float = KEEP_WITHIN_S
    ) -> None:
        self.line, self._ends, self.within_s, self.keep_within_s = line, ends, within_s, keep_within_s
        self._pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="voice")
        self._works: dict[str, Work] = {
            "incoming": lambda f, q: line.incoming(f),
            "step": lambda f, q: line.stepped(f, q.get("token", "")),
            "dial": self._dial,
            "queue": self._queue,
            "fallback": self._fallback,
            "status": self._status,
            "recording": self._recording,
            "transcription": self._transcription,
        }

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def answer(self, name: str, request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return PlainTextResponse("too long", status_code=403)
        try:
            fields = Fields(body)
        except (ValueError, UnicodeDecodeError):
            return PlainTextResponse("not a form", status_code=403)
        if not self._verified(request, fields):
            log.warning("voice_refused", path=name, peer=request.client.host if request.client else "")
            return PlainTextResponse("not signed by the carrier", status_code=403)
        if not _SID.fullmatch(fields.get("CallSid")) and not (name == "status" and fields.get("MessageSid")):
            return PlainTextResponse("names no call", status_code=403)
        document = await self._worked(name, fields, dict(request.query_params))
        # What is not kept is not acknowledged.
        return PlainTextResponse("try again", status_code=503) if document is None else _twiml(document)

    def _verified(self, request: Request, fields: Fields) -> bool:
        s = self.line.settings
        # As the carrier saw it: the public address, with path and query as they came, undecoded.
        path = request.scope.get("raw_path", b"").decode("latin-1").partition("?")[0]
        query = request.scope["query_string"].decode("latin-1")
        url = s.public_url.rstrip("/") + path + (f"?{query}" if query else "")
        if not signed(s.tokens, url, fields, request.headers.get("x-twilio-signature")):
            return False
        return not s.account.sid or fields.get("AccountSid") == s.account.sid

    async def _worked(self, name: str, fields: Fields, query: dict[str, str]) -> str | None:
        loop = asyncio.get_running_loop()
        work = loop.run_in_executor(self._pool, self._works[name], fields, query)
        try:
            within = self.keep_within_s if name in CALLBACKS else self.within_s
            return await asyncio.wait_for(asyncio.shield(work), within)
        except TimeoutError:
            log.error("voice_slow", path=name, call=fields.get("CallSid"))
            work.add_done_callback(_seen)
        except Exception:  # the webhook's edge: the caller hears an apology and gets a person
            log.exception("voice_failed", path=name, call=fields.get("CallSid"))
        return None if name in CALLBACKS else self.line.replies.apology(tried=name == "fallback")

    def _dial(self, fields: Fields, query: dict[str, str]) -> str:
        match query.get("leg"):
            case "whisper":
                return self.line.replies.whispered(query.get("call", ""))
            case "accept":
                return nothing() if fields.get("Digits") == "1" else self.line.replies.goodbye()
        return self.line.dialed(fields, query.get("token", ""))

    def _queue(self, fields: Fields, query: dict[str, str]) -> str:
        return self.line.replies.wait(fields) if "wait" in query else self.line.left_queue(fields, query.get("token", ""))

    def _fallback(self, fields: Fields, query: dict[str, str]) -> str:
        if "recorded" in query or fields.get("DialCallStatus") == "completed":
            return self.line.replies.goodbye()
        return self.line.replies.apology(tried="tried" in query)

    def _status(self, fields: Fields, query: dict[str, str]) -> str:
        if fields.get("MessageSid"):
            self._ends.message_status(fields)
        else:
            self._ends.status(fields)
        return nothing()

    def _recording(self, fields: Fields, query: dict[str, str]) -> str:
        sid = self._ends.recording(fields)
        if sid:
            self._pool.submit(self._fetch, sid)
        return nothing()

    def _fetch(self, sid: str) -> None:
        try:
            self._ends.fetch(sid, delete=self.line.settings.delete_at_carrier)
        except Exception:  # the duty tries again
            log.exception("recording_not_fetched", recording=sid)

    def _transcription(self, fields: Fields, query: dict[str, str]) -> str:
        self._ends.transcription(fields)
        return nothing()


def add_voice(app: FastAPI, hooks: Webhooks) -> None:
    """Mounts the webhooks on the application."""
    for name in PATHS:
        app.add_api_route(
            f"/voice/{name}", _route(hooks, name), methods=["POST"], include_in_schema=False, name=f"voice_{name}"
        )


def _route(hooks: Webhooks, name: str) -> Callable[[Request], object]:
    async def webhook(request: Request) -> Response:
        return await hooks.answer(name, request)

    return webhook


async def _body(request: Request) -> bytes | None:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return body


def _twiml(document: str) -> Response:
    return Response(document, media_type="text/xml")


def _seen(work: asyncio.Future[str]) -> None:
    if not work.cancelled() and work.exception():
        log.error("voice_failed_late", error=repr(work.exception()))
