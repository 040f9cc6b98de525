"""Asterisk in a Debian sid chroot, with the configuration files of docs/operations/asterisk/."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = ROOT / "docs" / "operations" / "asterisk"
MIRROR = os.environ.get("INTAKE_TEST_DEBIAN_MIRROR", "http://deb.debian.org/debian")
_BUILD_S = 1500


class CannotBuild(Exception):
    """There can be no exchange here; the message says why."""


def built(folder: Path) -> Path:
    """The chroot, made if it is not there. Raises CannotBuild."""
    if (folder / "usr/sbin/asterisk").exists():
        return folder
    if os.geteuid() != 0:
        raise CannotBuild("the chroot is built by root")
    tool = shutil.which("mmdebstrap")
    if tool is None:
        raise CannotBuild("Debian package mmdebstrap is not installed")
    made = folder.with_name(folder.name + ".making")
    shutil.rmtree(made, ignore_errors=True)
    made.parent.mkdir(parents=True, exist_ok=True)
    command = [tool, "--mode=root", "--variant=apt", "--include=asterisk,asterisk-core-sounds-en",
               "--aptopt=Acquire::Check-Valid-Until false", "sid", str(made), MIRROR]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_BUILD_S)
    except subprocess.TimeoutExpired as e:
        raise CannotBuild(f"mmdebstrap took more than {_BUILD_S} s") from e
    if done.returncode:
        raise CannotBuild(f"mmdebstrap ends with {done.returncode}: {done.stderr.strip()[-600:]}")
    made.rename(folder)
    return folder


class Exchange:
    """One running Asterisk; `recordings` is a folder that it and we see under the same path."""

    def __init__(self, root: Path, work: Path, *, sip: int, trunk: int, agi: int) -> None:
        self._root, self.sip = root, sip
        self.recordings = work / "recordings"
        inside = root / str(self.recordings).lstrip("/")
        inside.mkdir(parents=True, exist_ok=True)
        self.recordings.symlink_to(inside)
        places = {
            "127.0.0.1:5060": f"127.0.0.1:{sip}",
            "127.0.0.1:5070": f"127.0.0.1:{trunk}",
            "127.0.0.1:4573": f"127.0.0.1:{agi}",
        }
        for file in CONFIGURATION.glob("*.conf"):
            text = file.read_text()
            for before, after in places.items():
                text = text.replace(before, after)
            (root / "etc/asterisk" / file.name).write_text(text)
        (root / "etc/asterisk/logger.conf").write_text("[general]\n[logfiles]\nfull => notice,warning,error,verbose\n")
        self.log = root / "var/log/asterisk/full"
        self.log.unlink(missing_ok=True)
        self._out = (work / "asterisk.out").open("wb")
        command = ["chroot", str(root), "/usr/sbin/asterisk", "-f", "-vvv", "-g"]
        self._process = subprocess.Popen(command, stdout=self._out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def wait(self, seconds: float = 120) -> None:
        """Until it answers. Raises CannotBuild with its own words where it does not."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self._process.poll() is None:
            said = subprocess.run(
                ["chroot", str(self._root), "/usr/sbin/asterisk", "-rx", "core waitfullybooted"], capture_output=True, text=True
            )
            if "fully booted" in said.stdout:
                return
            time.sleep(0.5)
        raise CannotBuild(f"Asterisk does not start: {self.words()[-800:]}")

    def words(self) -> str:
        out = Path(self._out.name).read_text(errors="replace")
        return out + (self.log.read_text(errors="replace") if self.log.exists() else "")

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._out.close()
