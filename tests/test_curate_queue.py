"""Curate, queue: the start page says what to look at next and where, and how healthy the codes are."""

import re

import pytest
from conftest import NOW
from curating import act_now
from invented_calls import CRASH, NEVER
from test_curate_rules import log_in

from pipeline import curate
from pipeline.curate import Sentence, Task
from pipeline.curate.web import desk, outlook
from pipeline.decisions import DECISIONS_FILE
from pipeline.taxonomy import TAXONOMY_FILE, Code, Taxonomy

TAUGHT = {
    "101": (NEVER.text, "nothing came in two weeks", "nothing came of what I ordered"),
    "103": ("you took the money twice", "the money went twice", "took twice the money from my card"),
    "104": ("my password is wrong", "it says the password is wrong", "password wrong again"),
}


@pytest.fixture
def start(page):
    """The page's project, its codes with examples; afterwards its codes are what they were."""
    path = page.taxonomy / TAXONOMY_FILE
    content = path.read_bytes()
    for number, texts in TAUGHT.items():
        act_now(page.taxonomy, curate.add_examples(number, [Sentence(text) for text in texts]), "ida")
    desk.DESKS.clear()
    outlook.LOOKOUTS.clear()
    desk.open_desk(page).opener.join()
    yield page
    wait(page)
    path.write_bytes(content)
    (page.taxonomy / DECISIONS_FILE).unlink(missing_ok=True)
    desk.DESKS.clear()
    outlook.LOOKOUTS.clear()


def wait(project):
    """Wait until queue and health are worked out for the codes as they are."""
    for _ in range(2):  # one that is under way may be of what was before
        outlook.look(project)
        if judger := outlook.LOOKOUTS[project.root].judger:
            judger.join(60)
    return outlook.look(project)


def show(browser, url="/"):
    """Read a page as it was sent."""
    return browser.get(url).content.decode()


def read_score(text):
    """Read the whole score off a page."""
    return int(re.search(r'class="score"><b>(\d+)</b> / 100', text)[1])


def test_the_first_screen_waits_for_nothing(start):
    """Until the queue is worked out the page says so and asks for the part again."""
    outlook.LOOKOUTS.clear()
    desk.DESKS[start.root] = desk.Desk(start, checked_at_s=float("inf"))
    shown = show(log_in("look"))
    assert "are being worked out" in shown
    assert re.search(r'hx-get="/queue\?[^"]*" hx-trigger="load', shown)
    desk.DESKS.clear()


def test_the_start_page_is_the_queue(start):
    """Candidates, what no code fits, each with why, calls and the page where it is done; figures stay."""
    wait(start)
    shown = show(log_in("look"))
    assert "6 calls without a code sound like this" in shown
    assert '<a class="main" href="/candidates/c-crash">' in shown
    assert '<a class="main" href="/uncoded">Calls that no code fits' in shown
    assert "hx-get" not in shown.split('id="outlook"')[1].split("</main>")[0]
    assert ">Said why</dt>" in shown


def test_a_settled_task_is_gone_at_once(start):
    """The candidate became a code: the queue does not wait until the codes are judged anew."""
    wait(start)
    browser = log_in("curate")
    assert "/candidates/c-crash" in show(browser, "/queue")
    act_now(start.taxonomy, curate.add_code("105", {"en": "App closes"}, [Sentence(CRASH.text, "e01")]))
    assert "/candidates/c-crash" not in show(browser, "/queue")
    curate.undo(start.taxonomy, who="li", now=NOW)
    assert "/candidates/c-crash" in show(browser, "/queue")


def test_a_kind_is_shown_alone(start):
    """The choice stands in the address; a kind that has no task shows all."""
    wait(start)
    browser = log_in("look")
    assert "no code fits" not in show(browser, "/queue?kind=candidate").split("<tbody>")[1].lower()
    assert "/candidates/c-crash" in show(browser, "/queue?kind=nothing")


def test_health_falls_when_the_codes_are_made_worse_and_rises_when_mended(start):
    """Through the page: an example of the card under the password; then it is taken back."""
    browser = log_in("curate")
    wait(start)
    good = read_score(show(browser, "/health"))
    assert read_score(show(browser)) == good
    for text in TAUGHT["103"][:2]:
        act_now(start.taxonomy, curate.move_examples("103", "104", [text]), "wei")
    assert "Being worked out anew" in show(browser, "/health")
    wait(start)
    worse = read_score(show(browser, "/health"))
    for _ in range(2):
        browser.post("/history/undo")
    wait(start)
    assert worse < good == read_score(show(browser, "/health"))


def test_health_shows_every_code_the_weakest_first(start):
    """With how many of its examples find it, and a bar beside the number."""
    found = wait(start)
    shown = show(log_in("look"), "/health")
    listed = re.findall(r'<a class="main" href="/codes/(\d+)">', shown)
    assert listed == [one.number for one in found.codes]
    assert [one.strength for one in found.codes] == sorted(one.strength for one in found.codes)
    assert shown.count('class="meter"') == len(found.codes) + len(found.health.parts)


def test_calls_that_no_code_fits_are_listed(start):
    """The one that no code and no candidate holds, to be opened and played."""
    shown = show(log_in("curate"), "/uncoded")
    assert "do you still sell the blue lamp from your window" in shown
    assert CRASH.text not in shown
    assert 'class="play"' in shown


@pytest.mark.parametrize(
    ("task", "url"),
    [
        (Task("candidate", ("c-1",), 3, 1.0, 4), "/candidates/c-1"),
        (Task("rose", ("101",), 3, 1.0, 4), "/codes/101"),
        (Task("disagree", ("101", "102"), 3, 1.0, 4), "/codes/101"),
        (Task("unused", ("101",), 0, 0.0, 1), "/codes/101"),
        (Task("near_pair", ("a or b", "c-1", "102"), 3, 1.0, 5), "/candidates/c-1"),
        (Task("undecided", ("101", "102"), 3, 1.0, 3), "/uncoded?a=101&b=102"),
        (Task("loose", (), 3, 1.0, 6), "/uncoded"),
    ],
)
def test_each_task_leads_to_where_it_is_done(page, task, url):
    """And names every code that it is about."""
    from pipeline.curate.web.queue import find_place

    codes = Taxonomy((Code("101"), Code("102")))
    found = find_place(task, codes)
    assert found.url == url
    assert {one.number for one in found.codes} == set(task.about) & {"101", "102"}
