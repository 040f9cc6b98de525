"""Logs: one JSON object a line on standard error, secrets blotted out, no words of customers."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from contextlib import suppress
from io import TextIOBase
from typing import Any, TextIO, cast
from urllib.parse import unquote, urlsplit

import structlog

_LEAST_CHARS = 6
_secrets: set[str] = set()


class _Log(TextIOBase):
    """Standard error; where it cannot be written (a log on a full disk), the work goes on without it."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


def configure() -> None:
    """Sends our own lines and those of the libraries through one format."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last: list[Any] = [blot, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Log())),
    )
    handler = logging.StreamHandler(cast(TextIO, _Log()))
    strip = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    foreign: list[Any] = [structlog.stdlib.add_logger_name, *shared]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=foreign, processors=[strip, *last]))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("intake").setLevel(logging.INFO)


def keep_secret(values: Iterable[str]) -> None:
    """What is never written into a log from now on; of a URL its password."""
    for value in values:
        for part in re.split(r"[\s,]+", value):
            found = _password(part) if "://" in part else part
            if len(found) >= _LEAST_CHARS:
                _secrets.update({found, unquote(found)})


def blot(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Puts *** in the place of every secret, wherever in the line it stands."""
    return {k: _blotted(v) for k, v in line.items()}


def _blotted(value: Any) -> Any:
    if isinstance(value, str):
        for secret in _secrets:
            value = value.replace(secret, "***")
        return value
    if isinstance(value, dict):
        return {k: _blotted(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_blotted(v) for v in value]
    return value if value is None or isinstance(value, int | float | bool) else _blotted(str(value))


def _password(url: str) -> str:
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""
