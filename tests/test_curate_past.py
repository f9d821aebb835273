"""Curate, past: who decided what, newest first, taken back and made again by whoever did it, also tomorrow."""

import re
from urllib.parse import quote

import pytest
from curating import act_now, read
from test_curate_rules import log_in, make_browser

from pipeline import curate
from pipeline.curate import Fields, Sentence
from pipeline.curate.rules import forbid
from pipeline.decisions import DECISIONS_FILE
from pipeline.taxonomy import TAXONOMY_FILE
from pipeline.words import read_words

POSTS = ("/history/undo", "/history/redo")


@pytest.fixture
def codes(page):
    """The page's project; afterwards its codes are what they were."""
    path = page.taxonomy / TAXONOMY_FILE
    content = path.read_bytes()
    yield page
    path.write_bytes(content)
    (page.taxonomy / DECISIONS_FILE).unlink(missing_ok=True)


def own(project, number, owner, who="wei"):
    """Set a code's owner."""
    return act_now(project.taxonomy, curate.set_fields(number, Fields(owner=owner)), who)


def show(browser, url="/history"):
    """Read a page as it was sent."""
    return browser.get(url).content.decode()


def test_who_when_and_what_stand_there_newest_first(codes):
    """Before and after of each field, what was done by hand among them."""
    own(codes, "101", "stores", "ida")
    path = codes.taxonomy / TAXONOMY_FILE
    path.write_text(path.read_text("utf-8").replace("owner: billing", "owner: finance"), "utf-8")
    act_now(codes.taxonomy, curate.add_examples("104", [Sentence("<b>locked</b> out", "d01")]), "wei")
    shown = show(log_in("curate"))
    assert re.findall(r'href="\?who=(\w+)">', shown.split("<tbody>")[1]) == ["wei", "file", "ida"]
    assert "<del>logistics</del><ins>stores</ins>" in shown
    assert "<del>billing</del><ins>finance</ins>" in shown
    assert "&lt;b&gt;locked" in shown and "<b>locked" not in shown


def test_undo_takes_back_one_s_own_last_act_and_says_which(codes):
    """Not what others did after it; the page that follows links to the code."""
    own(codes, "101", "stores")
    own(codes, "102", "night shift", "ida")
    browser = log_in("curate")
    assert browser.post("/history/undo", {"next": "/codes"})["Location"] == "/codes"
    assert [read(codes.taxonomy).find_code(one).owner for one in ("101", "102")] == ["logistics", "night shift"]
    shown = show(browser, "/codes")
    assert re.search(r'class="told"[^>]*>Taken back: what a code says <a class="code" href="/codes/101">101</a>', shown)
    browser.post("/history/undo", {"next": "/codes"})
    assert "You have nothing to take back." in show(browser, "/codes")


def test_redo_makes_it_again_as_often_as_one_likes(codes):
    """Undo, undo, redo, redo: the last taken back is made again first."""
    own(codes, "101", "stores")
    own(codes, "101", "night shift")
    browser, owners = log_in("curate"), []
    for way in ("undo", "undo", "redo", "redo", "redo"):
        browser.post(f"/history/{way}")
        owners.append(read(codes.taxonomy).find_code("101").owner)
    assert owners == ["stores", "logistics", "stores", "night shift", "night shift"]
    assert "could be made again" in show(browser, "/codes")


def test_a_named_act_is_taken_back_by_its_own_button_alone(codes):
    """One's own have a button, others' have none, and naming one of theirs does nothing."""
    mine, theirs = own(codes, "101", "stores"), own(codes, "102", "night shift", "ida")
    browser = log_in("curate")
    buttons = re.findall(r'name="decision" value="(\w+)"', show(browser))
    assert buttons == [mine.revision]
    browser.post("/history/undo", {"decision": theirs.revision})
    assert read(codes.taxonomy).find_code("102").owner == "night shift"
    browser.post("/history/undo", {"decision": mine.revision})
    assert read(codes.taxonomy).find_code("101").owner == "logistics"
    assert "taken back by wei" in show(browser)


