"""Departments: who failed the customer, by the names that the customer used.

The names stand under `departments` in `models/examples/signals.yaml`: for each department its names by language.
"""

import re
from collections.abc import Mapping, Sequence

Departments = Mapping[str, re.Pattern[str]]


def make_departments(names: Mapping[str, Sequence[str]]) -> dict[str, re.Pattern[str]]:
    """Make what finds each department in a text; one in Latin letters stands for whole words, and their plural."""
    return {
        department: re.compile("|".join(_to_pattern(word) for word in words), re.IGNORECASE)
        for department, words in names.items()
        if words
    }


def find_department(texts: Sequence[str], departments: Departments) -> str | None:
    """Find who is named first in the first text that names anybody; null when none does."""
    for text in texts:
        found = {name: match.start() for name, pattern in departments.items() if (match := pattern.search(text))}
        if found:
            return min(found, key=lambda name: found[name])
    return None


def _to_pattern(word: str) -> str:
    return rf"\b{re.escape(word)}(?:e?s)?\b" if word.isascii() else re.escape(word)
