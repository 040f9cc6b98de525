"""Memory of long-lived processes."""

from __future__ import annotations

import gc


def freeze() -> None:
    """Takes what is loaded out of the collector's rounds.

    A directory of 50,000 services is some 500,000 objects that live for long; the collector would walk them again and again.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
