"""Mistakes: what is wrong with a setting, in a person's words and with what was probably meant.

Errors: none of its own.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

MIN_LIKENESS_RATIO = 0.6
# By pydantic's type of error; what stands in braces comes from its context.
RULES = {
    "bool_type": "should be true or false",
    "bool_parsing": "should be true or false",
    "int_type": "should be a whole number",
    "int_parsing": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_type": "should be a number",
    "float_parsing": "should be a number",
    "finite_number": "should be a number",
    "string_type": "should be a text in quotes",
    "tuple_type": "should be a list in square brackets",
    "dict_type": "should be a section with settings of its own",
    "model_type": "should be a section with settings of its own",
    "literal_error": "should be {expected}",
    "greater_than": "should be more than {gt:g}",
    "greater_than_equal": "should be {ge:g} or more",
    "less_than": "should be less than {lt:g}",
    "less_than_equal": "should be {le:g} or less",
    "string_too_short": "should have {min_length} characters or more",
    "string_too_long": "should have {max_length} characters or fewer",
    "value_error": "{error}",
}


def describe_mistake(error: ErrorDetails, settings: type[BaseModel]) -> str:
    """Say what is wrong with one setting and how to mend it.

    Args:
        error: One of pydantic's errors.
        settings: All sections there are.
    """
    where = [part for part in error["loc"] if isinstance(part, str) and part != "[key]"]
    if error["type"] == "extra_forbidden":
        return _describe_unknown(where, settings)
    context: Mapping[str, Any] = error.get("ctx", {})
    rule = RULES.get(error["type"])
    said = rule.format(**context) if rule else error["msg"]
    return f"setting '{'.'.join(where)}' {said}. Mend it or delete the line."


def _describe_unknown(where: list[str], settings: type[BaseModel]) -> str:
    section, name = where[0], where[-1]
    if len(where) == 1:
        known = list(settings.model_fields)
        likely = find_likely(name, known)
        advice = f"Did you mean [{likely}]?" if likely else f"The sections are {', '.join(known)}."
        return f"there is no section [{name}]. {advice}"
    return f"there is no setting '{'.'.join(where)}'. {_advise(section, name, settings)}"


def _advise(section: str, name: str, settings: type[BaseModel]) -> str:
    elsewhere = [one for one, known in _list_settings(settings) if known == name]
    if elsewhere:
        return f"It stands in section [{elsewhere[0]}]."
    known = [one for where, one in _list_settings(settings) if where == section]
    likely = find_likely(name, known)
    return f"Did you mean {likely}?" if likely else f"Section [{section}] has {', '.join(known)}."


def _list_settings(settings: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """List every section with each of its settings."""
    for section, field in settings.model_fields.items():
        kind = field.annotation
        names = kind.model_fields if isinstance(kind, type) and issubclass(kind, BaseModel) else ()
        yield from ((section, name) for name in names)


def find_likely(name: str, known: list[str]) -> str | None:
    """Find the known name that was probably meant: one that holds what was written, else the likeliest."""
    holding = [one for one in known if name and name.lower() in one]
    return next(iter(holding or get_close_matches(name.lower(), known, 1, MIN_LIKENESS_RATIO)), None)
