"""Real SIP calls on loopback through Asterisk and `intake pbx`: `python -m tests.pbx.run [CHROOT]`, or `make test-pbx`.

Exit 0: all went well; 1: something did not; 77: there can be no exchange here, and why.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from models.store import Store
from models.tables import Ticket
from models.tables_phone import CallBack, PhoneCall, Recording
from tests.pbx.chroot import ROOT, CannotBuild, Exchange, built
from tests.pbx.sip import Phone, made
from tests.running import Running
from tests.servers import free_port

CALLER = "00381155550114"
VOICE = f"{sys.executable} {ROOT / 'tests/calls/speaker.py'} {{text}} {{file}}"
_PATIENCE_S = 120.0
SERVICE = "118203"


class House:
    """`intake serve` and `intake pbx` beside a running exchange."""

    def __init__(self, work: Path, root: Path) -> None:
        agi, sip, self.trunk = free_port(), free_port(), free_port()
        self.exchange = Exchange(root, work, sip=sip, trunk=self.trunk, agi=agi)
        voice = "flite -voice slt -t {text} -o {file}" if shutil.which("flite") else VOICE
        extra = {
            "INTAKE_PBX_LISTEN": f"127.0.0.1:{agi}", "INTAKE_PBX_RECORDINGS_DIR": str(self.exchange.recordings),
            "INTAKE_PBX_TTS_COMMAND": voice, "INTAKE_PHONE_AGENTS": f"sip:agent@127.0.0.1:{self.trunk}",
            "INTAKE_PHONE_RING_SECONDS": "20",
        }  # fmt: skip
        self.running = Running(work, f"sqlite:///{work}/intake.db", extra)
        self.running.env["INTAKE_PUBLIC_URL"] = f"http://127.0.0.1:{self.running.http}"
        self.running.import_directory()
        self.running.start()
        self.log = (work / "pbx.out").open("wb")
        command = [sys.executable, "-m", "app", "pbx"]
        self.pbx = subprocess.Popen(command, cwd=ROOT, env=self.running.env, stdout=self.log, stderr=subprocess.STDOUT)
        self.store = Store(f"sqlite:///{work}/intake.db")
        self.exchange.wait()
        # What the first caller would wait for is done by then, on a busy machine too.
        self.until("the line", lambda: "phone_warm" in self.running.log())
        self.until("intake pbx", lambda: "Waiting for" in (work / "pbx.out").read_text())

    def stop(self) -> None:
        self.pbx.terminate()
        self.pbx.wait(30)
        self.log.close()
        self.exchange.stop()
        self.running.stop()
        self.store.close()

    def call(self) -> PhoneCall | None:
        """The newest call."""
        with self.store.read() as session:
            return session.exec(select(PhoneCall).order_by(col(PhoneCall.started_at).desc()).limit(1)).first()

    def rows(self, table: Any) -> list[Any]:
        with self.store.read() as session:
            return list(session.exec(select(table)).all())

    def until(self, what: str, condition: Callable[[], Any]) -> None:
        end = time.monotonic() + _PATIENCE_S
        while not condition():
            if time.monotonic() > end:
                found = self.call()
                raise AssertionError(f"{what}: it never came; the call is at {found.state if found else 'nothing'}")
            time.sleep(0.1)

    def at(self, sid_before: str, *states: str) -> None:
        def there() -> bool:
            found = self.call()
            return found is not None and found.sid != sid_before and found.state in states

        self.until("state " + " or ".join(states), there)

    def ended(self, sid_before: str) -> PhoneCall:
        def over() -> bool:
            found = self.call()
            return found is not None and found.sid != sid_before and found.ended_at is not None

        self.until("the end of the call", over)
        found = self.call()
        assert found
        return found


def begin(house: House) -> tuple[Phone, str]:
    before = house.call()
    phone = Phone("Caller")
    phone.call(house.exchange.sip, "0000", CALLER)
    assert phone.up.wait(30), f"nobody answers (SIP {phone.status})"
    return phone, before.sid if before else ""


def over_the_prompt(house: House, phone: Phone, keys: str) -> None:
    """Presses once the prompt is heard, and before it ends; an exchange hears no key before."""
    heard = phone.heard
    house.until("the prompt", lambda: phone.heard > heard + 15)
    phone.press(keys)


def keypad(house: House) -> str:
    """A report by keypad, every key over the prompt, and a recorded description."""
    phone, before = begin(house)
    begun = time.monotonic()
    for state, keys in (
        ("menu", "1"),
        ("service", SERVICE + "#"),
        ("service-check", "1"),
        ("when", "1"),
        ("when-check", "1"),
        ("impact", "1"),
        ("circuit", "#"),
        ("pattern", "2"),
    ):
        house.at(before, state)
        over_the_prompt(house, phone, keys)
    house.at(before, "description")
    time.sleep(8)
    phone.speaking = True
    time.sleep(3)
    phone.speaking = False
    phone.press("#")
    house.at(before, "confirmation", "review")
    for state, keys in (("confirmation", "2"), ("review", "1")):
        if state == "review" or house.call().state == state:  # type: ignore[union-attr]
            house.at(before, state)
            over_the_prompt(house, phone, keys)
    house.at(before, "told")
    assert phone.heard > 50, "no sound came"
    phone.hang_up()
    call = house.ended(before)
    phone.close()
    (ticket,) = [t for t in house.rows(Ticket) if t.id == call.ticket_id]
    assert (call.outcome, ticket.impact, ticket.missing) == ("filed", "service_affecting", []), (call.outcome, ticket.missing)
    house.until("the recording", lambda: [r for r in house.rows(Recording) if r.state == "kept" and r.seconds >= 2])
    return f"{ticket.id} filed in {time.monotonic() - begun:.0f} s, {phone.heard} packets of sound heard, {call.retries} asked again"


def silence(house: House, *, agent: str) -> tuple[PhoneCall, Phone, Phone]:
    """Nothing is pressed three times; then the agent's telephone rings."""
    person = Phone("Agent", house.trunk)

    def take(p: Phone) -> None:
        time.sleep(4)
        p.press(agent)

    person.answers(take if agent else None)
    phone, before = begin(house)
    house.at(before, "person", "nobody-free")
    return house.call(), phone, person  # type: ignore[return-value]


