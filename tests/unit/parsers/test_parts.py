"""What stands in attachments, forwarded messages, tables or only in the subject; what cannot be read; others' numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from models.reading import Reading
from models.words import Field, Impact
from parsers import read_mail

AT = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def opened(directory):
    def work(message: EmailMessage) -> Reading:
        return read_mail(message.as_bytes(), directory=directory, received_at=AT)

    return work


def mail(text: str = "", subject: str = "line") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"] = "ann@northmill.example", subject
    if text:
        message.set_content(text)
    return message


def test_a_log_in_a_text_attachment_is_read(opened) -> None:
    message = mail("Please see the attached log of LX-0040712, the link is dead.")
    log = "Mar 10 09:12:01 edge1 mib2d[99]: SNMP_TRAP_LINK_DOWN: ifIndex 512\n4 packets transmitted, 0 received, 100% packet loss\n"
    message.add_attachment(log, filename="router.log")
    reading = opened(message)
    assert reading.has_test_results
    assert reading.start_time
    assert reading.start_time.strftime("%H:%M") == "09:12"


def test_today_in_an_attached_message_is_the_day_it_was_sent(opened) -> None:
    inner = mail("LX-0040713 has been down since 8:15 today.\n", "line down")
    inner["Date"] = "Mon, 09 Mar 2026 10:00:00 +0000"
    message = mail("Please open a ticket for the attached report.")
    message.add_attachment(inner)
    reading = opened(message)
    assert reading.service_ids == ("LX-0040713",)
    assert reading.start_time
    assert reading.start_time.strftime("%d %H:%M") == "09 08:15"


def test_a_table_with_a_header_row_is_read_by_its_columns(opened) -> None:
    message = mail()
    rows = "".join(
        f"<tr><td>{a}</td><td>{b}</td><td>{c}</td></tr>"
        for a, b, c in (("Leeds", "LX-0040712", "down"), ("York", "LX-0040713", "ok"))
    )
    message.set_content(
        f"<p>State of our sites since 9:15:</p><table><tr><th>Site</th><th>Service ID</th><th>State</th></tr>{rows}</table>",
        subtype="html",
    )
    reading = opened(message)
    assert reading.service_ids == ("LX-0040712",)
    assert reading.impact == "service_affecting"


def test_a_label_beside_its_value_in_a_table_is_read(opened) -> None:
    message = mail()
    rows = (
        ("Service", "LX-0040712"),
        ("Start of fault", "10.03.2026 09:15 UTC"),
        ("Impact", "Degradation"),
        ("Description", "slow web pages"),
    )
    table = "".join(f"<tr><th>{a}</th><td>{b}</td></tr>" for a, b in rows)
    message.set_content(f"<table>{table}</table>", subtype="html")
    reading = opened(message)
    assert (reading.service_ids, reading.impact, reading.description) == (("LX-0040712",), "degradation", "slow web pages")
    assert reading.start_time
    assert reading.start_time.strftime("%H:%M") == "09:15"


@pytest.mark.parametrize("text", ["", "\n\n-- \nAnn, Northmill\n"])
def test_a_report_only_in_the_subject_counts(opened, text) -> None:
    message = mail(text or " ", "LX-0040712 down since 9:15, no traffic at all")
    reading = opened(message)
    assert (reading.service_ids, reading.impact, reading.unreadable) == (("LX-0040712",), "service_affecting", ())
    assert reading.start_time


@pytest.mark.parametrize(
    ("kind", "name", "word"),
    [("application/ms-tnef", "winmail.dat", "winmail"), ("application/octet-stream", "winmail.dat", "winmail"), ("application/pkcs7-mime", "smime.p7m", "S/MIME")],
)  # fmt: skip
def test_closed_formats_are_named_unreadable(opened, kind, name, word) -> None:
    message = mail(" ")
    main, sub = kind.split("/")
    message.add_attachment(b"\x78\x9f\x3e\x22\x00", maintype=main, subtype=sub, filename=name)
    assert any(word in x for x in opened(message).unreadable)


def test_a_picture_is_named_as_not_read_beside_the_text(opened) -> None:
    message = mail("LX-0040712 is down since 9:15, see the screenshot.")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="screen.png")
    reading = opened(message)
    assert "not read: attachment 'screen.png'" in reading.notes
    assert reading.unreadable == ()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Our reference: PL-20931. LX-0040712 is down.", ["PL-20931"]),
        ("our ticket is INC0048213", ["INC0048213"]),
        ("Our internal case number 5512093 is open, too.", ["5512093"]),
        ("Unser Ticket: RBL-2026-0388", ["RBL-2026-0388"]),
        ("Notre référence interne n'est pas connue.", []),
        ("Customer ref: 88-1", []),
        ("INC-2026-000128 is still open; our ticket INC0048213 waits for you.", ["INC0048213"]),
        ("Vendor case 69500123 was opened with the maker.", ["69500123"]),
        ("Our circuit ref LX-0040712 is down.", []),
        ("Naš tiket SD-44120, link ne radi.", ["SD-44120"]),
    ],
)
def test_numbers_of_others_are_kept_apart(read, text, numbers) -> None:
    reading = read(text)
    assert [f.value for f in reading.findings if f.field is Field.OTHER_REF] == numbers
    assert reading.ticket_ref == ("INC-2026-000128" if "INC-2026-000128" in text else None)


def test_a_notice_in_xml_is_read_as_the_form_that_it_is(opened) -> None:
    reading = opened(
        mail("""<?xml version="1.0" encoding="UTF-8"?>
