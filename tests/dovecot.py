"""A real Dovecot for the tests: rootless, on 127.0.0.1, with IMAP, IMAPS (a certificate of its own) and OAuth2."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from imapclient import IMAPClient

from tests.servers import free_port

PASSWORD = "secret-" + "of-the-tests"
_OPENSSL = "openssl req -x509 -newkey rsa:2048 -nodes -days 3 -subj /CN=localhost -addext".split()
_OPENSSL.append("subjectAltName=DNS:localhost,IP:127.0.0.1")
_CONFIG = """
base_dir = {run}
state_dir = {path}/state
log_path = {path}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{path}/cert.pem
ssl_key = <{path}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 0
mail_location = {format}:{path}/mail/%u
mail_max_userip_connections = 100
mail_fsync = {fsync}
imap_idle_notify_interval = 2 s
{capability}
passdb {{
  driver = passwd-file
  args = {path}/users
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {path}/oauth2.conf.ext
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={path}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {imap}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {imaps}
    ssl = yes
  }}
}}
service stats {{
  unix_listener stats-reader {{
    mode = 0600
  }}
  unix_listener stats-writer {{
    mode = 0600
  }}
}}
"""


def dovecot_missing() -> str:
    """Why Dovecot cannot be run here, or an empty string."""
    if not shutil.which("dovecot", path="/usr/sbin:/usr/bin:/sbin:/bin"):
        return "Dovecot is not installed: apt-get install dovecot-imapd"
    return "" if shutil.which("openssl") else "openssl is not installed"


class Dovecot:
    """One server with the users `support` and `other`."""

    def __init__(
        self, path: Path, *, tokeninfo: str = "", capability: str = "", fsync: str = "optimized", format: str = "maildir"
    ) -> None:
        self.path = path / "dovecot"
        self.imap, self.imaps = free_port(), free_port()
        self._user = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        # The names of its sockets may be 107 bytes long, and a test's own folder has a long one.
        self._run = Path(tempfile.mkdtemp(prefix="dovecot-"))
        weakref.finalize(self, shutil.rmtree, self._run, ignore_errors=True)
        for part in ("state", "mail"):
            (self.path / part).mkdir(parents=True)
        self.certificate = self.path / "cert.pem"
        subprocess.run(
            [*_OPENSSL, "-keyout", str(self.path / "key.pem"), "-out", str(self.certificate)], check=True, capture_output=True
        )
        self.set_password(PASSWORD)
        (self.path / "oauth2.conf.ext").write_text(
            f"tokeninfo_url = {tokeninfo or 'http://127.0.0.1:9/'}\nusername_attribute = email\nactive_attribute = active\n"
            "active_value = true\ntimeout_msecs = 5000\n"
        )
        text = _CONFIG.format(
            path=self.path,
            run=self._run,
            user=self._user.pw_name,
            group=grp.getgrgid(self._user.pw_gid).gr_name,
            uid=self._user.pw_uid,
            gid=self._user.pw_gid,
            imap=self.imap,
            imaps=self.imaps,
            fsync=fsync,
            format=format,
            capability=f"imap_capability = {capability}" if capability else "",
        )
        (self.path / "dovecot.conf").write_text(text)
        self._give_away()

    def set_password(self, password: str) -> None:
        (self.path / "users").write_text("".join(f"{u}:{{PLAIN}}{password}::::::\n" for u in ("support", "other")))

    def _give_away(self) -> None:
        if os.getuid() != 0:
            return
        for folder in (self._run, self.path, *self.path.rglob("*")):
            # The server may take what is already its own elsewhere meanwhile.
            with suppress(FileNotFoundError):
                os.chown(folder, self._user.pw_uid, self._user.pw_gid)
        for parent in self.path.parents:
            if parent == Path("/tmp"):
                break
            os.chmod(parent, parent.stat().st_mode | 0o711)

    def start(self, *, signed_in: bool = True) -> None:
        # Not by a pipe: the daemon would hold it open.
        said = self.path / "start.log"
        with said.open("wb") as out:
            done = subprocess.run(
                ["/usr/sbin/dovecot", "-c", str(self.path / "dovecot.conf")],
                user=self._user.pw_uid if os.getuid() == 0 else None,
                group=self._user.pw_gid if os.getuid() == 0 else None,
                extra_groups=[] if os.getuid() == 0 else None,
                stdout=out,
                stderr=out,
                cwd=self.path,
            )
        assert done.returncode == 0, said.read_text()
        if signed_in:
            self.wait(lambda: self.client().logout() is not None)

    @property
    def pid(self) -> int:
        return int((self._run / "master.pid").read_text())

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Stops it, with SIGKILL every process of it at once."""
        try:
            master = self.pid
        except OSError:
            return
        pids = [master, *_children(master)] if how == signal.SIGKILL else [master]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, how)
        self.wait(lambda: not Path(f"/proc/{master}").exists() or _is_zombie(master))
        (self._run / "master.pid").unlink(missing_ok=True)

    def client(self, user: str = "support", folder: str = "") -> Any:
        client: Any = IMAPClient("127.0.0.1", port=self.imap, ssl=False, timeout=20)
        client.login(user, PASSWORD)
        if folder:
            client.select_folder(folder)
        return client

    def deliver(self, mails: Sequence[bytes], user: str = "support", sender: str = "anna@kunde.example") -> None:
        """With the lines that a delivering server puts on top."""
        client = self.client(user)
        for raw in mails:
            client.append("INBOX", b"Return-Path: <%s>\r\nDelivered-To: %s\r\n" % (sender.encode(), user.encode()) + raw)
        client.logout()

    def fill(self, mails: Sequence[bytes], folder: str = "", user: str = "support") -> None:
        """Puts mails straight into the maildir: the quick way to thousands."""
        new = self.path / "mail" / user / (f".{folder}" if folder else "") / "new"
        for part in ("new", "cur", "tmp"):
            (new.parent / part).mkdir(parents=True, exist_ok=True)
        stamp = int(time.time())
        for n, raw in enumerate(mails):
            (new / f"{stamp}.M{time.monotonic_ns()}P{n:07d}.test").write_bytes(raw)
        self._give_away()

    def count(self, folder: str, user: str = "support") -> int:
        client = self.client(user)
        try:
            return int(client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"]) if client.folder_exists(folder) else 0
        finally:
            client.logout()

    def url(self, query: str = "", user: str = "support", port: int = 0, password: str = f":{PASSWORD}") -> str:
        """For INTAKE_IMAP_URLS, over IMAPS with this server's certificate."""
        more = f"&{query}" if query else ""
        return f"imaps://{user}{password}@127.0.0.1:{port or self.imaps}/INBOX?ca_file={self.certificate}{more}"

    @staticmethod
    def wait(condition: Callable[[], bool]) -> None:
        """Polls; the bound only ends a test that hangs."""
        end, last = time.monotonic() + 60, ""
        while time.monotonic() < end:
            try:
                if condition():
                    return
            except Exception as e:
                last = repr(e)
            time.sleep(0.05)
        raise AssertionError(f"the condition never came true {last}")


def _children(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            child = int(status.parent.name)
            found += [child, *_children(child)]
    return found


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
