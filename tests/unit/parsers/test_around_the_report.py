"""What stands around a report: who signed it, old mails, forms, output of tools, questions and complaints."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models.directory import Customer, Directory, Person, Service
from models.reading import Reading
from models.words import Impact, Intent, Pattern, ZoneKind
from parsers import read_mail, read_text

AT = datetime(2026, 5, 14, 13, 40, tzinfo=UTC)
DIRECTORY = Directory(
    (Customer("C1", "Alder", ("alder.example",), (Person("Pia Cuesta", "pia@alder.example"),), "Europe/Berlin"),),
    tuple(Service(x, "C1", "line", "Site") for x in "ORL24-1001 ORL24-1002".split()),
)
HEAD = "From: Pia Cuesta <pia@alder.example>\nTo: noc@isp.example\nDate: Thu, 14 May 2026 13:40:00 +0000\n"


def read(text: str, subject: str = "") -> Reading:
    return read_text(text, subject=subject, directory=DIRECTORY, sender="pia@alder.example", received_at=AT)


def mail(rest: str) -> Reading:
    return read_mail((HEAD + rest).encode(), directory=DIRECTORY, own_addresses=("noc@isp.example",), received_at=AT)


def test_a_line_with_the_writers_name_is_a_signature() -> None:
    got = mail("Subject: Cortes\n\nLa ORL24-1001 se corta cada dos por tres, son pocos segundos.\n\nPia Cuesta\nSistemas\n")
    signed = [got.text[z.start : z.end] for z in got.zones if z.kind is ZoneKind.SIGNATURE]
    assert (signed, got.impact, got.fault_pattern) == (["Pia Cuesta\nSistemas"], None, Pattern.INTERMITTENT)


def test_a_forwarded_mail_that_is_closed_tells_nothing_of_a_new_matter() -> None:
    got = mail(
        "Subject: FW: [INC-2026-003377] Closed\n\nOnly as background, that one is closed. This is a separate, new matter: "
        "ORL24-1001 gives us trouble.\n\nFrom: NOC <noc@isp.example>\nSent: 12 March 2026 11:06\nTo: Pia\nSubject: Closed\n\n"
        "The 30 % packet loss that began on 11 March at 19:40 is cured.\n"
    )
    assert (got.start_time, got.impact, got.ticket_ref) == (None, None, None)


def test_the_head_of_a_returned_mail_names_its_ticket() -> None:
    raw = (
        b"From: mailer-daemon@mx.example\nTo: noc@isp.example\nSubject: Undelivered\nAuto-Submitted: auto-replied\n"
        b"Content-Type: multipart/report; boundary=x\n\n--x\n\nNo such user\n--x\nContent-Type: text/rfc822-headers\n\n"
        b"Subject: [INC-2026-001410] engineer dispatched\n\n--x--\n"
    )
    got = read_mail(raw, directory=DIRECTORY, own_addresses=("noc@isp.example",))
    assert (got.intent, got.ticket_ref) == (Intent.AUTOMATIC, "INC-2026-001410")


def test_the_address_that_a_form_was_filled_in_from_is_not_affected() -> None:
    assert read("ORL24-1001 is dead. Filled in from 10.0.8.14 with Chrome.").ip_addresses == ()


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("It is dead.\n\nping 10.0.0.1 repeat 100\nSuccess rate is 3 percent (3/100)", True),
        ("0 of 40 pings came back.", True),
        ("I measured it just now, 4 Mbps.", True),
        ("2026-05-14 10:00:01 r1 ge-0/0/1 link DOWN\n2026-05-14 10:00:09 r1 ge-0/0/1 link UP", True),
        ("2026-05-14 10:00:01 r1 ge-0/0/1 link DOWN", False),
        ("We rebooted the router and swapped the optic.", False),
        ("It errors.\n\n05:12:08Z  crc +1,204\n05:27:51Z  crc +988\n", True),
        ("It drops.\n\nFrom        sent   received\nOffice      300    214\n", True),
        ("state=down\nrx_dbm_a=-38.1\n", True),
        ("Many packets are lost and the gates are slow.", False),
        ("Half of the packets are lost in my ping.", True),
    ],
)
def test_results_of_tests(text: str, want: bool) -> None:
    assert read(text).has_test_results is want


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        (
            "Nothing broken, just a quick one: is your desk staffed at Easter, should a line go down on the Sunday?",
            Intent.QUESTION,
        ),
        ("Nichts kaputt, nur eine kurze Frage: ist am Samstag jemand da?", Intent.QUESTION),
        ("On INC-2026-003377: we were promised a call by noon, this is not good enough.", Intent.ESCALATION),
        ("INC-2026-003377 is dragging on. I want your superior to ring me.", Intent.ESCALATION),
        ("Je demande à parler à un responsable au sujet de INC-2026-003377.", Intent.ESCALATION),
        ("INC-2026-003377: ich möchte mit Ihrem Teamleiter sprechen.", Intent.ESCALATION),
        ("We want 500 Mbit/s on ORL24-1001. Please tell me whether the upgrade interrupts the service.", Intent.QUESTION),
        ("ORL24-1001 is dead since 8:00. Please tell me whether you see it too.", Intent.REPORT),
    ],
)
def test_what_the_writer_wants(text: str, intent: Intent) -> None:
    assert read(text).intent is intent


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Le voyant est orange, d'habitude il est éteint.", None),
        ("The lamp marked WAN is amber, as a rule it is off.", None),
        ("ORL24-1001: packet loss 0 %.", None),
        ("There is nobody in the office to use it before Monday.", None),
        ("I cannot open the PDF of your invoice.", None),
        ("No podemos abrir el archivo adjunto.", None),
        ("The tills take no cards.", Impact.SERVICE_AFFECTING),
        ("Die Kasse nimmt keine Karten an.", Impact.SERVICE_AFFECTING),
        ("The link carries no traffic whatsoever.", Impact.SERVICE_AFFECTING),
    ],
)
def test_impact(text: str, want: Impact | None) -> None:
    assert read(text).impact is want


def test_work_that_goes_on_beside_a_measured_loss_is_a_poor_service() -> None:
    text = "ORL24-1001 since 8:00. They are still selling plants.\n\n50 packets transmitted, 31 received, 38% packet loss, time 9ms\n"
    assert read(text).impact is Impact.DEGRADATION


def test_services_of_which_only_good_is_said_stay_named_where_no_trouble_is_told() -> None:
    assert read("As a control: ORL24-1001. As usual: ORL24-1002.").service_ids == ("ORL24-1001", "ORL24-1002")
