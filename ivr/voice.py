"""The spoken sentences: templates/voice/*.txt, or an admin's own in their place, checked before they are used."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined, TemplateError, meta
from jinja2.sandbox import SandboxedEnvironment

from ivr.prompts import VARIABLES
from ivr.words import Say
from models.errors import SettingError, UserError

SHIPPED = Path(__file__).resolve().parent.parent / "templates" / "voice"
MAX_CHARS = 1200


def prompt_names() -> frozenset[str]:
    return frozenset(p.stem for p in SHIPPED.glob("*.txt"))


class Voice:
    """Prompts to sentences. Raises SettingError for an own folder with a file that cannot be used, naming the file."""

    def __init__(self, provider: str, own: Path | None = None) -> None:
        folders = [own, SHIPPED] if own else [SHIPPED]
        self._environment = SandboxedEnvironment(
            loader=ChoiceLoader([FileSystemLoader(f) for f in folders]), undefined=StrictUndefined, trim_blocks=True
        )
        self._provider = provider
        if own:
            _check(self._environment, own)
        self._templates = {name: self._environment.get_template(f"{name}.txt") for name in prompt_names()}

    def sentence(self, say: Say, more: Mapping[str, str] | None = None) -> str:
        """The text of one prompt on one line; a variable that it was not given is empty."""
        given = dict.fromkeys(VARIABLES, "") | dict(say.values) | dict(more or {}) | {"provider": self._provider}
        return " ".join(self._templates[say.prompt].render(given).split())[:MAX_CHARS]

    def in_words(self, text: str, say: Say, more: Mapping[str, str] | None = None) -> str:
        """The same in the words of this template. Raises UserError for one that cannot be used."""
        given = dict.fromkeys(VARIABLES, "") | dict(say.values) | dict(more or {}) | {"provider": self._provider}
        try:
            unknown = meta.find_undeclared_variables(self._environment.parse(text)) - VARIABLES.keys()
            if unknown:
                raise UserError(f"unknown variable {min(unknown)!r}; a prompt is told {', '.join(sorted(VARIABLES))}")
            made = self._environment.from_string(text).render(given)
        except (TemplateError, TypeError, ValueError, LookupError, ArithmeticError) as e:
            raise UserError(f"{type(e).__name__}: {e}"[:300]) from e
        return " ".join(made.split())[:MAX_CHARS]


def _check(environment: SandboxedEnvironment, own: Path) -> None:
    if not own.is_dir():
        raise SettingError(f"INTAKE_VOICE_TEMPLATES_DIR: {own} is not a folder")
    for path in sorted(own.glob("*.txt")):
        if path.stem not in prompt_names():
            raise SettingError(
                f"INTAKE_VOICE_TEMPLATES_DIR: {path.name} is no prompt; there are {', '.join(sorted(prompt_names()))}"
            )
        try:
            text = path.read_text()
            unknown = meta.find_undeclared_variables(environment.parse(text)) - VARIABLES.keys()
            if unknown:
                raise SettingError(f"INTAKE_VOICE_TEMPLATES_DIR: {path.name}: unknown variable {', '.join(sorted(unknown))}")
            if not environment.from_string(text).render(dict.fromkeys(VARIABLES, "x")).strip():
                raise SettingError(f"INTAKE_VOICE_TEMPLATES_DIR: {path.name} says nothing")
        except (TemplateError, OSError, UnicodeDecodeError, TypeError) as e:
            raise SettingError(f"INTAKE_VOICE_TEMPLATES_DIR: {path.name}: {e}") from e