def agent_leg(house: House) -> str:
    before = house.call()
    found, phone, person = silence(house, agent="1")
    assert found.retries == 3, found.retries
    house.until("the agent's telephone", person.up.is_set)
    time.sleep(8)
    heard, person_heard = phone.heard, person.heard
    person.speaking = True
    time.sleep(3)
    assert phone.heard > heard + 50, "the caller hears nothing of the agent"
    assert person.heard > person_heard + 50, "the agent hears nothing of the caller"
    phone.hang_up()
    call = house.ended(before.sid if before else "")
    house.until("the end of the agent's leg", person.ended.is_set)
    person.close()
    phone.close()
    assert call.outcome == "handed over", call.outcome
    return "three silences, agent took it with key 1, both heard each other, both legs ended"


def nobody(house: House) -> str:
    before = house.call()
    _, phone, person = silence(house, agent="")
    house.at(before.sid if before else "", "nobody-free")
    time.sleep(1)
    phone.press("1")
    house.until("the exchange's goodbye", phone.ended.is_set)
    call = house.ended(before.sid if before else "")
    person.close()
    phone.close()
    assert call.outcome == "call-back", call.outcome
    assert any(b.call_sid == call.sid for b in house.rows(CallBack))
    return "agent busy, call-back promised, the exchange hung up"


def hang_up(house: House) -> str:
    phone, before = begin(house)
    house.at(before, "menu")
    time.sleep(1)
    phone.hang_up()
    call = house.ended(before)
    phone.close()
    assert (call.outcome, call.carrier_status) == ("hung up", "completed")
    return f"in mid-prompt, told after {call.seconds} s"


CALLS: tuple[tuple[str, Callable[[House], str]], ...] = (
    ("keypad and barge-in", keypad),
    ("hang-up", hang_up),
    ("silence and agent leg", agent_leg),
    ("silence and nobody", nobody),
)


def main() -> int:
    chroot = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / ".pbx" / "root").absolute()
    try:
        root = built(chroot)
    except CannotBuild as e:
        print(f"SKIPPED: {e}")
        return 77
    failed = 0
    with tempfile.TemporaryDirectory(prefix="pbx-") as folder:
        os.chmod(folder, 0o755)
        house: House | None = None
        try:
            house = House(Path(folder), root)
            for name, what in CALLS:
                try:
                    print(f"{name}: {what(house)}", flush=True)
                except (AssertionError, OSError) as e:
                    failed += 1
                    print(f"{name}: FAILED: {e}", flush=True)
                for phone in made:
                    phone.hang_up()
                    phone.close()
        except CannotBuild as e:
            print(f"SKIPPED: {e}")
            return 77
        finally:
            if house:
                house.stop()
                if failed:
                    print(house.exchange.words()[-3000:])
                    print((Path(folder) / "pbx.out").read_text()[-3000:])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
