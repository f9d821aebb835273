"""Words: everything that a report says to people, in English and in Chinese, one TOML file a language.

Both files have the same keys. A template or a sheet names a key and never holds a word of its own.

Errors: ValueError for a key that the language's file does not have.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Words:
    """The words of one language, by dotted key, and how it writes numbers, times and days."""

    language: str
    entries: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Say what stands under a key, with values filled in."""
        if key not in self.entries:
            raise ValueError(f"words/{self.language}.toml has no '{key}'")
        return self.entries[key].format_map(values) if values else self.entries[key]

    def count(self, key: str, n: int, **values: object) -> str:
        """Say how many, in the singular or the plural."""
        return self(f"{key}.{'one' if n == 1 else 'other'}", n=self.number(n), **values)

    def number(self, value: float | None, n_digits: int = 0) -> str:
        """Write a number; a dash for none."""
        return "–" if value is None else f"{value:,.{n_digits}f}"

    def signed(self, value: float, n_digits: int = 0) -> str:
        """Write a number with its sign."""
        return f"{value:+,.{n_digits}f}".replace("-", "−")

    def share(self, ratio: float | None) -> str:
        """Write a ratio as a percentage; a dash for none."""
        if ratio is None:
            return "–"
        percent = ratio * 100
        return "<1%" if 0 < percent < 0.5 else f"{percent:.0f}%"

    def minutes(self, seconds: float | None) -> str:
        """Write seconds as minutes:seconds; a dash for none."""
        return "–" if seconds is None else f"{round(seconds) // 60}:{round(seconds) % 60:02d}"

    def position(self, seconds: float | None) -> str:
        """Write a place in a recording as minutes:seconds, never past it."""
        return self.minutes(None if seconds is None else int(seconds))

    def money(self, value: float | None, currency: str, n_digits: int = 0) -> str:
        """Write an amount with its currency."""
        return self("format.money", amount=self.number(value, n_digits), currency=currency)

    def day(self, value: date) -> str:
        """Write a day."""
        return self("format.day", day=value.day, month=self(f"months.{value.month}"), year=value.year)

    def period(self, first: date | None, last: date | None) -> str:
        """Write the time from one day to another."""
        if first is None or last is None:
            return self("format.no_period")
        return self.day(first) if first == last else self("format.period", first=self.day(first), last=self.day(last))

    def moment(self, value: datetime) -> str:
        """Write a day and the time on it."""
        return self("format.moment", day=self.day(value), time=f"{value:%H:%M}")


@cache
def read_words(language: str) -> Words:
    """Read the words of a language."""
    if language not in LANGUAGES:
        raise ValueError(f"language should be one of {LANGUAGES}, got {language!r}")
    tree = tomllib.loads(Path(__file__).with_name(f"{language}.toml").read_text(encoding="utf-8"))
    return Words(language, dict(_flatten(tree)))


def _flatten(tree: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    entries: list[tuple[str, str]] = []
    for key, value in tree.items():
        if isinstance(value, Mapping):
            entries += _flatten(value, f"{prefix}{key}.")
        else:
            entries.append((f"{prefix}{key}", str(value)))
    return entries