<TroubleTicket>
  <CreatedAt>2026-03-10T11:55:00Z</CreatedAt>
  <Service>
    <ProviderServiceId>LX-0040713</ProviderServiceId>
    <SenderServiceId>LX-0040712</SenderServiceId>
  </Service>
  <Fault severity="2">
    <FirstOccurrence>2026-03-09T18:45:00Z</FirstOccurrence>
    <LastOccurrence>2026-03-10T11:50:00Z</LastOccurrence>
    <Effect>Degradation</Effect>
    <Summary>Calls break up &amp; pages take long.</Summary>
  </Fault>
</TroubleTicket>
""")
    )
    assert reading.service_ids == ("LX-0040713",)
    assert reading.start_time
    assert f"{reading.start_time:%d %H:%M}" == "09 18:45"
    assert reading.impact is Impact.DEGRADATION
    assert "Calls break up & pages take long." in reading.text


def test_names_of_json_in_one_word_are_labels_too(opened) -> None:
    text = '{\n "serviceId": "LX-0040713",\n "startTime": "2026-03-10T09:15:00Z",\n "impact": "Service Affecting"\n}'
    reading = opened(mail(text))
    assert reading.service_ids == ("LX-0040713",)
    assert reading.start_time
    assert f"{reading.start_time:%H:%M}" == "09:15"


def test_html_that_is_sent_as_plain_text_is_no_notice(opened) -> None:
    text = "<p>Hello</p>\n<b>LX-0040713</b>\n<i>is down</i>\n<p>since 9:15</p>"
    assert "<b>" in opened(mail(text)).text


def test_an_example_in_our_question_is_no_answer_to_it(opened) -> None:
    message = mail(subject="Re: [INC-2026-003310] We need a little more")
    message.set_content("""Hi, answers in line.

On 10/03/2026 10:58, Support wrote:
> To work on it we need:
>
> 1. the ID of the service, for instance LX-0040799

It is LX-0040713.

> 2. when the problem began

Straight after the fire drill, so 10:50 or thereabouts today.

> Support

Ann
""")
    reading = opened(message)
    assert reading.service_ids == ("LX-0040713",)
    assert reading.start_time
    assert f"{reading.start_time:%H:%M}" == "10:50"