def test_what_was_changed_since_is_shown_in_both_versions(codes):
    """Ida changed the same field afterwards: nothing is done."""
    own(codes, "101", "stores")
    own(codes, "101", "night shift", "ida")
    response = log_in("curate").post("/history/undo")
    shown = response.content.decode()
    assert response.status_code == 409
    assert all(word in shown for word in ("stores", "night shift", "logistics", "ida"))
    assert read(codes.taxonomy).find_code("101").owner == "night shift"


@pytest.mark.parametrize("number", ["reverted?", "挂失"])
def test_a_code_with_a_label_is_gone_back_to(codes, number):
    """Its page has another address than its number."""
    act_now(codes.taxonomy, curate.add_code(number, {"en": "made"}, [Sentence("made up")]), "wei")
    own(codes, number, "team a")
    here = f"/codes/{quote(number)}"
    assert log_in("curate").post("/history/undo", {"next": here})["Location"] == here


def test_a_code_that_is_gone_is_not_gone_back_to(codes):
    """Taking back a new code on its own page leads to the list."""
    act_now(codes.taxonomy, curate.add_code("105", {"en": "App closes"}, [Sentence("x")]), "wei")
    browser = log_in("curate")
    assert browser.post("/history/undo", {"next": "/codes/105"})["Location"] == "/codes"
    assert browser.post("/history/redo", {"next": "//evil.example/codes"})["Location"] == "/"


def test_it_is_paged_and_can_be_one_s_own(codes, monkeypatch):
    """Two acts a page, the newest on the first."""
    monkeypatch.setattr("pipeline.curate.web.past.PAGE_ACTS", 2)
    for at in range(3):
        own(codes, "101", f"team {at}")
    own(codes, "102", "night shift", "ida")
    browser = log_in("curate")
    assert "night shift" in show(browser) and "team 0" not in show(browser)
    assert "<ins>team 0" in show(browser, "/history?page=1")
    assert "night shift" not in show(browser, "/history?who=wei")


@pytest.mark.parametrize("role", ["look", "audit", "administer"])
def test_who_may_not_curate_has_no_way_back(codes, role):
    """No button, no form for the keys, and a request by hand gets 403."""
    own(codes, "101", "stores")
    browser = log_in(role)
    assert [browser.post(url).status_code for url in POSTS] == [403, 403]
    assert b"/history/undo" not in browser.get("/codes" if role != "administer" else "/access").content


@pytest.mark.parametrize("url", POSTS)
def test_it_comes_by_form_with_a_token_alone(codes, url):
    """A link does nothing, nor a form without our token."""
    from django.contrib.auth.models import User

    own(codes, "101", "stores")
    assert log_in("curate").get(url).status_code == 405
    browser = make_browser(enforce_csrf_checks=True)
    browser.force_login(User.objects.get(username="wei"))
    assert browser.post(url).status_code == 403
    assert read(codes.taxonomy).find_code("101").owner == "stores"


def test_a_long_list_of_sentences_is_cut_short(codes):
    """Five of seven are shown, and that there are two more."""
    from pipeline.curate.web.past import list_changed

    texts = [Sentence(f"sentence {at}") for at in range(7)]
    act_now(codes.taxonomy, curate.add_examples("104", texts), "wei")
    (entry,) = curate.list_history(codes.taxonomy)
    (changed,) = list_changed(entry)
    assert (len(changed.after), changed.n_more) == (5, 2)


@pytest.mark.parametrize("way", ["undo", "redo"])
def test_a_rule_that_forbids_it_is_told_in_the_reader_s_language(codes, monkeypatch, way):
    """As it is for an act."""

    def refuse(folder, **_):
        raise forbid("used", number="101", free="105")

    own(codes, "101", "stores")
    browser = log_in("curate")
    if way == "redo":
        browser.post("/history/undo")
    monkeypatch.setattr(curate, way, refuse)
    for language in ("en", "zh"):
        response = browser.post(f"/history/{way}", headers={"accept-language": language})
        assert response.status_code == 400
        assert read_words(language)("curate.rule.used", number="101", free="105") in response.content.decode()
