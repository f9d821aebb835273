"""Curate, members: what is split stands on two sides: as suggested, by a sentence, or as it was picked."""

import re
from html import unescape

import pytest
from invented_calls import CRASH, NEVER, NEVER_ZH
from test_curate_rules import log_in

from pipeline.curate.web.forms import name_example
from pipeline.curate.web.members import Member, cut_members, list_candidate_members, list_members, pick
from pipeline.taxonomy import TAXONOMY_FILE, read_taxonomy

CONTENT = f"""\
version: 1
codes:
  - number: 101
    name: {{en: My delivery never arrived}}
    examples: [parcel late, the parcel late, invoice wrong, the invoice wrong, {NEVER.text}]
    not_examples: [it came late]
"""
INVOICES = {"invoice wrong", "the invoice wrong"}


@pytest.fixture
def codes(desk):
    """A code in which two reasons were thrown together."""
    (desk.taxonomy / TAXONOMY_FILE).write_text(CONTENT, encoding="utf-8")
    return desk


def find_members(project):
    """Find the sentences of that code."""
    return list_members(project, read_taxonomy(project.taxonomy / TAXONOMY_FILE).codes[0])


def read_sides(browser, response):
    """Read the split screen: the ids on either side."""
    text = unescape(response.content.decode())
    boxes = re.findall(r'name="said" value="([^"]+)"[^>]*?( checked)?>', text)
    return {one for one, goes in boxes if not goes}, {one for one, goes in boxes if goes}


def test_a_code_s_sentences_are_its_examples_and_what_it_took(codes):
    """Each once, not-examples apart; an example that was said in a call can be played from there."""
    members = find_members(codes)
    texts = [one.sentence.text for one in members]
    assert len(texts) == len(set(texts)) and "it came late" not in texts
    assert [one.is_example for one in members] == [True] * 5 + [False] * (len(members) - 5)
    assert (members[4].quote.text, members[0].quote) == (NEVER.text, None)
    assert NEVER_ZH.text in texts[5:]


def test_a_candidate_s_sentences_are_its_members(codes):
    """Those that say the same stand there once, named by their place in a call."""
    members = list_candidate_members(codes, "c-crash")
    assert [one.sentence.text for one in members].count(CRASH.text) == 1
    assert {one.sentence_id for one in members} == {"0:e01", "0:e05", "0:../e06"}


def test_a_sentence_takes_along_what_is_like_it(codes):
    """By the sentence that must go, not by its place in the list."""
    from pipeline.curate.web.desk import open_desk

    cut = cut_members(open_desk(codes), find_members(codes), name_example("invoice wrong"))
    assert {one.sentence.text for one in cut if one.goes} == INVOICES


def test_the_split_screen_shows_the_suggested_cut(codes):
    """Every sentence stands on one side; some on each."""
    browser = log_in("curate")
    stay, go = read_sides(browser, browser.get("/split/code/101"))
    assert stay and go and not stay & go
    assert len(stay | go) == len(find_members(codes))


def test_what_was_picked_goes_and_what_was_not_listed_comes_along(codes):
    """By the page's boxes, examples and quotes alike; what is not there any more is left out."""
    browser = log_in("curate")
    chosen = [name_example("invoice wrong"), "0:e01", "9:gone", name_example("never said")]
    response = browser.post("/split/code/101", {"said": chosen})
    assert read_sides(browser, response)[1] == {name_example("invoice wrong"), "0:e01"}
    members = pick(codes, find_members(codes), ["0:e01"])
    assert (members[0].sentence.text, members[0].sentence.call_id) == (CRASH.text, "e01")


def test_the_split_screen_leads_to_an_act(codes):
    """The form that it shows, named and sent, makes the new code of the side that goes."""
    browser = log_in("curate")
    text = unescape(browser.get("/split/code/101").content.decode())
    form = dict(re.findall(r'type="hidden" name="(revision|about)" value="(\w+)"', text))
    form |= {"what": "split", "number": "102", "name_en": "Invoice", "said": [name_example(one) for one in INVOICES]}
    assert browser.post("/acts/save", form)["Location"] == "/codes/102"
    old, new = read_taxonomy(codes.taxonomy / TAXONOMY_FILE).codes
    assert set(new.examples) == INVOICES and not INVOICES & set(old.examples)


def test_until_there_is_something_to_cut_with_the_screen_says_so(page):
    """It asks again by itself; what was picked needs no waiting."""
    from pipeline.curate.web import desk
    from pipeline.decisions import DECISIONS_FILE

    desk.DESKS[page.root] = desk.Desk(page, checked_at_s=float("inf"))
    browser = log_in("curate")
    try:
        waiting = browser.get("/split/candidate/c-crash").content
        picked = browser.post("/split/candidate/c-crash", {"said": ["0:e01"]}).content
    finally:
        desk.DESKS.clear()
        (page.taxonomy / DECISIONS_FILE).unlink()
    assert b"being got ready" in waiting and b'hx-trigger="load delay:1s"' in waiting
    assert b'name="said"' not in waiting and b'name="said"' in picked


def test_where_nothing_can_be_cut_sentences_are_moved_by_hand(codes):
    """Without a run's rows there is no cut: everything stays on one side, and the page says why."""
    from pipeline.curate.web import desk

    opened = desk.open_desk(codes)
    opened.previewer, opened.mistake = None, "Table 'call_reasons' is not in store/."
    shown = log_in("curate").get("/split/code/101").content.decode()
    assert "move sentences by hand" in shown and 'name="said"' in shown
    assert cut_members(opened, find_members(codes)) is None


def test_what_is_not_there_is_404(codes):
    """A number or an id that nothing has."""
    browser = log_in("curate")
    assert [browser.get(f"/split/{one}").status_code for one in ("code/999", "candidate/999")] == [404, 404]


def test_a_member_stays_until_it_goes():
    """By itself nothing goes elsewhere."""
    assert Member("0:a", None).goes is False
