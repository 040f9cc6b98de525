"""Hosts of a network of our own: namespaces on one bridge, whose links can be cut, delayed and healed."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_NET = "10.231.77"
# Where hosts of the network reach this machine.
BRIDGE = f"{_NET}.254"


def missing() -> str:
    """Why there can be no such network here, or an empty string."""
    if os.getuid() != 0 or not shutil.which("ip"):
        return "network namespaces need root and iproute2"
    probe = f"ik{os.getpid() % 10000}p"
    if subprocess.run(["ip", "netns", "add", probe], capture_output=True).returncode:
        return "network namespaces are not permitted here"
    subprocess.run(["ip", "netns", "del", probe], check=True)
    return ""


class Network:
    """The bridge and its hosts; host number n has the address 10.231.77.n."""

    def __init__(self) -> None:
        self._name = f"ik{os.getpid() % 10000}"
        self._hosts: list[int] = []
        _ip("link", "add", self._name, "type", "bridge")
        _ip("address", "add", f"{BRIDGE}/24", "dev", self._name)
        _ip("link", "set", self._name, "up")

    def host(self) -> int:
        n = len(self._hosts) + 1
        self._hosts.append(n)
        _ip("netns", "add", self._space(n))
        _ip("link", "add", self._link(n), "type", "veth", "peer", "name", "eth0", "netns", self._space(n))
        _ip("link", "set", self._link(n), "master", self._name, "up")
        for command in (f"address add {_NET}.{n}/24 dev eth0", "link set eth0 up", "link set lo up"):
            _ip("-n", self._space(n), *command.split())
        return n

    @staticmethod
    def address(n: int) -> str:
        return f"{_NET}.{n}"

    def cut(self, n: int) -> None:
        _ip("link", "set", self._link(n), "nomaster")

    def heal(self, n: int) -> None:
        _ip("link", "set", self._link(n), "master", self._name)

    def delay(self, n: int, ms: int) -> bool:
        """Packets to this host take so much longer, 0 takes the delay away; False where the kernel has no netem."""
        subprocess.run(["tc", "qdisc", "del", "dev", self._link(n), "root"], capture_output=True, check=False)
        if not ms:
            return True
        add = ["tc", "qdisc", "add", "dev", self._link(n), "root", "netem", "delay", f"{ms}ms"]
        return subprocess.run(add, capture_output=True, check=False).returncode == 0

    def flap(self, n: int, seconds: float) -> None:
        """A link that comes and goes."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.cut(n)
            time.sleep(0.4)
            self.heal(n)
            time.sleep(0.4)

    def run(
        self, n: int, command: Sequence[str], *, env: Mapping[str, str], log: Path, user: str = ""
    ) -> subprocess.Popen[bytes]:
        """Starts a process on the host, in a process group of its own."""
        whole = [
            "ip",
            "netns",
            "exec",
            self._space(n),
            *(["setpriv", f"--reuid={user}", "--clear-groups"] if user else []),
            *command,
        ]
        with log.open("ab") as out:
            return subprocess.Popen(whole, env=dict(env), stdout=out, stderr=out, start_new_session=True)

    def close(self) -> None:
        for n in self._hosts:
            subprocess.run(["ip", "netns", "del", self._space(n)], check=False)
        subprocess.run(["ip", "link", "del", self._name], check=False)

    def _space(self, n: int) -> str:
        return f"{self._name}h{n}"

    def _link(self, n: int) -> str:
        return f"{self._name}v{n}"


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"
