"""Silent: a progress that shows nothing and keeps what would be said."""

from collections.abc import Iterable, Iterator


class SilentProgress:
    """Keeps what would be said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def track(self, items: Iterable[str], *, total: int, label: str) -> Iterator[str]:
        """Pass items through."""
        return iter(items)

    def say(self, line: str) -> None:
        """Keep the line."""
        self.lines.append(line)

    note = say
