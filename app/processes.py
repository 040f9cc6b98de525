"""Worker processes: started with our settings, watched, replaced when they die, stopped by pid."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping

import structlog

log = structlog.get_logger("intake.processes")
_GRACE_S = 20.0
_RESPAWN_AFTER_S = 1.0


class WorkerProcesses:
    """A fixed number of `intake worker` processes."""

    def __init__(self, count: int, environment: Mapping[str, str]) -> None:
        self._count, self._environment = count, environment
        self._children: list[subprocess.Popen[bytes]] = []
        self._stop = threading.Event()
        self._watch = threading.Thread(target=self._watching, daemon=True)

    def start(self) -> None:
        self._children = [self._spawn() for _ in range(self._count)]
        self._watch.start()

    def alive(self) -> int:
        return sum(c.poll() is None for c in self._children)

    def stop(self) -> None:
        """Asks each to finish what it does, and kills those that do not within 20 s."""
        self._stop.set()
        if self._children:
            self._watch.join()
        for c in self._children:
            if c.poll() is None:
                c.send_signal(signal.SIGTERM)
        for c in self._children:
            try:
                c.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                c.kill()
                c.wait()

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "app", "worker", "--parent", str(os.getpid())]
        return subprocess.Popen(command, env=dict(self._environment))

    def _watching(self) -> None:
        while not self._stop.wait(_RESPAWN_AFTER_S):
            for i, child in enumerate(self._children):
                if child.poll() is not None:
                    log.error("worker_died", pid=child.pid, exit=child.returncode)
                    self._children[i] = self._spawn()
