"""Curate, acting: an act is looked at, then saved by whoever may; nothing is decided for two people at once."""

import re
from html import unescape

import pytest
from conftest import NOW
from curating import act_now, read
from invented_calls import CRASH
from test_curate_rules import log_in, make_browser

from pipeline import curate
from pipeline.curate import Fields
from pipeline.decisions import DECISIONS_FILE

ADD = {"what": "add", "number": "105", "name_en": "App closes", "name_zh": "闪退", "owner": "app", "said": ["0:e01"]}
POSTS = ("/acts/preview", "/acts/save")


def find_revision(browser, url):
    """Find the revision that a page was drawn from."""
    return re.search(r'name="revision" value="(\w+)"', browser.get(url).content.decode())[1]


def post(browser, url, form, page="/candidates/c-crash"):
    """Send a form of a page."""
    return browser.post(url, {"revision": find_revision(browser, page), "about": "c-crash", **form})


def test_a_candidate_becomes_a_code(desk):
    """Number, names and owner are written, its sentence as an example from its call, under the account's name."""
    response = post(log_in("curate"), "/acts/save", ADD)
    assert (response.status_code, response["Location"]) == (302, "/codes/105")
    code = read(desk.taxonomy).find_code("105")
    assert (code.names, code.owner) == ({"en": "App closes", "zh": "闪退"}, "app")
    assert (code.examples, code.example_call_ids) == ((CRASH.text,), {CRASH.text: "e01"})
    assert [one.decision.who for one in curate.list_history(desk.taxonomy)] == ["wei"]


def test_what_was_saved_is_said_once(desk):
    """The page that follows says so, the one after it does not."""
    browser = log_in("curate")
    post(browser, "/acts/save", ADD)
    assert b'class="told"' in browser.get("/codes/105").content
    assert b'class="told"' not in browser.get("/codes/105").content


def test_a_preview_says_what_moves_and_changes_nothing(desk):
    """Its calls go from no code to the new one; the file and the record are as they were."""
    shown = post(log_in("curate"), "/acts/preview", ADD).content.decode()
    assert "A reason that no code covers" in shown
    assert re.search(r"→ <span class=\"code\">105</span> App closes", shown)
    assert CRASH.text in shown
    assert read(desk.taxonomy).find_code("105") is None
    assert curate.list_history(desk.taxonomy) == []


def test_the_preview_s_button_saves_what_was_looked_at(desk):
    """Its form holds every field of the first one."""
    browser = log_in("curate")
    shown = post(browser, "/acts/preview", ADD | {"name_en": 'say "no" <now>'}).content.decode()
    saving = shown[shown.index('action="/acts/save"') :]
    form = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', saving)}
    assert browser.post("/acts/save", form)["Location"] == "/codes/105"
    assert read(desk.taxonomy).find_code("105").names["en"] == 'say "no" <now>'


def test_sentences_are_added_to_a_code(desk):
    """Each keeps its call."""
    post(log_in("curate"), "/acts/save", {"what": "teach", "into": "104", "said": ["0:e01", "0:e05"]})
    code = read(desk.taxonomy).find_code("104")
    assert list(code.example_call_ids.values()) == ["e01", "e05"]


def test_the_next_free_number_is_proposed(desk):
    """And never one that was used before."""
    browser = log_in("curate")
    assert b'name="number" value="105"' in browser.get("/candidates/c-crash").content
    post(browser, "/acts/save", ADD)
    curate.undo(desk.taxonomy, who="wei", now=NOW)
    assert b'name="number" value="106"' in browser.get("/candidates/c-crash").content


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"number": "101"}, "empty or taken"),
        ({"name_en": "", "name_zh": " "}, "has no name"),
        ({"said": []}, "Choose between 1 and"),
        ({"said": ["7:e01"]}, "went with the last run"),
        ({"what": "teach"}, "No code was chosen"),
        ({"what": "delete"}, "asks for no act"),
        ({"owner": "x" * 3000}, "more than 2000 characters"),
    ],
)
def test_what_a_rule_forbids_is_told_and_not_done(desk, changed, rule):
    """The preview says why, and the act is refused."""
    browser = log_in("curate")
    shown = post(browser, "/acts/preview", ADD | changed)
    assert (shown.status_code, rule in shown.content.decode()) == (200, True)
    assert b'action="/acts/save"' not in shown.content
    assert post(browser, "/acts/save", ADD | changed).status_code == 400
    assert curate.list_history(desk.taxonomy) == []


def test_what_a_rule_forbids_is_told_in_the_reader_s_language(desk):
    """On the Chinese page in Chinese, when it is looked at and when it is saved."""
    browser = log_in("curate")
    browser.cookies["callreasons_language"] = "zh"
    for url in POSTS:
        shown = post(browser, url, ADD | {"number": "101"}).content.decode()
        assert "编号“101”为空或已被占用。请用 105。" in shown


def test_what_somebody_else_changed_meanwhile_is_shown_in_both_versions(desk):
    """Both took the same number: the second is shown both, and nothing is decided."""
    browser = log_in("curate")
    revision = find_revision(browser, "/candidates/c-crash")
    act_now(desk.taxonomy, curate.add_code("105", {"en": "Other"}, [curate.Sentence("x")]), "ida")
    response = browser.post("/acts/save", ADD | {"revision": revision, "about": "c-crash"})
    assert response.status_code == 409
    shown = response.content.decode()
    assert "Other" in shown and "App closes" in shown and "ida" in shown
    assert read(desk.taxonomy).find_code("105").names == {"en": "Other"}


def test_an_act_on_an_old_page_goes_through_where_nothing_it_touches_changed(desk):
    """Another code's owner is no conflict."""
    browser = log_in("curate")
    revision = find_revision(browser, "/candidates/c-crash")
    act_now(desk.taxonomy, curate.set_fields("101", Fields(owner="stores")), "ida")
    assert browser.post("/acts/save", ADD | {"revision": revision}).status_code == 302


@pytest.mark.parametrize("url", POSTS)
@pytest.mark.parametrize("role", ["look", "audit", "administer"])
def test_who_may_not_curate_sees_no_button_and_is_refused(desk, url, role):
    """The forms are absent, and a form made by hand gets 403."""
    browser = log_in(role)
    assert browser.post(url, ADD | {"revision": "x"}).status_code == 403
    assert not re.search(rb'action="/(acts|undo|redo)|class="pick"', browser.get("/candidates/c-crash").content)
    assert curate.list_history(desk.taxonomy) == []


@pytest.mark.parametrize("url", POSTS)
def test_acts_come_by_form_with_a_token_alone(desk, url):
    """A link does nothing, nor a form without our token."""
    from django.contrib.auth.models import User

    assert log_in("curate").get(url).status_code == 405
    browser = make_browser(enforce_csrf_checks=True)
    browser.force_login(User.objects.get(username="wei"))
    assert browser.post(url, ADD).status_code == 403


def test_until_previews_are_ready_the_page_says_so_and_has_no_save(page):
    """It asks again by itself."""
    from pipeline.curate.web import desk

    desk.DESKS[page.root] = desk.Desk(page, checked_at_s=float("inf"))
    try:
        shown = post(log_in("curate"), "/acts/preview", ADD).content
    finally:
        desk.DESKS.clear()
        (page.taxonomy / DECISIONS_FILE).unlink()
    assert b"being got ready" in shown and b'hx-trigger="load delay:1s"' in shown
    assert b'action="/acts/save"' not in shown
