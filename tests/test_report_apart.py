"""Apart: charts drawn in another process are those that would be drawn here."""

import re
import sys

import pytest
from invented_calls import CALLS, make_project
from reporting import run

from pipeline.report import apart
from pipeline.report.apart import begin_charts
from pipeline.report.content import read_content
from pipeline.report.page import Charts, draw_charts
from pipeline.words import read_words


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    """Read what a report of invented calls says."""
    project = make_project(tmp_path_factory.mktemp("project"), CALLS)
    run(project)
    return read_content(project)


def tell(charts: Charts) -> str:
    """Tell all of the charts but the numbers by which a drawing's parts name each other, which count on."""
    return re.sub(r"clip\d+", "clip", repr(charts))


def test_charts_drawn_apart_are_those_drawn_here(content, monkeypatch):
    """With many reasons another process draws, and every chart is the same to the last letter."""
    monkeypatch.setattr(apart, "MIN_REASONS", 0)
    monkeypatch.setattr(apart, "draw_charts", lambda *_: pytest.fail("drawn here"))
    with begin_charts(content, read_words("zh")) as find_charts:
        assert tell(find_charts()) == tell(draw_charts(content, read_words("zh")))


@pytest.mark.parametrize("program", ["/no/such/program", "/bin/false"])
def test_charts_are_drawn_here_where_no_other_process_can(content, monkeypatch, program):
    """A machine that starts no second process, or one that fails, still has its charts."""
    monkeypatch.setattr(apart, "MIN_REASONS", 0)
    monkeypatch.setattr(sys, "executable", program)
    with begin_charts(content, read_words("en")) as find_charts:
        assert isinstance(find_charts(), Charts)


def test_a_few_charts_are_drawn_here(content, monkeypatch):
    """No process is started for a report of few reasons."""
    monkeypatch.setattr(apart, "_ask", lambda _: pytest.fail("asked another process"))
    with begin_charts(content, read_words("en")) as find_charts:
        assert tell(find_charts()) == tell(draw_charts(content, read_words("en")))
