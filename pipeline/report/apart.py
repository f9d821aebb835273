"""Apart: charts drawn in a process of their own, while tables and workbook are written beside it.

A few charts are drawn here: the other process would take longer to start.

Errors: those of drawing.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from pipeline.report.content import Content
from pipeline.report.page import Charts, draw_charts
from pipeline.words import Words

MIN_REASONS = 40  # with fewer, charts are drawn in less time than a process takes to start
PROGRAM = "from pipeline.report.apart import answer; answer()"


@contextmanager
def begin_charts(content: Content, words: Words) -> Iterator[Callable[[], Charts]]:
    """Begin to draw every chart of a report; what is given says them when they are needed, and waits for them."""
    if len(content.reasons) < MIN_REASONS:
        yield lambda: draw_charts(content, words)
        return
    asked = pickle.dumps((replace(content, reason_rows=()), words))
    with ThreadPoolExecutor(1) as threads:
        drawn = threads.submit(_ask, asked)
        yield lambda: drawn.result() or draw_charts(content, words)


def _ask(asked: bytes) -> Charts | None:
    """Have another process draw; None where it could not, so that the error comes up here."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], check=False, input=asked, capture_output=True, env=environment
        )
    except OSError:
        return None
    charts: Charts | None = pickle.loads(done.stdout) if done.returncode == 0 else None  # noqa: S301 - written by us just now
    return charts


def answer() -> None:
    """Draw the charts that another process asked for, and hand them back."""
    content, words = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by us just now
    sys.stdout.buffer.write(pickle.dumps(draw_charts(content, words)))
