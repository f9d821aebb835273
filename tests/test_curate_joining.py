"""Curate, joining: a candidate that is like another is taken along, so that both become one code."""

import re

import pytest
from curating import read
from invented_calls import CRASH, INVOICE
from test_curate_acting import find_revision
from test_curate_rules import log_in

from pipeline import curate


@pytest.fixture
def curator(desk):
    """A browser of somebody who may curate."""
    return log_in("curate")


def test_a_candidate_s_page_shows_those_like_it(curator):
    """Every other one, nearest first, with a button that takes it along; never itself."""
    shown = curator.get("/alike/c-crash").content.decode()
    assert re.findall(r'hx-get="(/joined/[^"]+)"', shown) == ["/joined/c-invoice"]
    assert 'hx-get="/alike/c-crash" hx-trigger="load"' in curator.get("/candidates/c-crash").content.decode()


def test_what_is_taken_along_is_checked(curator):
    """Its sentences belong to the page's form, so that an act on the page is made with both."""
    shown = curator.get("/joined/c-invoice").content.decode()
    boxes = re.findall(
        r'<input type="checkbox" class="pick" form="act" name="said" value="([^"]+)"[^>]* checked>', shown
    )
    assert sorted(boxes) == ["0:f01", "0:f02", "0:f03"]
    assert INVOICE.text in shown and "<html" not in shown


def test_two_candidates_become_one_code(desk, curator):
    """Checked on one page, both speak for the new code, in one decision."""
    form = {"what": "add", "number": "105", "name_en": "Either", "said": ["0:e01", "0:f01"], "about": "c-crash"}
    form["revision"] = find_revision(curator, "/candidates/c-crash")
    assert curator.post("/acts/save", form)["Location"] == "/codes/105"
    assert read(desk.taxonomy).find_code("105").examples == (CRASH.text, INVOICE.text)
    assert len(curate.list_history(desk.taxonomy)) == 1


def test_until_likeness_can_be_said_the_part_asks_again(page):
    """While the desk is being opened; where it cannot be, nothing is like it."""
    from pipeline.curate.web import desk

    opened = desk.DESKS[page.root] = desk.Desk(page, checked_at_s=float("inf"))
    browser = log_in("curate")
    try:
        waiting = browser.get("/alike/c-crash").content
        opened.mistake = "no run"
        none = browser.get("/alike/c-crash").content
    finally:
        desk.DESKS.clear()
    assert b'hx-trigger="load delay:1s"' in waiting
    assert b"hx-" not in none and b"/joined/" not in none


def test_a_candidate_that_is_gone_is_404(curator):
    """It went with the last run."""
    assert curator.get("/joined/c-gone").status_code == 404
    assert b"/joined/" not in curator.get("/alike/c-gone").content
