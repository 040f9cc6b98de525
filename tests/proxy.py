"""A TCP proxy between two of our parts, which can cut the link or let it hang."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from tests.servers import free_port


class Proxy:
    """Listens on `port` and passes bytes to the target, until told otherwise."""

    def __init__(self, target: int) -> None:
        self.port, self.target = free_port(), target
        self.connections = 0
        self.cut_after = 0  # bytes from the server, per connection; 0 = never
        self.hang_at = b""  # hangs as soon as the client says this
        self.hung = threading.Event()
        self.rewrite: Callable[[bytes], bytes] | None = None  # what the server says
        self._hang = threading.Event()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Ends all connections as a firewall does: at once and with a reset."""
        for pair in self._pairs:
            for sock in pair:
                with suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                    sock.shutdown(socket.SHUT_RDWR)
                with suppress(OSError):
                    sock.close()
        self._pairs.clear()

    def hang(self) -> None:
        """From here on nothing passes on the connections that stand, and none is closed."""
        self._hang.set()
        self._hang = threading.Event()

    def close(self) -> None:
        self._closed = True
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while not self._closed:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                near.close()
                continue
            self._pairs.append((near, far))
            hang = self._hang
            for a, b, from_server in ((near, far, False), (far, near, True)):
                threading.Thread(target=self._pump, args=(a, b, hang, from_server), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, hang: threading.Event, from_server: bool) -> None:
        passed = 0
        try:
            while data := source.recv(65536):
                if hang.is_set():
                    continue
                if from_server and self.cut_after and passed + len(data) > self.cut_after:
                    sink.sendall(data[: self.cut_after - passed])
                    self.cut_after = 0
                    break
                if not from_server and self.hang_at and self.hang_at in data:
                    self.hang()
                    self.hung.set()
                    continue
                sink.sendall(self.rewrite(data) if from_server and self.rewrite else data)
                passed += len(data)
        except OSError:
            pass
        for sock in (source, sink):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
