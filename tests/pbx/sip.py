"""A small telephone: SIP over UDP (RFC 3261), G.711 and key presses over RTP (RFC 4733), on loopback."""

from __future__ import annotations

import math
import re
import secrets
import socket
import struct
import threading
import time
from collections.abc import Callable

HOST = "127.0.0.1"
_EVENTS = {c: n for n, c in enumerate("0123456789*#")}
_FRAME = 160
_SILENCE = b"\xff" * _FRAME
# Every telephone of this run, so that none keeps its port after a call that failed.
made: list[Phone] = []


def _ulaw(sample: int) -> int:
    """One 16-bit sample as G.711 mu-law."""
    sign, value = (0x80, -sample) if sample < 0 else (0, sample)
    value = min(value, 32635) + 132
    exponent = max(0, value.bit_length() - 8)
    return ~(sign | exponent << 4 | value >> exponent + 3 & 0x0F) & 0xFF


_TONE = bytes(_ulaw(int(8000 * math.sin(2 * math.pi * 440 * n / 8000))) for n in range(_FRAME))


class Phone:
    """One telephone on a port of its own; `calls` makes a call, `answers` waits for one."""

    def __init__(self, name: str, port: int = 0) -> None:
        self.name = name
        made.append(self)
        self._sip, self._rtp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self._sip.bind((HOST, port))
        self._rtp.bind((HOST, 0))
        self._sip.settimeout(0.3)
        self._rtp.settimeout(0.3)
        self.port, self._media = self._sip.getsockname()[1], self._rtp.getsockname()[1]
        self._call_id, self._tag = f"{secrets.token_hex(8)}@{HOST}", secrets.token_hex(4)
        self._branch = "z9hG4bK" + secrets.token_hex(6)
        self._to = self._peer_uri = self._from = ""
        self._peer: tuple[str, int] | None = None
        self._far: tuple[str, int] | None = None
        self._cseq = 1
        self.up, self.ended = threading.Event(), threading.Event()
        self.status = 0
        self.heard = 0
        self.speaking = False
        self._sequence, self._clock, self._ssrc = 0, 0, secrets.randbits(31)
        self._on_call: Callable[[Phone], None] | None = None
        self._rtp_lock = threading.Lock()
        self._closed = threading.Event()
        self._threads = [threading.Thread(target=w, daemon=True) for w in (self._listen, self._hear, self._talk)]
        for thread in self._threads:
            thread.start()

    def call(self, exchange: int, number: str, caller: str) -> None:
        """INVITE; returns at once, `up` is set when it was answered."""
        self._peer = (HOST, exchange)
        self._peer_uri = f"sip:{number}@{HOST}:{exchange}"
        self._from = f'"{self.name}" <sip:{caller}@{HOST}:{self.port}>;tag={self._tag}'
        self._to = f"<{self._peer_uri}>"
        self._request("INVITE", self._sdp())

    def answers(self, what: Callable[[Phone], None] | None) -> None:
        """Takes calls, and does this once one is up; None is busy."""
        self._on_call = what

    def press(self, keys: str) -> None:
        """Keys as RFC 4733 events, 120 ms each."""
        for key in keys:
            with self._rtp_lock:
                start = self._clock
                for n in range(1, 7):
                    self._event(key, n * _FRAME, start, first=n == 1, last=False)
                    time.sleep(0.02)
                for _ in range(3):
                    self._event(key, 7 * _FRAME, start, first=False, last=True)
                self._clock = (start + 8 * _FRAME) & 0xFFFFFFFF
            time.sleep(0.12)

    def hang_up(self) -> None:
        if self._peer and self.up.is_set() and not self.ended.is_set() and not self._closed.is_set():
            self._cseq += 1
            self._branch = "z9hG4bK" + secrets.token_hex(6)
            self._request("BYE")
            self.ended.wait(10)

    def close(self) -> None:
        if self._closed.is_set():
            return
        self._closed.set()
        for thread in self._threads:
            thread.join(5)
        self._sip.close()
        self._rtp.close()

    def _sdp(self) -> str:
        return (
            f"v=0\r\no=- 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\nm=audio {self._media} RTP/AVP 0 101\r\n"
            "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
        )

    def _request(self, method: str, body: str = "") -> None:
        cseq = f"{self._cseq} {method}"
        lines = [
            f"{method} {self._peer_uri} SIP/2.0", f"Via: SIP/2.0/UDP {HOST}:{self.port};branch={self._branch};rport",
            f"From: {self._from}", f"To: {self._to}", f"Call-ID: {self._call_id}", f"CSeq: {cseq}", "Max-Forwards: 70",
            f"Contact: <sip:phone@{HOST}:{self.port}>",
        ]  # fmt: skip
        lines += ["Content-Type: application/sdp"] if body else []
        self._send("\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]))

    def _send(self, message: str) -> None:
        assert self._peer
        self._sip.sendto(message.encode(), self._peer)

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                data, peer = self._sip.recvfrom(65535)
            except TimeoutError:
                continue
            except OSError:
                return
            message = data.decode("utf-8", "replace")
            first = message.partition("\r\n")[0]
            if first.startswith("SIP/2.0"):
                self._response(message, int(first.split()[1]))
            else:
                self._peer = peer
                self._asked(message, first.split()[0])

    def _response(self, message: str, status: int) -> None:
        method = _header(message, "CSeq").split()[1]
        if method == "BYE":
            self.ended.set()
        elif method == "INVITE" and status >= 200:
            self.status, self._to = status, _header(message, "To")
            if status < 300:
                self._answered(message)
            else:
                self._request("ACK")
                self.ended.set()

    def _answered(self, message: str) -> None:
        contact = re.search(r"<(sip:[^>]+)>", _header(message, "Contact"))
        self._peer_uri = contact[1] if contact else self._peer_uri
        self._media_of(message)
        self._request("ACK")
        self.up.set()

    def _media_of(self, message: str) -> None:
        port, host = re.search(r"m=audio (\d+)", message), re.search(r"c=IN IP4 (\S+)", message)
        if port and host:
            self._far = (host[1], int(port[1]))

    def _asked(self, message: str, method: str) -> None:
        if method == "ACK":
            return
        if method == "INVITE":
            if self._on_call is None:
                self._reply(message, "486 Busy Here")
                return
            self._media_of(message)
            self._call_id, self._to = _header(message, "Call-ID"), _header(message, "From")
            self._from = _header(message, "To") + f";tag={self._tag}"
            contact = re.search(r"<(sip:[^>]+)>", _header(message, "Contact"))
            self._peer_uri = contact[1] if contact else ""
            fresh = not self.up.is_set()
            self._reply(message, "200 OK", self._sdp())
            self.up.set()
            if fresh:
                threading.Thread(target=self._on_call, args=(self,), daemon=True).start()
            return
        self._reply(message, "200 OK")
        if method in ("BYE", "CANCEL"):
            self.ended.set()

    def _reply(self, message: str, status: str, body: str = "") -> None:
        to = _header(message, "To")
        to += "" if "tag=" in to else f";tag={self._tag}"
        vias = re.findall(r"(?im)^Via: *(.+?)\r?$", message)
        lines = [f"SIP/2.0 {status}", *(f"Via: {v}" for v in vias), f"From: {_header(message, 'From')}", f"To: {to}",
                 f"Call-ID: {_header(message, 'Call-ID')}", f"CSeq: {_header(message, 'CSeq')}",
                 f"Contact: <sip:phone@{HOST}:{self.port}>"]  # fmt: skip
        lines += ["Content-Type: application/sdp"] if body else []
        self._send("\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]))

    def _hear(self) -> None:
        while not self._closed.is_set():
            try:
                data, _ = self._rtp.recvfrom(2048)
            except TimeoutError:
                continue
            except OSError:
                return
            self.heard += len(data) > 12 and data[1] & 0x7F == 0

    def _talk(self) -> None:
        """Sound all the time, as telephones send it: silence, or a tone while `speaking`."""
        due = time.monotonic()
        while not self._closed.is_set():
            due += 0.02
            time.sleep(max(0.0, due - time.monotonic()))
            if self._far and self.up.is_set() and not self.ended.is_set() and self._rtp_lock.acquire(blocking=False):
                try:
                    self._packet(0, _TONE if self.speaking else _SILENCE, self._clock)
                    self._clock = (self._clock + _FRAME) & 0xFFFFFFFF
                finally:
                    self._rtp_lock.release()

    def _event(self, key: str, length: int, start: int, *, first: bool, last: bool) -> None:
        self._packet(101, struct.pack("!BBH", _EVENTS[key], 0x80 * last | 10, length), start, mark=first)

    def _packet(self, kind: int, payload: bytes, clock: int, *, mark: bool = False) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFF
        head = struct.pack("!BBHII", 0x80, kind | 0x80 * mark, self._sequence, clock, self._ssrc)
        if self._far:
            try:
                self._rtp.sendto(head + payload, self._far)
            except OSError:
                self.ended.set()


def _header(message: str, name: str) -> str:
    found = re.search(rf"(?im)^{name}: *(.+?)\r?$", message)
    return found[1] if found else ""
