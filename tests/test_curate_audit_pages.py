"""Curate, audit pages: calls coded blind, by who may, from the customer's words alone."""

import pytest
from asking import DRAWN, FIRST, LAST, SECOND, answer_all, say, show
from auditing import keep_calls
from reporting import Reader
from test_curate_rules import log_in

from pipeline.audit.answers import Said, list_answers, list_rounds
from pipeline.audit.questions import find_question as find_asked
from pipeline.curate.web.questions import find_question
from pipeline.tables import make_table
from pipeline.words import read_words

AUDIT = ("audit",)
# Pages and posts of a round, and the roles that may.
GETS = {
    "/audit/next/1": AUDIT,
    FIRST: AUDIT,
    "/audit/score/1": ("look", "curate"),
    "/audit/outcome/1": ("look", "curate"),
    "/audit/differing/1": ("curate",),
    "/audit/resolve/1/e01": ("curate",),
    "/recordings/0/e01": ("curate", "audit"),
}
POSTS = {
    "/audit/draw": ("curate",),
    FIRST: AUDIT,
    "/audit/score/1": ("look", "curate"),
    "/audit/count/1": ("curate",),
    "/audit/resolve/1/e01": ("curate",),
}


@pytest.fixture
def drawn(page):
    """A round of three calls, of which nobody has answered one."""
    return keep_calls(page, dict.fromkeys(DRAWN, 0.5))


@pytest.mark.parametrize("role", ["look", "curate", "audit", "administer"])
def test_each_role_does_its_part_and_no_other(page, drawn, role):
    """Who audits answers, who looks sees the score, who curates draws, resolves and makes a round count."""
    browser = log_in(role)
    for url, roles in GETS.items():
        assert (browser.get(url, follow=True).status_code == 403) == (role not in roles), (url, role)
    for url, roles in POSTS.items():
        assert (browser.post(url).status_code == 403) == (role not in roles), (url, role)


def test_who_only_audits_sees_audit_pages_alone(page, drawn):
    """The start leads to the audit, the navigation and the search offer nothing else, other pages are refused."""
    browser = log_in("audit")
    assert browser.get("/")["Location"] == "/audit"
    text = browser.get("/audit").content.decode()
    assert 'href="/audit"' in text
    for hidden in ("/candidates", "/codes", "/find", "/audit/score/1", "/audit/draw"):
        assert f'"{hidden}' not in text
    for url in ("/candidates", "/codes/101", "/calls/e01", "/find?q=app", "/exports/codes.csv", "/access"):
        assert browser.get(url).status_code == 403, url


def test_who_only_audits_hears_what_was_drawn(page, drawn):
    """The recordings of drawn calls play, and no other; each play is in the log."""
    from pipeline.curate.web.models import Access

    browser = log_in("audit")
    assert browser.get("/recordings/0/e01").status_code == 200
    assert browser.get("/recordings/0/e02").status_code == 403
    assert Access.objects.filter(what="play", who="wei").values_list("subject").get() == ("e01 0",)


def test_a_question_says_what_the_sheet_says(page, drawn):
    """The page and the spreadsheet show the same turns of the same call: the customer's, redacted."""
    asked, shown = find_asked(page, "e01"), find_question(page, "e01")
    assert [(turn.start_s, turn.text) for turn in asked.turns] == [
        (turn.start_s, "".join(text for text, _ in turn.pieces)) for turn in shown.turns
    ]
    text = log_in("audit").get(FIRST).content.decode()
    assert "the app closes by itself when I get to the payment page" in text
    assert "Hello, what can I do for you?" not in text
    assert 'data-second="2.00"' in text  # the turn begins at 4 s


