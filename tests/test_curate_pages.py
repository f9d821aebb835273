"""Curate, pages: what they show is what was measured, in both languages, and quick to find."""

import os
from datetime import date

import pytest
from reporting import Reader
from test_curate_rules import log_in, make_browser

from pipeline.curate.web.calls import mark_reasons
from pipeline.curate.web.candidates import Held, cut_words, rank_words
from pipeline.curate.web.drawn import Bar, list_starts, make_bars
from pipeline.words import read_words

EVERY_PAGE = (
    "/", "/uncoded", "/uncoded?a=101&b=102", "/health", "/history", "/candidates", "/candidates/c-crash", "/codes",
    "/codes/101", "/calls/e01", "/find?q=app", "/access", "/nothing", "/split/code/101", "/split/candidate/c-crash",
)  # fmt: skip


def read(browser, url, language="en"):
    """Read what a page shows."""
    response = browser.get(url, headers={"accept-language": language})
    assert response.status_code == 200, url
    return " ".join(" ".join(Reader(response.content.decode()).shown).split())


def test_a_candidate_s_page_says_what_was_measured(page):
    """Name, calls, nearest code and quotes stand on the page."""
    shown = read(log_in("curate"), "/candidates/c-invoice")
    assert "电子发票一直没有收到" in shown
    assert "Calls 3" in shown
    assert "101 My delivery never arrived 3 members" in shown
    assert "我上个月申请的电子发票一直没有收到" in shown


def test_a_code_s_page_shows_its_fields(page):
    """What the taxonomy file says of a code stands beside what was counted."""
    shown = read(log_in("curate"), "/codes/101")
    assert "logistics" in shown
    assert "EUR 12.50, replacement parcel" in shown
    assert "Calls 7" in shown


def test_a_call_s_page_shows_its_turns_and_where_the_reason_stands(page):
    """The transcript is there turn by turn, the reason marked, with a play button a turn."""
    response = log_in("curate").get("/calls/e01?turn=1")
    text = response.content.decode()
    assert '<span class="reason">the app closes by itself when I get to the payment page</span>' in text
    assert text.count('class="play"') == 3
    assert 'id="turn"' in text


def test_a_quote_is_played_from_two_seconds_before_it(page):
    """The quote begins at 7 s, playing at 5 s; one that begins at once is played from the start."""
    text = log_in("curate").get("/candidates/c-crash").content.decode()
    assert 'data-src="/recordings/0/e01" data-second="5.00"' in text


def test_a_call_in_a_panel_is_its_transcript_alone(page):
    """Htmx gets the part, a browser the page."""
    part = log_in("look").get("/calls/e01", headers={"hx-request": "true"}).content.decode()
    assert "<html" not in part
    assert "payment page" in part


def test_a_panel_that_must_log_in_takes_the_page_there(page):
    """When the session has ended, a part of a page does not fill with the log-in."""
    response = make_browser().get("/calls/e01", headers={"hx-request": "true"})
    assert (response.status_code, response["HX-Redirect"].split("?")[0]) == (204, "/log-in")


def test_lists_are_sorted_and_filtered(page):
    """Words, order and newness are asked for in the address; what cannot be read is as if not asked."""
    browser = log_in("look")

    def listed(query):
        links = Reader(browser.get(f"/candidates?{query}").content.decode()).find("a")
        return [one["href"].rpartition("/")[2] for one in links if one.get("class") == "main"]

    assert listed("") == ["c-crash", "c-invoice"]
    assert listed("new=1") == ["c-invoice"]
    assert listed("q=APP%20closes") == ["c-crash"]
    assert listed("sort=nothing&page=x") == ["c-crash", "c-invoice"]
    assert listed("page=1") == []


def test_what_was_said_is_found_and_a_call_by_its_id(page):
    """Search finds codes, candidates and words; a call's id leads to the call."""
    browser = log_in("look")
    assert "it should have been here on Friday" in read(browser, "/find?q=FRIDAY")
    assert "101 My delivery never arrived" in read(browser, "/find?q=never")
    assert browser.get("/find?q=a01")["Location"] == "/calls/a01"


@pytest.mark.parametrize("url", EVERY_PAGE)
def test_every_page_speaks_both_languages(page, url):
    """The same page has the other language's words, and none of its own."""
    browser = log_in("curate", "administer")
    for language in ("en", "zh"):
        text = browser.get(url, headers={"accept-language": language}).content.decode()
        words = read_words(language)
        assert f'lang="{words("format.html_lang")}"' in text
        assert words("web.page.candidates") in text
        assert words("web.keys.title") in text


