"""Rules: what forbids an act, in the words of the catalogue: the command says it in English, a page in its reader's.

Errors: none of its own; it makes them.
"""

from pipeline.errors import RuleError
from pipeline.words import Words, read_words


def forbid(rule: str, **values: object) -> RuleError:
    """Make the error that says which rule forbids an act, to be raised."""
    return RuleError(read_words("en")(f"curate.rule.{rule}", **values), rule, values)


def explain(error: Exception, words: Words) -> str:
    """Say in a reader's language what forbids an act; what is no rule of curating stays in English."""
    return words(f"curate.rule.{error.rule}", **error.values) if isinstance(error, RuleError) else str(error)
