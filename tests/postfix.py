"""A Postfix of our own on loopback, with the main.cf of docs/operations/mail.md."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.servers import free_port

DOCS = Path(__file__).resolve().parent.parent / "docs" / "operations" / "mail.md"
_SERVICES = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def postfix_missing() -> str:
    """Why Postfix cannot be run here, or an empty string."""
    if not shutil.which("postfix", path="/usr/sbin:/usr/bin"):
        return "Postfix is not installed: apt-get install postfix"
    return "" if os.getuid() == 0 else "Postfix starts as root only"


class Postfix:
    """Takes mail on `port`; hands ours to the intake and everybody else's to `relayhost`."""

    def __init__(self, *, intake_port: int, relayhost_port: int) -> None:
        self.port = free_port()
        # Its services run as user postfix, who must be able to walk to the queue.
        self.path = Path(tempfile.mkdtemp(prefix="postfix-"))
        self.path.chmod(0o755)
        self._etc = self.path / "etc"
        (self._etc).mkdir()
        (self.path / "queue").mkdir()
        (self.path / "data").mkdir()
        shutil.chown(self.path / "data", "postfix")
        documented = re.search(r"```main.cf\n(.*?)```", DOCS.read_text(), re.S)
        assert documented
        main = documented[1].replace("[127.0.0.1]:2525", f"[127.0.0.1]:{intake_port}")
        own = {
            "queue_directory": self.path / "queue",
            "data_directory": self.path / "data",
            "maillog_file": self.path / "log",
            "maillog_file_prefixes": self.path,
            "relayhost": f"[127.0.0.1]:{relayhost_port}",
            "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4",
            "smtp_host_lookup": "native",
            "smtpd_peername_lookup": "no",
            "alias_maps": "",
            "alias_database": "",
        }
        (self._etc / "main.cf").write_text(main + "".join(f"{k} = {v}\n" for k, v in own.items()))
        (self._etc / "master.cf").write_text(_SERVICES.format(port=self.port))

    def start(self) -> None:
        self._run("postfix", "-c", str(self._etc), "start")

    def stop(self) -> None:
        self._run("postfix", "-c", str(self._etc), "stop")
        shutil.rmtree(self.path)

    def flush(self) -> None:
        """Tries everything in the queue again now."""
        self._run("postqueue", "-c", str(self._etc), "-f")

    def log(self) -> str:
        path = self.path / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    @staticmethod
    def _run(*command: str) -> None:
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
