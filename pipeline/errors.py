"""Errors that a person can mend; each becomes one line on stderr and an exit code.

A message says the subject, the rule and the value, then what to do. It never holds a customer's words.
A programmer's mistake is a `ValueError` instead.
"""


class CallReasonsError(Exception):
    """Something a person can mend; the message says how."""

    exit_code = 2


class SettingsError(CallReasonsError):
    """A setting, an option or a file that the user wrote is wrong."""


class InputError(CallReasonsError):
    """An input file is missing or cannot be read as what it should be."""


class MissingTableError(CallReasonsError):
    """A stage needs a table that no earlier stage has made."""


class RecordingError(CallReasonsError):
    """A recording cannot be listened to; the rest goes on."""


class TaxonomyError(CallReasonsError):
    """The taxonomy file breaks one of its own rules."""


class RuleError(TaxonomyError):
    """A rule forbids an act; `rule` names it and `values` fill it in, for a page to say it in the reader's language."""

    def __init__(self, message: str, rule: str, values: dict[str, object]) -> None:
        super().__init__(message)
        self.rule, self.values = rule, values


class ModelError(CallReasonsError):
    """A model cannot be had from any source, or a file of it does not match its SHA-256."""

    exit_code = 4


class NothingDoneError(CallReasonsError):
    """The run could not do anything at all."""

    exit_code = 4


class MissingExtraError(CallReasonsError):
    """An optional part is not installed; the message names the command that installs it."""

    exit_code = 4


class LockedError(CallReasonsError):
    """Another run holds the project's lock."""

    exit_code = 75


class ConflictError(TaxonomyError):
    """What an act is about was changed by somebody else meanwhile; nothing was done.

    `conflicts` holds both versions (`pipeline.curate.Conflict`), for a person to choose.
    """

    def __init__(self, message: str, conflicts: tuple[object, ...] = ()) -> None:
        super().__init__(message)
        self.conflicts = conflicts
