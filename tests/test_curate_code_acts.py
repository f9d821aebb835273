"""Curate, acts on a code's page and the split screen: each is looked at, saved, and leads to the code it is about."""

import re
from datetime import date
from html import unescape

import pytest
from curating import act_now, read
from invented_calls import CRASH, NEVER, NEVER_ZH
from test_curate_acting import find_revision
from test_curate_rules import log_in

from pipeline import curate
from pipeline.curate import Fields
from pipeline.curate.web.forms import name_example
from pipeline.taxonomy import TAXONOMY_FILE
from pipeline.taxonomy.codes import Target

CONTENT = """\
version: 1
currency: EUR
codes:
  - number: 101
    name: {en: My delivery never arrived, zh: 货一直没收到}
    owner: logistics
    examples:
      - nothing came
      - {text: I ordered two weeks ago and nothing came, call_id: a01}
      - the box is wet
      - 箱子湿了
    not_examples: [it came late]
    target: {measure: calls, value: 9, baseline: 12}
  - number: 102
    name: {en: My delivery is late}
    examples: [it is late]
  - number: 103
    name: {en: Gives a number}
    status: process_step
    examples: [my number is five]
  - number: 104
    name: {en: Old}
    status: retired
    examples: [old]
"""
FIELDS = {"owner": "stores", "customer": "irritant", "company": "value", "unit_cost": "12,50"}
FIELDS["unit_cost_what"] = "parcel"
TARGET = {"measure": "cost", "value": "800", "per": "week", "by": "2027-03-31", "who": "head of stores"}


def ids(*texts):
    """Name examples as a form does."""
    return [name_example(text) for text in texts]


@pytest.fixture
def codes(desk):
    """The project behind the page with codes that have something to act on."""
    (desk.taxonomy / TAXONOMY_FILE).write_text(CONTENT, encoding="utf-8")
    return desk


@pytest.fixture
def curator(codes):
    """A browser of somebody who may curate."""
    return log_in("curate")


def save(curator, form, about="101", url="/acts/save"):
    """Send a form of a code's or a candidate's page."""
    page = f"/codes/{about}" if about.isdecimal() else f"/candidates/{about}"
    return curator.post(url, {"revision": find_revision(curator, page), "about": about, **form})


def look(curator, form, about="101"):
    """Read the preview of a form."""
    return unescape(save(curator, form, about, "/acts/preview").content.decode())


@pytest.mark.parametrize(
    ("form", "leads_to", "what", "said"),
    [
        ({"what": "merge", "into": "102"}, "102", "merge", lambda t: t.find_code("101").merged_into == "102"),
        ({"what": "retire"}, "101", "retire", lambda t: t.find_code("101").status == "retired"),
        ({"what": "set_apart"}, "101", "set_apart", lambda t: t.find_code("101").is_step),
        (
            {"what": "rename", "name_en": "Lost", "name_zh": "丢了"}, "101", "rename",
            lambda t: t.find_code("101").names == {"en": "Lost", "zh": "丢了"},
        ),
        (
            {"what": "fields", **FIELDS}, "101", "edit",
            lambda t: (t.find_code("101").owner, t.find_code("101").unit_cost, t.find_code("101").company)
            == ("stores", 12.5, "value"),
        ),
        (
            {"what": "target", **TARGET}, "101", "edit",
            lambda t: t.find_code("101").target == Target("cost", 800.0, "week", date(2027, 3, 31), "head of stores"),
        ),
        ({"what": "no_target"}, "101", "edit", lambda t: t.find_code("101").target is None),
        (
            {"what": "target", "measure": "calls", "value": "8", "per": ""}, "101", "edit",
            lambda t: t.find_code("101").target == Target("calls", 8.0, baseline=12.0),
        ),
        (
            {"what": "forget", "said": ids("the box is wet", "it came late")}, "101", "examples",
            lambda t: (len(t.find_code("101").examples), t.find_code("101").not_examples) == (3, ()),
        ),
        (
            {"what": "not_example", "said": ids("the box is wet")}, "101", "examples",
            lambda t: t.find_code("101").not_examples == ("it came late", "the box is wet"),
        ),
        (
            {"what": "example", "said": [*ids("it came late"), "0:a04"]}, "101", "examples",
            lambda t: t.find_code("101").examples[-2:] == ("it came late", NEVER_ZH.text)
            and t.find_code("101").example_call_ids[NEVER_ZH.text] == "a04",
        ),
        (
            {"what": "move", "into": "102", "said": [*ids("nothing came"), "0:a04"]}, "101", "move",
            lambda t: t.find_code("102").examples == ("it is late", "nothing came", NEVER_ZH.text),
        ),
        (
            {"what": "move", "into": "103", "said": ["0:a04"]}, "101", "examples",
            lambda t: t.find_code("103").examples == ("my number is five", NEVER_ZH.text),
        ),
        (
            {"what": "split", "number": "105", "name_en": "Wet", "said": ids("the box is wet", "箱子湿了")},
            "105", "split",
            lambda t: t.find_code("105").examples == ("the box is wet", "箱子湿了")
            and t.find_code("101").examples == ("nothing came", NEVER.text)
            and t.find_code("105").owner == "logistics",
        ),
    ],
)  # fmt: skip
def test_an_act_on_a_code_is_saved_and_leads_to_its_code(codes, curator, form, leads_to, what, said):
    """The file says it, the record has it under its name and the account's, and the next page is the code's."""
    response = save(curator, form)
    assert (response.status_code, response["Location"]) == (302, f"/codes/{leads_to}")
    assert said(read(codes.taxonomy))
    (entry,) = curate.list_history(codes.taxonomy)
    assert (entry.decision.what, entry.decision.who) == (what, "wei")