def test_a_chosen_language_and_shade_are_kept(page):
    """The choice counts before the browser's language, and leads back to where it was made."""
    browser = make_browser()
    response = browser.post("/choose", {"language": "zh", "shade": "dark", "next": "/log-in"})
    assert response["Location"] == "/log-in"
    text = browser.get("/log-in", headers={"accept-language": "en"}).content.decode()
    assert 'lang="zh' in text
    assert 'class="dark"' in text
    assert "callreasons_language" not in browser.post("/choose", {"language": "fr"}).cookies


def test_an_asset_is_kept_by_the_browser_and_comes_from_here(page):
    """Style, script and htmx are served by the page, under an address that changes with their content."""
    browser = make_browser()
    for name in ("curate.css", "curate.js", "audit.js", "htmx.js", "mark.svg"):
        response = browser.get(f"/assets/{name}")
        assert response.status_code == 200
        assert "immutable" in response["Cache-Control"]
    assert browser.get("/assets/..%2fsite.py").status_code == 404
    style = browser.get("/assets/curate.css").content.decode()
    assert "url(" not in style
    assert "@import" not in style


def test_a_store_without_a_run_shows_empty_pages(page, tmp_path):
    """Before the first run there is nothing to look at, and nothing breaks."""
    from pipeline.config import Project, Settings
    from pipeline.curate.web.candidates import Asked, list_candidates
    from pipeline.curate.web.codes import list_codes

    empty = Project(tmp_path, Settings())
    assert list_candidates(empty, Asked()) == []
    assert list_codes(empty) == []


def test_the_snapshot_follows_the_store(project):
    """After a run the pages show its tables; until then, and while one is at work, those of before."""
    from invented_calls import write_calls

    from pipeline.curate.web.snapshot import Snapshots

    snapshots = Snapshots(project)
    count = "select count(*) from calls"
    assert snapshots.open().sql(count).fetchall() == [(0,)]
    write_calls(project)
    assert snapshots.open().sql(count).fetchall() == [(0,)]
    snapshots.checked_at_s = 0.0
    snapshots.open()
    snapshots.maker.join()
    assert snapshots.open().sql(count).fetchall() == [(34,)]
    assert len(list((project.store.root / ".pages").iterdir())) == 1
    assert not snapshots.is_stale()


def test_a_run_at_work_is_waited_for(project):
    """While another process holds the project, tables change one by one: pages keep showing those of before."""
    from pipeline.state import is_running

    project.state.mkdir(exist_ok=True)
    for holder, is_at_work in (("1", True), (str(os.getpid()), False), ("999999999", False), ("", False)):
        (project.state / "run.lock").write_text(holder)
        assert is_running(project) is is_at_work, holder


def test_words_that_hold_a_candidate_together_are_its_own():
    """What most members say and people seldom do comes first; what everybody says is left out."""
    texts = ["my invoice is wrong", "the invoice has the wrong name", "I want an invoice", "发票开错了，要重开发票"]
    held = rank_words(texts)
    assert held[0] == Held("invoice", 0.75)
    assert {"the", "my", "is"} & {one.word for one in held} == set()
    assert "发票" in cut_words("发票开错了")
    assert cut_words("call me on [PHONE] 42") == ["call", "me", "on"]


def test_a_turn_is_cut_where_the_reason_stands():
    """The pieces joined are the turn; a reason that is not in it marks nothing."""
    assert mark_reasons("hello, it broke, bye", ["it broke"]) == (
        ("hello, ", False),
        ("it broke", True),
        (", bye", False),
    )
    assert mark_reasons("hello", ["it broke"]) == (("hello", False),)
    assert mark_reasons("a b", ["a b", "b"]) == (("a b", True),)


def test_a_trend_has_a_bar_a_week_also_where_nobody_called():
    """Gaps are filled, and the highest bar is as high as the chart."""
    weeks = list_starts([date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 23)])
    assert weeks == [date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 23)]
    assert make_bars(weeks[:2], [1, 4]) == (Bar(0, 25.0, weeks[0], 1), Bar(12, 100.0, weeks[1], 4))
    assert make_bars(weeks[:1], [0])[0].height == 0
