"""Curate, audit scores: answers compared when all have ended, scored for who answers no more, made to count."""

import re

import pytest
from asking import DRAWN, FIRST, LAST, SECOND, answer_all, say, show
from auditing import keep_calls
from conftest import NOW
from test_curate_rules import log_in

from pipeline.audit.answers import Said, find_round, find_scored_round, list_answers, list_rounds
from pipeline.audit.seen import mark_seen
from pipeline.taxonomy import TAXONOMY_FILE


@pytest.fixture
def drawn(page):
    """A round of three calls, of which nobody has answered one."""
    return keep_calls(page, dict.fromkeys(DRAWN, 0.5))


def test_who_has_open_calls_sees_no_score(page, drawn):
    """Neither on the overview nor on its page, until they leave the round; then they answer no more."""
    answer_all(log_in("audit", name="anna"))
    browser = log_in("look", "audit")
    say(browser, FIRST, "101")
    assert "People agree" not in show(browser, "/audit")
    assert browser.get("/audit/outcome/1").status_code == 403
    assert "Looking ends your part in this round" in show(browser, "/audit/score/1")
    assert browser.get("/audit/differing/1").status_code == 403
    assert browser.post("/audit/score/1")["Location"] == "/audit/score/1"
    assert "Calls answered" in show(browser, "/audit/score/1")
    assert say(browser, SECOND, "101").status_code == 403
    assert say(browser, FIRST, "102").status_code == 403
    assert browser.get("/audit/next/1")["Location"] == "/audit"


def test_who_has_answered_all_sees_the_score_only_by_ending_their_part(page, drawn):
    """Answers can be looked through and changed until then, so nothing is said of the score before."""
    answer_all(log_in("audit", name="anna"))
    browser = log_in("look", "audit")
    answer_all(browser)
    overview = show(browser, "/audit")
    assert "People agree" not in overview
    assert "Look now, and answer no more" in overview
    assert browser.get("/audit/outcome/1").status_code == 403
    assert "Looking ends your part in this round" in show(browser, "/audit/score/1")
    browser.post("/audit/score/1")
    assert "People agree" in show(browser, "/audit")
    assert say(browser, FIRST, "102").status_code == 403


def test_the_score_shows_agreement_and_corrected_counts_with_ranges(page, drawn):
    """Two people agree on two of three calls; each code has its counts, bare and corrected, and a bar with whiskers."""
    from pipeline.curate.web.models import Access

    answer_all(log_in("audit", name="anna"))
    answer_all(log_in("audit", name="bo"), first=("104",))
    browser = log_in("look")
    shown = show(browser, "/audit/score/1")
    assert "Calls answered 3 of 3 drawn" in shown
    assert "Answered by two or more 3" in shown
    assert "101 My delivery never arrived" in shown
    text = browser.get("/audit/score/1").content.decode()
    assert text.count('class="whisker"') > 10
    assert re.search(r"People agree 0\.50 -0\.\d\d–0\.9\d", show(browser, "/audit"))
    assert "<b>67%</b>" in browser.get("/audit/outcome/1").content.decode()
    assert "style=" not in text
    assert Access.objects.filter(what="score", who="wei").count() == 1


def test_a_score_that_is_looked_at_stays_at_hand(page, drawn, monkeypatch):
    """Of more scores than are kept the one that nobody asked for longest is worked out again."""
    from pipeline.curate.web import scores

    made = []
    monkeypatch.setattr(scores, "find_score", lambda project, one: made.append(one.round_id))
    monkeypatch.setattr(scores, "MAX_KEPT", 2)
    scores.KEPT.clear()
    rounds = [drawn, *(keep_calls(page, {"e01": 0.5}) for _ in range(2))]
    for at in (0, 1, 0, 2, 0, 1):
        scores.find_kept_score(page, rounds[at])
    scores.KEPT.clear()
    assert made == [1, 2, 3, 2]


def test_answers_are_compared_when_all_have_finished(page, drawn):
    """While somebody is half way the page names them and shows no answer; then both answers stand side by side."""
    answer_all(log_in("audit", name="anna"))
    bo = log_in("audit", name="bo")
    say(bo, FIRST, "104")
    browser = log_in("curate")
    waiting = show(browser, "/audit/differing/1")
    assert "bo 2 open" in waiting
    assert "104" not in waiting
    assert say(browser, "/audit/resolve/1/e01", "104").status_code == 404
    say(bo, SECOND, "101")
    say(bo, LAST, no_code="none_of_these")
    shown = show(browser, "/audit/differing/1")
    assert "101 My delivery never arrived anna" in shown
    assert "104 I cannot log in bo" in shown
    assert say(browser, "/audit/resolve/1/e01", "104")["Location"] == "/audit/differing/1"
    assert "Nothing is left to resolve." in show(browser, "/audit/differing/1")
    assert [(one.who, one.said) for one in list_answers(page, drawn) if one.is_resolved] == [("wei", Said(("104",)))]


def test_a_code_that_was_merged_is_compared_and_resolved_as_what_it_became(page, drawn):
    """Anna's 104 is 101 by now, which is what Bo says; where they still differ the button keeps today's code."""
    answer_all(log_in("audit", name="anna"), first=("104",))
    answer_all(log_in("audit", name="bo"))
    carl = log_in("audit", name="carl")
    answer_all(carl, first=("103",))
    browser, path = log_in("curate"), page.taxonomy / TAXONOMY_FILE
    content = path.read_text("utf-8")
    try:
        path.write_text(
            content.replace("number: 104\n", "number: 104\n    status: retired\n    merged_into: 101\n"), "utf-8"
        )
        assert "101 My delivery never arrived anna, bo" in show(browser, "/audit/differing/1")
        text = browser.get("/audit/differing/1").content.decode()
        assert 'name="code" value="104"' not in text
        assert say(browser, "/audit/resolve/1/e01", "101").status_code == 302
        say(carl, FIRST, "101")
        forget_resolved(page)
        assert "Nothing is left to resolve." in show(browser, "/audit/differing/1")
    finally:
        path.write_text(content, "utf-8")
    assert "104 I cannot log in anna" in show(browser, "/audit/differing/1")