def test_a_retired_code_is_reinstated_from_its_page(codes, curator):
    """Its page offers that, and nothing that would be refused."""
    shown = curator.get("/codes/104").content.decode()
    assert set(re.findall(r'name="what" value="(\w+)"', shown)) == {"reinstate"}
    assert save(curator, {"what": "reinstate"}, "104")["Location"] == "/codes/104"
    assert read(codes.taxonomy).find_code("104").is_active


def test_a_candidate_is_set_apart_as_a_process_step(codes, curator):
    """It gets a number and a name like a reason, and counts as none."""
    form = {"what": "step", "number": "105", "name_en": "Talks of the app", "said": ["0:e01"]}
    assert save(curator, form, "c-crash")["Location"] == "/codes/105"
    assert read(codes.taxonomy).find_code("105").is_step


SPLIT = {
    "what": "split_candidate", "shown": ["0:e01", "0:e05", "0:../e06"], "said": ["0:e05", "0:../e06"], "out": ["0:e05"],
    "number": "106", "name_en": "Again", "stay_number": "105", "stay_name_en": "Closes",
}  # fmt: skip


def test_a_candidate_becomes_two_codes(codes, curator):
    """Each side with a name is a code of its sentences; what is left out is in neither; it is one decision."""
    assert save(curator, SPLIT, "c-crash")["Location"] == "/codes/105"
    taxonomy = read(codes.taxonomy)
    assert taxonomy.find_code("105").examples == (CRASH.text,)
    assert taxonomy.find_code("106").examples == ("the app closes by itself again",)
    assert len(curate.list_history(codes.taxonomy)) == 1


@pytest.mark.parametrize(("unnamed", "made"), [("stay_name_en", "106"), ("name_en", "105")])
def test_one_side_of_a_candidate_becomes_a_code(codes, curator, unnamed, made):
    """The side without a name stays a candidate."""
    assert save(curator, {**SPLIT, unnamed: ""}, "c-crash")["Location"] == f"/codes/{made}"
    assert len(read(codes.taxonomy).codes) == 5


