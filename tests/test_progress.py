"""Progress."""

import io
import itertools

from rich.console import Console

from pipeline.progress import ConsoleProgress


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


def test_quiet_says_nothing():
    """A quiet run shows no progress."""
    assert _run(terminal=True, quiet=True)[1] == ""
