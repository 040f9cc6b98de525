"""The rule set that a page is about: the active one, a draft, a kept version or the shipped one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import HTTPException
from sqlmodel import Session

from models.errors import NotFoundError
from models.rule_store import active_rules, find_draft, find_rules
from models.tables_rules import ReplayRun
from models.words import Role

if TYPE_CHECKING:
    from parsers.rules import RuleSet

EDITORS = frozenset({Role.LEAD, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Shown:
    """A set with the name it has on pages; `which` finds it again, `version` is that of a draft (0 for others)."""

    which: str
    title: str
    text: str
    draft: int = 0
    version: int = 0

    def rules(self) -> RuleSet:
        # Imported here: the pages of a house that never looks at rules need not load the recognizers.
        from parsers.rule_file import content_of
        from parsers.rules import RuleSet, digest_of

        content = content_of(self.text, self.title)
        return RuleSet(content.rules, digest_of(self.text), content.name, content.calibration)


def replayed(session: Session, run: ReplayRun) -> tuple[Shown, Shown]:
    """The two sets of a replay: what it was compared with, and what was replayed."""
    from parsers.rules import shipped_text

    sides = []
    for digest, text in ((run.against, ""), (run.digest, run.text)):
        if digest and not text:
            row = find_rules(session, digest)
            sides.append(Shown(str(row.id), f"Version {row.id} ({digest})", row.body["text"]))
        else:
            title = f"The draft as it was ({digest})" if text else "Shipped rule set"
            sides.append(Shown(digest or "shipped", title, text or shipped_text()))
    return sides[0], sides[1]


def shown(session: Session, which: str) -> Shown:
    """`active`, `shipped`, `draft-3`, or a number or digest. Raises 404."""
    from parsers.rules import shipped_text

    try:
        if which.startswith("draft-") and which.removeprefix("draft-").isdigit():
            draft = find_draft(session, int(which.removeprefix("draft-")))
            return Shown(which, f"Draft {draft.id}: {draft.name}", draft.text, draft.id or 0, draft.version)
        active = active_rules(session) if which in ("", "active") else None
        if active and active.text:
            return Shown("active", f"Active rule set ({active.digest})", active.text)
        if active or which == "shipped":
            return Shown(which or "active", "Shipped rule set" + (" (active)" if active else ""), shipped_text())
        row = find_rules(session, which)
        return Shown(str(row.id), f"Rule set {row.id}: {row.name} ({row.digest})", row.body["text"])
    except NotFoundError as e:
        raise HTTPException(404, str(e)) from e
