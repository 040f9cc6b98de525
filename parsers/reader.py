"""The front of the parsers: any bytes, or any words, into a reading; nothing here ever raises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from models.directory import Customer, Directory
from models.reading import Reading, Zone
from models.words import Action, Intent, ZoneKind
from parsers.canonical import Canonical, Part, canonical_mail, canonical_text
from parsers.case import Case
from parsers.labels import Labelled
from parsers.mime import OpenedMail, open_mail
from parsers.own_words import own_text, set_apart
from parsers.resolver import resolve
from parsers.rules import RuleSet, default_rules
from parsers.subjects import with_subjects
from parsers.zones import Writer, mark_zones, points_below

T = TypeVar("T")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_mail(
    raw: bytes,
    *,
    directory: Directory,
    own_addresses: Sequence[str] = (),
    rules: RuleSet | None = None,
    now: datetime | None = None,
    received_at: datetime | None = None,
    previous_question: str | None = None,
    customer_address: str = "",
) -> Reading:
    """Reads a raw mail; `received_at` overrules the mail's own times, `now` stands in when it has none.

    `customer_address` is whose report it is where that is not the sender's: of a forwarded mail, of a web form.
    """
    notes: list[str] = []
    mail = _tried("opening", notes, lambda: open_mail(raw)) or OpenedMail(unreadable=("the mail could not be opened",))
    notes.extend(mail.defects)
    notes.extend(f"not read: attachment '{a.name or a.content_type}'" for a in mail.attachments[:20] if not a.text)
    received = received_at or mail.received_at or now or _EPOCH
    canonical = _tried("text", notes, lambda: canonical_mail(mail)) or canonical_text(mail.subject, [])
    if mail.unreadable == ("no text in the mail",) and len(mail.subject.split()) >= 4:
        mail = _readable(mail)
    named = directory.customer_of_address(customer_address) if customer_address else None
    sender = named or _sender(mail, directory, own_addresses)
    return _read(canonical, mail, directory, sender, received, rules, notes, tuple(own_addresses), previous_question)


def read_text(
    text: str,
    *,
    directory: Directory,
    sender: str | None,
    received_at: datetime,
    subject: str = "",
    rules: RuleSet | None = None,
    previous_question: str | None = None,
) -> Reading:
    """Reads words from the panel or the phone as if they stood in a mail."""
    mail = OpenedMail(subject=subject, from_address=(sender or "").lower(), received_at=received_at, plain=(text,))
    customer = directory.customer_of_address(sender) if sender else None
    canonical = canonical_text(subject, [(Part.BODY, text)])
    return _read(canonical, mail, directory, customer, received_at, rules, [], (), previous_question)


def _read(
    canonical: Canonical,
    mail: OpenedMail,
    directory: Directory,
    customer: Customer | None,
    received: datetime,
    rules: RuleSet | None,
    notes: list[str],
    own: tuple[str, ...],
    question: str | None,
) -> Reading:
    rules = rules or default_rules()
    if canonical.cut:
        notes.append("longer than 64 KB, the rest was not read")
    writer = Writer(
        is_label=lambda x: rules.label_field(x) is not None,
        says_other=rules.lexicon("intent.new").found,
        sender=mail.from_address,
        names=_names(mail, customer),
        own_domains=tuple(dict.fromkeys(a.rpartition("@")[2].lower() for a in own if "@" in a)),
    )
    zones = _tried("zones", notes, lambda: mark_zones(canonical, writer)) or _plain_zones(canonical)
    new = "\n".join(canonical.text[z.start : z.end] for z in zones if z.kind is ZoneKind.PROSE)
    asked: tuple[str, ...] = ()
    answers: tuple[Labelled, ...] = ()
    if question:
        ours = own_text(question, rules)
        found = _tried("our own words", notes, lambda: set_apart(canonical.text, zones, ours, rules))
        zones, answers, asked = (*found, ours.asked) if found else (zones, (), ())
    case = Case(
        canonical.text,
        zones,
        rules,
        directory,
        customer,
        received,
        mail,
        own,
        pointed=points_below(new),
        answers=answers,
        asked=asked,
    )
    language = case.language
    reading = _tried("reading", notes, lambda: _run(case, language, notes))
    if reading is not None:
        return reading
    return Reading(
        canonical.text, case.zones, (), rules.version, language, Intent.REPORT, received, action=Action.ASK, notes=tuple(notes)
    )


def _names(mail: OpenedMail, customer: Customer | None) -> frozenset[str]:
    """The names of the sender and of the customer's persons; one word alone is too little to be told by."""
    persons = customer.contacts if customer else ()
    return frozenset(n.strip().lower() for n in (mail.from_name, *(p.name for p in persons)) if len(n.split()) > 1)


def _run(case: Case, language: str, notes: list[str]) -> Reading:
    # spaCy takes a second to import, which the processes that only hand mails on need not pay.
    from parsers.pipeline import run

    doc = run(case)
    intent = doc._.intent.intent if doc._.intent else Intent.REPORT
    return resolve(
        case,
        with_subjects(case, doc._.findings),
        intent,
        says_new=bool(doc._.says_new),
        language=language,
        notes=[*notes, *doc._.notes],
    )


def _tried(what: str, notes: list[str], work: Callable[[], T]) -> T | None:
    try:
        return work()
    except Exception as e:
        notes.append(f"{what} failed: {type(e).__name__}: {e}"[:300])
        return None


def _plain_zones(canonical: Canonical) -> tuple[Zone, ...]:
    return (Zone(ZoneKind.PROSE, 0, len(canonical.text)),)


def _readable(mail: OpenedMail) -> OpenedMail:
    return replace(mail, unreadable=())


def _sender(mail: OpenedMail, directory: Directory, own: Sequence[str]) -> Customer | None:
    """The customer of the From address; for a form of our own it is that of Reply-To."""
    ours = {a.lower() for a in own}
    domains = {a.rpartition("@")[2] for a in ours}
    customer = directory.customer_of_address(mail.from_address) if mail.from_address else None
    if customer is None and mail.reply_to and mail.reply_to not in ours:
        domain = mail.from_address.rpartition("@")[2]
        trusted = any(domain == d or domain.endswith("." + d) for d in domains)
        customer = directory.customer_of_address(mail.reply_to) if trusted or not ours else None
    return customer
