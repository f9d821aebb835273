"""Progress: a bar on a terminal, plain lines in a log.

Nothing here or elsewhere in the library prints; the console comes in from the command.
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

LINE_EVERY_S = 30.0  # in a log, long work says a line this often
MIN_DONE = 3  # before that a line says nothing of how long is left
MINUTES_FROM_S, HOURS_FROM_S = 90.0, 7200.0


@dataclass(frozen=True)
class ConsoleProgress:
    """Shows progress on a rich console; plain lines where it is no terminal, nothing but warnings when quiet."""

    console: Console
    quiet: bool = False
    clock: Callable[[], float] = time.monotonic

    def track(self, items: Iterable[str], *, total: int, label: str) -> Iterator[str]:
        """Pass items through and show how many of `total` are done."""
        if total == 0 or self.quiet:
            yield from items
        elif self.console.is_terminal:
            yield from self._track_bar(items, total, label)
        else:
            yield from self._track_lines(items, total, label)

    def say(self, line: str) -> None:
        """Show one line that a person should read."""
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def note(self, line: str) -> None:
        """Show one line for those who look on; nothing when quiet."""
        if not self.quiet:
            self.say(line)

    def _track_bar(self, items: Iterable[str], total: int, label: str) -> Iterator[str]:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=self.console) as progress:
            task = progress.add_task(label, total=total)
            for item in items:
                yield item
                progress.advance(task)

    def _track_lines(self, items: Iterable[str], total: int, label: str) -> Iterator[str]:
        started_at = said_at = self.clock()
        for n_done, item in enumerate(items):
            now = self.clock()
            if now - said_at >= LINE_EVERY_S:
                left_s = (now - started_at) / n_done * (total - n_done) if n_done else 0.0
                left = f", about {round_left(left_s)} left" if n_done >= MIN_DONE else ""
                self.say(f"{label}: {n_done} of {total}{left}")
                said_at = now
            yield item


def round_left(left_s: float) -> str:
    """Round what is left to what a person can use: 50 s, 12 min, 2.5 h."""
    if left_s < MINUTES_FROM_S:
        return f"{math.ceil(left_s / 5) * 5} s"
    return f"{left_s / 60:.0f} min" if left_s < HOURS_FROM_S else f"{left_s / 3600:.1f} h"
