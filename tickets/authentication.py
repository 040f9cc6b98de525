"""What our front says of the sender, and nobody else: Authentication-Results of the configured server (RFC 8601)."""

from __future__ import annotations

import re

from models.mail import MailFacts

_RESULT = re.compile(r"(?:^|[;\s])(spf|dkim|dmarc)\s*=\s*([a-z]+)", re.IGNORECASE)


def results(facts: MailFacts, authserv_id: str) -> dict[str, list[str]]:
    """Results by method. Only the topmost lines of our front count: those that the sender wrote lie below a Received line."""
    found: dict[str, list[str]] = {}
    if not authserv_id:
        return found
    seen = False
    for name, value in facts.headers:
        if name == "received" and seen:
            break
        server, _, rest = value.partition(";")
        if name != "authentication-results" or server.split()[:1] != [authserv_id]:
            continue
        seen = True
        for method, result in _RESULT.findall(re.sub(r"\([^()]*\)", " ", ";" + rest)):
            found.setdefault(method.lower(), []).append(result.lower())
    return found


def failed_dmarc(facts: MailFacts, authserv_id: str) -> str:
    """Why the sender is taken for forged, or an empty string."""
    return "our front says dmarc=fail" if results(facts, authserv_id).get("dmarc", [""])[0] == "fail" else ""


def unverified(facts: MailFacts, authserv_id: str) -> str:
    """Why an automatic answer might go to somebody who never wrote to us, or an empty string."""
    if facts.many_from:
        return "more than one From line"
    told = results(facts, authserv_id)
    spf, dkim = told.get("spf", []), told.get("dkim", [])
    if "fail" in spf and "pass" not in dkim and "pass" not in told.get("dmarc", []):
        return "our front says spf=fail, and no DKIM signature passed"
    return ""


def passed(facts: MailFacts, authserv_id: str) -> bool:
    """Whether our front vouches for the sender."""
    told = results(facts, authserv_id)
    return "pass" in told.get("dmarc", []) or ("pass" in told.get("dkim", []) and "pass" in told.get("spf", []))
