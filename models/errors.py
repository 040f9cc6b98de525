"""One exception tree: what callers did wrong and what is our own trouble are different branches."""

from __future__ import annotations

from datetime import timedelta


class IntakeError(Exception):
    """Something the product reports on purpose."""


class UserError(IntakeError):
    """The caller gave something that cannot be used; the message says what, where and what to do."""


class SettingError(UserError):
    """A setting is missing or wrong."""


class DirectoryFileError(UserError):
    """A directory file cannot be taken; nothing was changed."""


class RuleError(UserError):
    """A rule cannot be used; the active rule set stays as it is."""


class SchemaError(UserError):
    """The database has another schema than this version needs."""


class StaleError(UserError):
    """Somebody else has changed the same thing meanwhile."""


class NotFoundError(UserError):
    """There is no such thing."""


class RefusedError(UserError):
    """The case is not in a condition in which this can be done."""


class OwnError(IntakeError):
    """Our own trouble; the caller may try again."""


class LeaseLost(OwnError):
    """Another worker has taken this row; nothing was written."""


class ParseTimeout(OwnError):
    """The mail could not be read within its limits of time and memory."""


class DeliveryDeferred(OwnError):
    """The smarthost could not take the mail now; it is tried again."""


class NoSmarthost(DeliveryDeferred):
    """All smarthosts have just failed, so none was asked; after `wait` one will be."""

    def __init__(self, message: str, wait: timedelta) -> None:
        super().__init__(message)
        self.wait = wait


class DeliveryRefused(OwnError):
    """The smarthost refused the mail for good; `bad_address` where another address may do."""

    def __init__(self, message: str, *, bad_address: bool = False) -> None:
        super().__init__(message)
        self.bad_address = bad_address
