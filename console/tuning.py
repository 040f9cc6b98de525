"""What the pages for admins are told of the installation, put together by `app`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


def _no_prompt(_name: str, _text: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Tuning:
    """What the environment says where nothing is set here, and the phone's prompts.

    `say` gives the spoken sentence of a prompt's template, or raises UserError with what is wrong with it.
    """

    own_addresses: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    prompts: Mapping[str, str] = field(default_factory=dict)
    prompt_variables: Mapping[str, str] = field(default_factory=dict)
    say: Callable[[str, str], str] = _no_prompt
