"""A phone line of one's own: calls of an exchange over AGI, through the server of `intake pbx` and the signed webhooks."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from app.pbx import PbxServer
from app.settings import host_port
from ivr.exchange import call_sid, caller
from ivr.sounds import SoundFault, Sounds
from models.errors import SettingError
from tests.calls.exchange_double import HANG_UP, Exchange
from tests.calls.phone import ADA, CallBack, Phone, PhoneCall, PhoneStep, Recording, Ticket
from tests.calls.served import served

VOICE = f"{sys.executable} {Path(__file__).with_name('speaker.py')} {{text}} {{file}}"
REPORT: list[str | int] = ["1", "104233#", "1", "2", "1", "!1", "#", "2", 14, "1", "1", HANG_UP]


@contextmanager
def line(path: Path, **settings: Any) -> Iterator[tuple[Phone, PbxServer]]:
    with (
        served(path, pbx_listen="127.0.0.1:0", pbx_tts_command=VOICE, **settings) as phone,
        PbxServer(phone.settings) as server,
    ):
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield phone, server
        server.shutdown()
        thread.join(60)


@pytest.fixture
def pbx(tmp_path: Path) -> Iterator[tuple[Phone, PbxServer]]:
    with line(tmp_path) as made:
        yield made


def exchange(server: PbxServer, *script: str | int, **given: Any) -> Exchange:
    made = Exchange(server.server_address[1], list(script), **given)
    made.call()
    return made


def ended(phone: Phone) -> PhoneCall:
    from tests.calls.served import until

    until(lambda: phone.rows(PhoneCall) and phone.rows(PhoneCall)[-1].ended_at is not None)
    found = phone.rows(PhoneCall)[-1]
    assert isinstance(found, PhoneCall)
    return found


def test_a_report_by_keypad_with_a_key_over_the_prompt_and_a_recording_that_is_kept(pbx: tuple[Phone, PbxServer]) -> None:
    phone, server = pbx
    exchange(server, *REPORT)
    call = ended(phone)
    assert (call.source, call.outcome, call.number, call.carrier_status) == ("exchange", "filed", ADA, "completed")
    ticket = phone.ticket
    assert (ticket.impact, ticket.missing) == ("service_affecting", [])
    assert ticket.report["description"]["values"] == ["recorded message of 14 seconds"]
    phone.later(minutes=1)
    phone.ends.fetch_due(delete=True)
    (recording,) = phone.rows(Recording)
    assert (recording.state, recording.seconds, recording.at_carrier) == ("kept", 14, False)
    assert recording.media[:4] == b"RIFF"
    assert not list((phone.settings.data_dir / "pbx").glob("RE*.wav")), "it is in the store now"


def test_nothing_on_the_exchange_says_that_words_are_heard(pbx: tuple[Phone, PbxServer]) -> None:
    phone, server = pbx
    exchange(server, *REPORT)
    answers = " ".join(s.answer for s in phone.rows(PhoneStep))
    assert "say" not in answers.replace("<Say", "").replace("</Say", "").lower().split("after the tone")[0]
    assert 'input="dtmf speech"' not in answers


def test_silence_three_times_rings_the_agents_and_nobody_takes_it(pbx: tuple[Phone, PbxServer]) -> None:
    phone, server = pbx
    made = exchange(server, "", "", "", "1", HANG_UP)
    dial = next(c for c in made.commands if c.startswith("EXEC Dial"))
    assert '"PJSIP/+493055500@trunk&PJSIP/trunk/sip:noc@desk.example,30,U(intake-whisper^CA' in dial
    call = ended(phone)
    assert call.outcome == "call-back"
    assert phone.rows(CallBack)[0].number == ADA


@pytest.mark.parametrize(("agent", "outcome"), [("1", "handed over"), ("2", "hung up")])
def test_an_agent_hears_who_it_is_and_takes_the_call_with_key_1(pbx: tuple[Phone, PbxServer], agent: str, outcome: str) -> None:
    phone, server = pbx
    made = exchange(server, "0", HANG_UP, agent=agent)
    assert made.variables["bridged"] == ("yes" if agent == "1" else "no")
    assert ended(phone).outcome == outcome


@pytest.mark.parametrize("steps", [1, 3, 6, 8])
def test_a_caller_who_hangs_up_in_mid_prompt_is_reported_and_what_he_said_is_kept(
    pbx: tuple[Phone, PbxServer], steps: int
) -> None:
    phone, server = pbx
    exchange(server, *REPORT[:steps], HANG_UP)
    call = ended(phone)
    assert (call.outcome, call.carrier_status) == ("hung up", "completed")
    assert len(phone.rows(Ticket)) == int(steps > 1)


def test_a_message_is_kept_from_a_caller_who_hangs_up_while_he_speaks(pbx: tuple[Phone, PbxServer]) -> None:
    phone, server = pbx
    exchange(server, *REPORT[:8], HANG_UP)
    ended(phone)
    assert phone.ticket.report["description"]["values"] == ["recorded message of 6 seconds"]


def test_callers_wait_in_the_queue_of_the_exchange(tmp_path: Path) -> None:
    with line(tmp_path, phone_queue="noc", phone_agents="", phone_queue_seconds=90) as (phone, server):
        made = exchange(server, "0", HANG_UP)
        assert 'EXEC Queue "noc,,,,90"' in made.commands
        assert "nobody-free" in ended(phone).draft["path"]


def test_a_voice_that_cannot_speak_is_told_at_the_start(tmp_path: Path) -> None:
    phone = Phone(tmp_path, pbx_listen="127.0.0.1:0", pbx_tts_command="/nowhere/flite {text} {file}")
    with pytest.raises(SoundFault, match="INTAKE_PBX_TTS_COMMAND: /nowhere/flite"):
        PbxServer(phone.settings)
    for wrong in ("flite", "flite {text}", "flite -t={text} {file}", "flite '{text}"):
        with pytest.raises(SettingError, match="INTAKE_PBX_TTS_COMMAND"):
            Sounds(wrong, tmp_path)
    voice = Sounds(VOICE.replace("{file}", "{file} 11025"), tmp_path)
    with pytest.raises(SoundFault, match="11025 Hz"):
        voice.of("hello")
    with pytest.raises(SoundFault, match="no voice for that"):
        Sounds(VOICE, tmp_path).of("unspeakable")
    assert Path(Sounds(VOICE + " 16000", tmp_path).of("-e hello") + ".wav16").exists()
    phone.close()


def test_what_is_no_exchange_is_put_off_and_harms_nobody(pbx: tuple[Phone, PbxServer]) -> None:
    import socket

    phone, server = pbx
    for junk in (b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 20_000, b"agi_x: 1\n" * 500, b""):
        # It may hang up while we still speak.
        with suppress(OSError), socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=60) as s:
            s.sendall(junk)
            s.shutdown(socket.SHUT_WR)
            assert s.recv(100) == b""
    exchange(server, "1", HANG_UP)
    assert ended(phone).outcome == "hung up"


def test_a_line_that_cannot_be_reached_is_an_apology_and_an_end(tmp_path: Path) -> None:
    phone = Phone(tmp_path, pbx_listen="127.0.0.1:0", pbx_tts_command=VOICE, http_listen="127.0.0.1:9")
    with PbxServer(phone.settings) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        made = exchange(server, "1")
        assert made.commands[1] == 'STREAM FILE an-error-has-occurred ""'
        assert made.commands[-1] in ("HANGUP", made.commands[1])
        server.shutdown()
    phone.close()


@pytest.mark.parametrize(("given", "number"), [
    ("+491705550101", "+491705550101"), ("00491705550101", "+491705550101"), ("1705550101", ""), ("unknown", ""), ("", ""), ("+1;rm", ""),
])  # fmt: skip
def test_the_callers_number_counts_only_with_its_country_code(given: str, number: str) -> None:
    assert caller(given) == number


def test_a_call_of_the_exchange_has_one_name_for_good() -> None:
    assert call_sid("1.2x") == call_sid("1.2x") != call_sid("1.3x")
    assert host_port("127.0.0.1:4573") == ("127.0.0.1", 4573)