def forget_resolved(project):
    """Let nobody have said what is true of a call."""
    from pipeline.state import open_state

    with open_state(project) as connection:
        connection.execute("delete from audit_answers where is_resolved")


def test_a_call_is_resolved_to_something_else(page, drawn):
    """Where neither is right the call is coded as in the audit; what cannot be is refused."""
    answer_all(log_in("audit", name="anna"))
    browser = log_in("curate")
    assert "What is true of this call?" in show(browser, "/audit/resolve/1/e01")
    assert say(browser, "/audit/resolve/1/e01").status_code == 400
    assert say(browser, "/audit/resolve/1/e02", "103").status_code == 404
    assert say(browser, "/audit/resolve/1/e01", "103").status_code == 302
    assert '<option value="103" selected>' in browser.get("/audit/resolve/1/e01").content.decode()


def test_what_comes_between_looking_and_keeping_is_told(page, drawn, monkeypatch):
    """A code that goes, or a score that is seen, just before the answer is kept: the page says so, nothing breaks."""
    browser, curator = log_in("audit"), log_in("curate", name="ida")
    answer_all(log_in("audit", name="anna"))
    for room in ("answering", "differing"):
        monkeypatch.setattr(f"pipeline.curate.web.{room}.find_mistake", lambda project, said: "")
    for response in (say(browser, FIRST, "999"), say(curator, "/audit/resolve/1/e01", "999")):
        assert response.status_code == 400
        assert "no active code 999" in response.content.decode()

    def see(project, said):
        mark_seen(project, 1, "wei", NOW)
        return ""

    monkeypatch.setattr("pipeline.curate.web.answering.find_mistake", see)
    assert "has seen the score of round 1" in say(browser, FIRST, "101").content.decode()
    assert not [one for one in list_answers(page, drawn) if one.who != "anna"]


def test_who_still_answers_resolves_nothing(page, drawn):
    """A curator who is half way through the round would be led by what others said."""
    answer_all(log_in("audit", name="anna"))
    browser = log_in("curate", "audit")
    say(browser, SECOND, "101")
    assert browser.get("/audit/differing/1")["Location"] == "/audit/score/1"
    assert say(browser, "/audit/resolve/1/e01", "101").status_code == 403
    assert browser.post("/audit/count/1").status_code == 403


def test_a_round_is_made_to_count(page, drawn):
    """The button does what `callreasons audit score` does: the table of corrected counts is made from the round."""
    from pipeline.audit.scoring import score_round
    from pipeline.audit.table import TABLE

    say(log_in("audit", name="anna"), FIRST, "101")
    browser = log_in("curate")
    assert find_scored_round(page) is None
    assert browser.post("/audit/count/1")["Location"] == "/audit/score/1"
    assert "The round counts" in show(browser, "/audit/score/1")
    assert find_scored_round(page).round_id == 1
    scored = {one.label: one.estimate.n_calls.value for one in score_round(page, find_round(page)).labels}
    rows = {row["reason_id"]: row["n_calls"] for row in page.store.read(TABLE).to_pylist()}
    assert {label: rows[label] for label in scored} == scored
    page.store.set_current(TABLE, [])


def test_a_round_without_answers_does_not_count(page, drawn):
    """Nothing was answered: one line says so, and nothing is marked."""
    assert log_in("curate").post("/audit/count/1").status_code == 400
    assert find_round(page).scored_at == ""


def test_a_round_is_drawn_by_who_curates(page, drawn):
    """As many calls as asked for, under the next number, each draw by its own chance; the log says who."""
    from pipeline.curate.web.models import Access

    browser = log_in("curate")
    for _ in range(2):
        assert browser.post("/audit/draw", {"calls": "5"})["Location"] == "/audit"
    rounds = list_rounds(page)
    assert [one.round_id for one in rounds] == [1, 2, 3]
    assert rounds[1].seed != rounds[2].seed
    assert "Round 3" in show(browser, "/audit")
    assert list(Access.objects.filter(what="draw").values_list("who", "subject"))[-1] == ("wei", "round 2")
    assert "drew calls round 3" in show(log_in("administer", name="maria"), "/access")


def test_a_run_at_work_is_told(page, drawn, monkeypatch):
    """While the tables are made again nothing breaks: the page says to try again, and shows no score."""
    import duckdb

    def fail(*args, **options):
        raise duckdb.IOException("gone")

    for name in ("scores.find_score", "scores.score_round", "auditing.draw_round"):
        monkeypatch.setattr(f"pipeline.curate.web.{name}", fail)
    say(log_in("audit", name="anna"), FIRST, "101")
    browser = log_in("curate")
    for url in ("/audit/draw", "/audit/count/1"):
        response = browser.post(url, {"calls": "5"})
        assert (response.status_code, "Try again in a minute." in response.content.decode()) == (400, True)
    assert "No call of this round" in show(browser, "/audit/score/1")


@pytest.mark.parametrize("calls", ["", "0", "-1", "5001", "1e3", "٣", "9" * 40])
def test_a_draw_of_no_or_too_many_calls_is_refused(page, drawn, calls):
    """One line says how many can be drawn."""
    response = log_in("curate").post("/audit/draw", {"calls": calls})
    assert response.status_code == 400
    assert "Draw between 1 and 5,000 calls." in response.content.decode()
    assert len(list_rounds(page)) == 1
