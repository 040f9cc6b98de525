"""How long the fault tests run: bounded in the suite, the long forms by `make soak` (INTAKE_TEST_SOAK=1)."""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")
SOAK = bool(os.environ.get("INTAKE_TEST_SOAK"))


def either(bounded: T, soak: T) -> T:
    """The first in the suite, the second in a soak run."""
    return soak if SOAK else bounded