def test_the_machine_s_answer_is_nowhere_on_the_page(page, drawn):
    """Its candidate, its code, its scores and how the customer felt could be others: the page would be the same."""
    browser = log_in("audit")
    before = read_bare(browser, SECOND)
    for told in ("alert(1)", "c-crash", "0.9", "negative", 'class="reason"'):  # the candidate is named as a script
        assert told not in read_bare(browser, FIRST), told
    assert 'class="choice"' in before
    kept = page.store.read("call_reasons")
    other = [row | {"code": "104", "score_ratio": 0.123} for row in kept.to_pylist()]
    page.store.write_whole("call_reasons", "other", make_table("call_reasons", other))
    try:
        renew_snapshot(page)
        assert read_bare(browser, SECOND) == before
    finally:
        page.store.write_whole("call_reasons", "as it was", kept)
        renew_snapshot(page)


def read_bare(browser, url):
    """Read a page without what differs each time, and without the help."""
    text = browser.get(url).content.decode()
    parts = text.partition("<main")[2].partition("</main>")[0].split('name="csrfmiddlewaretoken" value="')
    return "".join([parts[0], *(part.partition('"')[2] for part in parts[1:])])


def renew_snapshot(project):
    """Let the pages read the store as it is."""
    from pipeline.curate.web.snapshot import OPENED

    OPENED.pop(project.root, None)


def test_an_answer_is_kept_and_leads_to_the_next_call(page, drawn):
    """Codes in the order they were said; the next open call follows, after the last one the overview."""
    browser = log_in("audit")
    assert browser.get("/audit/next/1")["Location"] == FIRST
    assert say(browser, FIRST, "103", "101")["Location"] == SECOND
    assert say(browser, LAST, no_code="not_said")["Location"] == SECOND
    assert say(browser, SECOND, "101")["Location"] == "/audit"
    kept = {one.call_id: (one.who, one.said) for one in list_answers(page, drawn)}
    assert kept["e01"] == ("wei", Said(("103", "101")))
    assert kept["e05"] == ("wei", Said(no_code="not_said"))
    assert "You have answered all calls of this round." in show(browser, "/audit")


def test_a_skipped_call_comes_back(page, drawn):
    """Skipping leads on, the way back to the call before, and what was skipped is asked again at the end."""
    browser = log_in("audit")
    links = {one.get("class"): one["href"] for one in Reader(browser.get(SECOND).content.decode()).find("a")}
    assert (links["previous"], links["next"]) == (FIRST, LAST)
    assert say(browser, LAST, "101")["Location"] == FIRST


def test_answers_are_looked_through_one_after_another(page, drawn):
    """Who has answered all begins again at the first call, and goes on in the round's order."""
    browser = log_in("audit")
    answer_all(browser)
    assert 'href="/audit/next/1?again=1"' in browser.get("/audit").content.decode()
    assert browser.get("/audit/next/1?again=1")["Location"] == FIRST
    links = {one.get("class"): one["href"] for one in Reader(browser.get(FIRST).content.decode()).find("a")}
    assert links["next"] == SECOND
    assert 'class="next"' not in browser.get(LAST).content.decode()


def test_an_answer_can_be_changed(page, drawn):
    """Going back shows what was said, and saving again replaces it."""
    browser = log_in("audit")
    say(browser, FIRST, "103", "101")
    text = browser.get(FIRST).content.decode()
    assert text.index('<option value="103" selected>') < text.index('<option value="101" selected>')
    say(browser, FIRST, no_code="undecided")
    assert [one.said for one in list_answers(page, drawn)] == [Said(no_code="undecided")]


