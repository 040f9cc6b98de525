"""Text to reading: what a contact says, where it says it, which rule found it, how sure it is."""

from __future__ import annotations

from parsers.mime import OpenedMail, open_mail
from parsers.reader import read_mail, read_text
from parsers.rules import RuleSet, default_rules, load_rules
from parsers.zones import own_lines

__all__ = ["OpenedMail", "RuleSet", "default_rules", "load_rules", "open_mail", "own_lines", "read_mail", "read_text"]
