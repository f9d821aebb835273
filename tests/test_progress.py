"""Progress."""

import io
import itertools

import pytest
from rich.console import Console

from pipeline.progress import ConsoleProgress, round_left


def _run(*, terminal, quiet=False):
    stream = io.StringIO()
    ticks = itertools.count(step=20.0)
    progress = ConsoleProgress(Console(file=stream, force_terminal=terminal), quiet, clock=lambda: next(ticks))
    items = list(progress.track(["a", "b", "c"], total=3, label="transcribe"))
    return items, stream.getvalue()


def test_items_pass_through():
    """Progress changes nothing of what it counts."""
    assert _run(terminal=False)[0] == _run(terminal=True)[0] == ["a", "b", "c"]


def test_a_terminal_sees_a_bar():
    """On a terminal there is a bar that ends full."""
    assert "3/3" in _run(terminal=True)[1]


def test_a_log_sees_plain_lines():
    """In a log long work says now and then how far it is, without control codes."""
    said = _run(terminal=False)[1]
    assert "transcribe: 1 of 3" in said
    assert "\x1b" not in said


def test_a_log_says_how_long_is_left_after_the_first_few():
    """One call in is too early to tell; from the third on a line says how long the rest takes at this pace."""
    stream = io.StringIO()
    ticks = itertools.count(step=20.0)
    progress = ConsoleProgress(Console(file=stream, force_terminal=False), clock=lambda: next(ticks))
    list(progress.track(map(str, range(8)), total=8, label="transcribe"))
    first, *later = stream.getvalue().splitlines()
    assert first == "transcribe: 1 of 8"
    assert all(line.endswith("left") for line in later) and later


@pytest.mark.parametrize(
    ("left_s", "said"), [(3.0, "5 s"), (47.0, "50 s"), (100.0, "2 min"), (5400.0, "90 min"), (9000.0, "2.5 h")]
)
def test_what_is_left_is_a_round_figure(left_s, said):
    """Seconds by fives, then minutes, then hours."""
    assert round_left(left_s) == said


def test_quiet_says_nothing():
    """A quiet run shows no progress."""
    assert _run(terminal=True, quiet=True)[1] == ""