@pytest.mark.parametrize(
    ("codes", "kind", "mistake"),
    [
        ((), "", "none"), (("101",), "not_said", "both"), (("101", "101"), "", "twice"), (("999",), "", "gone"),
        ((), "all_of_these", "kind"), (("101", "102", "103", "104"), "", "many"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_answer_that_is_none_is_told_and_not_kept(page, drawn, codes, kind, mistake, language):
    """The page says what is wrong in the reader's language and keeps what was chosen."""
    form = {"code": codes, "no_code": kind}
    response = log_in("audit").post(FIRST, form, headers={"accept-language": language})
    assert response.status_code == 400
    assert read_words(language)(f"web.audit.mistake.{mistake}") in response.content.decode()
    assert list_answers(page, drawn) == []


def test_the_card_lists_the_codes_in_the_reader_s_language(page, drawn):
    """Each active code with its number, its name and what finds it: the names in both languages."""
    browser = log_in("audit")
    assert "101 My delivery never arrived" in show(browser, FIRST)
    text = browser.get(FIRST, headers={"accept-language": "zh"}).content.decode()
    assert "货一直没收到" in text
    assert 'data-found="101 my delivery never arrived 货一直没收到"' in text


def test_a_call_or_a_round_that_was_not_drawn_is_not_there(page, drawn):
    """Another round's call, an unknown one or a path is 404 to read and to answer."""
    keep_calls(page, {"e02": 0.5})
    browser = log_in("audit")
    for url in ("/audit/calls/1/e02", "/audit/calls/2/e01", "/audit/calls/9/e01", "/audit/calls/1/..%2f..%2fkey"):
        assert browser.get(url).status_code == 404, url
        assert say(browser, url, "101").status_code == 404, url
    assert list_answers(page, drawn) == []


def test_a_call_whose_id_is_a_path_is_answered_like_another(page, drawn):
    """Links and the way on keep the path in one piece, so that no browser follows it."""
    keep_calls(page, {"e01": 0.5, "../e06": 0.5})
    browser = log_in("audit")
    assert '"/audit/calls/2/..%2Fe06"' in browser.get("/audit/calls/2/e01").content.decode()
    assert 'action="/audit/calls/2/..%2Fe06"' in browser.get("/audit/calls/2/..%2Fe06").content.decode()
    assert say(browser, "/audit/calls/2/e01", "101")["Location"] == "/audit/calls/2/..%2Fe06"
    assert say(browser, "/audit/calls/2/..%2Fe06", "101")["Location"] == "/audit"


def test_nobody_answers_in_another_s_name(page, drawn):
    """A form that names somebody else is the answer of whoever sends it."""
    log_in("audit").post(FIRST, {"code": "101", "no_code": "", "who": "anna", "name": "anna"})
    assert [one.who for one in list_answers(page, drawn)] == ["wei"]


def test_a_forged_answer_is_refused(page, drawn):
    """Without the form's token nothing is answered, drawn, resolved or made to count."""
    from curated_project import PASSWORD
    from test_curate_rules import make_browser

    log_in("audit", "curate")
    browser = make_browser(enforce_csrf_checks=True)
    browser.login(username="wei", password=PASSWORD)
    for url in POSTS:
        assert browser.post(url, {"code": "101", "no_code": "", "calls": "5"}).status_code == 403, url
    assert (len(list_rounds(page)), list_answers(page, drawn)) == (1, [])


@pytest.mark.parametrize("url", ["/audit", FIRST, "/audit/score/1", "/audit/differing/1", "/audit/resolve/1/e01"])
def test_every_audit_page_speaks_both_languages(page, drawn, url):
    """The same page has the other language's words."""
    answer_all(log_in("audit", name="anna"))
    answer_all(log_in("audit", name="bo"), first=("104",))
    browser = log_in("audit" if "/calls/" in url else "curate")
    for language in ("en", "zh"):
        assert read_words(language)("web.page.audit") in show(browser, url, language)


def test_a_script_that_somebody_said_is_text_in_the_audit(page, drawn):
    """What a caller said is shown and never run, where it is coded and where it is resolved."""
    from curated_project import SCRIPT

    answer_all(log_in("audit", name="anna"))
    answer_all(log_in("audit", name="bo"), first=("104",))
    for browser, url in ((log_in("audit"), LAST), (log_in("curate", name="ida"), "/audit/resolve/1/e05")):
        text = browser.get(url).content.decode()
        assert SCRIPT not in text
        assert {one.get("src", "").split("?")[0] for one in Reader(text).find("script")} == {
            "/assets/htmx.js",
            "/assets/curate.js",
            "/assets/audit.js",
        }


def test_sheets_and_page_keep_the_same_answers(page, drawn):
    """What somebody answered on a sheet is answered on the page, and the other way round."""
    from auditing import answer

    answer(page, drawn, {"e01": "101", "a01": "101"}, "wei")
    browser = log_in("audit")
    assert browser.get("/audit/next/1")["Location"] == LAST