@pytest.mark.parametrize(
    ("form", "rule"),
    [
        ({"what": "merge", "into": ""}, "No code was chosen"),
        ({"what": "merge", "into": "101"}, "merged into itself"),
        ({"what": "merge", "into": "104"}, "is retired. Reinstate it first"),
        ({"what": "move", "into": "101", "said": ids("nothing came")}, "has these sentences already"),
        ({"what": "forget", "said": ids("never said")}, "does not have all of these"),
        ({"what": "forget", "said": ["0:a04"]}, "Only examples can"),
        ({"what": "fields", "unit_cost": "a lot"}, "“a lot” is no number"),
        ({"what": "fields", "unit_cost": "1,234"}, "“1,234” is no number"),
        ({"what": "fields", "customer": "bad"}, "value, irritant or empty"),
        ({"what": "target", **TARGET, "measure": "mood"}, "needs a measure and a value"),
        ({"what": "target", **TARGET, "value": ""}, "needs a measure and a value"),
        ({"what": "target", **TARGET, "by": "soon"}, "“soon” is no day"),
        ({"what": "split", "number": "105", "said": ids("nothing came")}, "has no name"),
        ({"what": "split", "number": "102", "name_en": "x", "said": ids("nothing came")}, "empty or taken"),
        (
            {
                "what": "split", "number": "105", "name_en": "x",
                "said": ids("nothing came", NEVER.text, "the box is wet", "箱子湿了"),
            },
            "would keep no example",
        ),
        ({"what": "split_candidate", "shown": ["0:e01"]}, "has no name"),
        ({"what": "reinstate"}, "is active already"),
    ],
)  # fmt: skip
def test_what_a_rule_forbids_on_a_code_is_told_and_not_done(codes, curator, form, rule):
    """The preview says why and has no button; saving it anyway is refused."""
    shown = look(curator, form)
    assert rule in shown and 'action="/acts/save"' not in shown
    assert save(curator, form).status_code == 400
    assert curate.list_history(codes.taxonomy) == []


def test_a_preview_says_what_is_written(codes, curator):
    """What goes out of a field and what comes in, also where no call changes code."""
    shown = look(curator, {"what": "fields", **FIELDS, "company": ""})
    assert "<del>logistics</del><ins>stores</ins>" in shown
    assert "<ins>12.5 parcel</ins>" in shown and "<ins>irritant</ins>" in shown
    assert "No call changes code." in shown
    moved = look(curator, {"what": "move", "into": "102", "said": ids("nothing came")})
    assert "<del>nothing came</del>" in moved and "<ins>nothing came</ins>" in moved


def test_two_curators_set_two_fields_of_a_code(codes, curator):
    """Both forms name every field; neither takes back the other's."""
    revision = find_revision(curator, "/codes/101")
    act_now(codes.taxonomy, curate.set_fields("101", Fields(owner="stores")), "ida")
    form = {"what": "fields", **FIELDS, "owner": "logistics", "revision": revision, "about": "101"}
    assert curator.post("/acts/save", form).status_code == 302
    code = read(codes.taxonomy).find_code("101")
    assert (code.owner, code.unit_cost) == ("stores", 12.5)


def test_what_both_changed_on_a_code_is_a_conflict(codes, curator):
    """The second to rename is shown both names, and nothing is decided."""
    revision = find_revision(curator, "/codes/101")
    act_now(codes.taxonomy, curate.rename_code("101", {"en": "Lost parcel"}), "ida")
    form = {"what": "rename", "name_en": "Never came", "name_zh": "货一直没收到"}
    response = curator.post("/acts/save", {**form, "revision": revision, "about": "101"})
    shown = response.content.decode()
    assert (response.status_code, "Lost parcel" in shown, "Never came" in shown) == (409, True, True)
    assert read(codes.taxonomy).find_code("101").names["en"] == "Lost parcel"


def test_a_conflict_shows_what_differs(codes, curator):
    """Of many examples those that are in all versions stand back; a status is said in words."""
    revision = find_revision(curator, "/codes/101")
    act_now(codes.taxonomy, curate.remove_examples("101", ["the box is wet"]), "ida")
    act_now(codes.taxonomy, curate.set_apart("101"), "ida")
    form = {"what": "merge", "into": "102", "revision": revision, "about": "101"}
    shown = unescape(curator.post("/acts/save", form).content.decode())
    assert shown.count('<li class="soft">') == 9  # three sentences, three times
    assert shown.count("<li>") == 2 and "process step" in shown


def test_no_form_holds_an_example_s_words(codes, curator):
    """Examples are sent by a name made of their words, so that a form cannot change them."""
    shown = curator.get("/codes/101").content.decode()
    assert not re.findall(r'value="[^"]*nothing came', shown)
    assert shown.count('class="pick"') >= 5


@pytest.mark.parametrize("role", ["look", "audit"])
def test_who_may_not_curate_reads_a_code_without_forms(codes, role):
    """No act, no box, no split screen."""
    browser = log_in(role)
    shown = browser.get("/codes/101").content.decode()
    assert not re.search(r'action="/acts|class="pick"|/split/', shown)
    assert browser.get("/split/code/101").status_code == 403
