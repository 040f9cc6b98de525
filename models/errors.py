"""One exception tree: what callers did wrong and what is our own trouble are different branches."""

from __future__ import annotations


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


class NotFoundError(UserError):
    """There is no such thing."""


class OwnError(IntakeError):
    """Our own trouble; the caller may try again."""


class LeaseLost(OwnError):
    """Another worker has taken this row; nothing was written."""


class ParseTimeout(OwnError):
    """The mail could not be read within its limits of time and memory."""


class DeliveryDeferred(OwnError):
    """The smarthost could not take the mail now; it is tried again."""


class DeliveryRefused(OwnError):
    """The smarthost refused the mail for good."""
