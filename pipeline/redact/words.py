"""Words: the lists of `words.txt`, and what they say about one English word."""

from functools import cache
from importlib.resources import files

ENDINGS = (
    *("ing", "ed", "ly", "tion", "sion", "ment", "ness", "able", "ible", "ful", "less", "ous", "ity", "ship"),
    *("'t", "'re", "'ll", "'ve", "'d"),
)


@cache
def load_words(section: str) -> frozenset[str]:
    """Load one section of the word lists.

    Raises:
        ValueError: There is no such section.
    """
    content = (files("pipeline.redact") / "words.txt").read_text(encoding="utf-8")
    lines = [line for line in content.splitlines() if line and not line.startswith("#")]
    if f"[{section}]" not in lines:
        raise ValueError(f"section should be one of words.txt, got {section!r}")
    found: list[str] = []
    for line in lines[lines.index(f"[{section}]") + 1 :]:
        if line.startswith("["):
            break
        found += line.split()
    return frozenset(found)


def is_function_word(word: str) -> bool:
    """Say whether a lower-case word only holds a sentence together."""
    return word in load_words("function")


def is_given_name(word: str) -> bool:
    """Say whether a lower-case word is a given name and hardly ever anything else."""
    return word in load_words("given")


def is_surname(word: str) -> bool:
    """Say whether a lower-case word is a surname, whatever else it is."""
    return word in load_words("surnames")


def is_name_word(word: str) -> bool:
    """Say whether a lower-case word is a name in some list, whatever else it is."""
    return is_given_name(word) or is_surname(word) or word in load_words("given_or_word")


def is_common(word: str) -> bool:
    """Say whether a lower-case word is an ordinary word of English and no name."""
    common = load_words("common")
    if is_given_name(word) or (is_surname(word) and word not in common):
        return False
    return word in common or (len(word) > 5 and word.endswith(ENDINGS))
