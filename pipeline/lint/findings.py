"""Findings: what a curator should mend in a taxonomy, one line each, with what to do.

Errors: none of its own.
"""

import re
from dataclasses import dataclass

MAX_QUOTE = 120  # characters of a sentence that a line shows


@dataclass(frozen=True)
class Finding:
    """One thing to mend; `code` is empty when it is about the whole. A note is worth knowing and not wrong."""

    kind: str
    code: str
    what: str
    to_do: str
    is_note: bool = False

    @property
    def line(self) -> str:
        """Say it in one line."""
        return f"{self.code + ': ' if self.code else ''}{self.what} {self.to_do}"


def quote(text: str) -> str:
    """Show a sentence, cut when it is long."""
    plain = " ".join(text.split())
    return f"'{plain if len(plain) <= MAX_QUOTE else plain[: MAX_QUOTE - 1] + '…'}'"


def to_plain(text: str) -> str:
    """Write a sentence so that it is the same whatever its capitals, stops and spaces."""
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()
