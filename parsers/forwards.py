"""Who wrote the mail that this one forwards: the attached message, or the head block in the text."""

from __future__ import annotations

import re

from models.mail import Original
from models.subjects import is_forward
from parsers.mime import OpenedMail
from parsers.mime_parts import one_line
from parsers.zone_marks import FORWARD, HEAD_FROM, HEAD_OTHER, ORIGINAL

_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
_SUBJECT = re.compile(
    r"(?i)^[>\s]*\*?(?:subject|betreff|objet|asunto|assunto|oggetto|onderwerp|predmet|naslov|temat|тема|konu"
    r"|ämne)\s?\*?\s?[::]\*?\s*(.*)$"
)
_LOOK_AHEAD = 8


def find_original(opened: OpenedMail) -> Original | None:
    """The writer of the forwarded mail, or None when nothing is forwarded or its head names nobody."""
    for inner in opened.forwarded:
        if inner.from_address:
            return Original(inner.from_address.lower(), "", inner.subject)
    lines = opened.body.splitlines()[:400]
    for i, line in enumerate(lines):
        if not HEAD_FROM.match(line):
            continue
        following = [x for x in lines[i + 1 : i + _LOOK_AHEAD] if x.strip()]
        marked = any(FORWARD.match(x) or ORIGINAL.match(x) for x in lines[max(0, i - 3) : i])
        if not marked and (not is_forward(opened.subject) or sum(bool(HEAD_OTHER.match(x)) for x in following) < 2):
            continue
        whole = line if _ADDRESS.search(line) else f"{line} {following[0] if following else ''}"
        found = _ADDRESS.search(whole)
        if not found:
            return None
        subject = next((m[1] for x in following if (m := _SUBJECT.match(x))), "")
        name = one_line(re.sub(r"^[^::]*[::]\*?", "", line.partition("<")[0])).strip('" *[')
        return Original(found[0].lower(), "" if "@" in name else name, one_line(subject))
    return None
