"""What the number called from suggests: whose it may be, and whether a text message can reach it. It proves nothing."""

from __future__ import annotations

from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberType

from models.directory import Customer, Directory

_TEXTABLE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


@dataclass(frozen=True, slots=True)
class Caller:
    """The contact on file with this number, where exactly one customer has it."""

    customer: Customer
    email: str


def caller_of(number: str, directory: Directory, *, customer: str = "") -> Caller | None:
    """Who calls from this number; `customer` narrows the search to one customer."""
    known = directory.contacts_by_number.get(number, ()) if number else ()
    found = [Caller(c, p.email) for c, p in known if not customer or c.id == customer]
    return found[0] if len({f.customer.id for f in found}) == 1 else None


def textable(number: str) -> bool:
    """Whether this can be a mobile number."""
    try:
        return phonenumbers.number_type(phonenumbers.parse(number)) in _TEXTABLE if number else False
    except phonenumbers.NumberParseException:
        return False
