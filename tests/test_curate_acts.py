"""Acts: what a curator does to the codes, each with its rules."""

import pytest
from conftest import NOW
from curating import act_now, read, write_taxonomy
from toy_encoder import ToyEncoder

from pipeline import curate
from pipeline.config import AssignSettings
from pipeline.curate import Fields, Part, Sentence
from pipeline.decisions import DECISIONS_FILE, read_decisions
from pipeline.errors import TaxonomyError
from pipeline.matching import assign_codes
from pipeline.taxonomy.codes import Target

ALL_OF_103 = [Sentence("my card is blocked"), Sentence("the bank card does not work")]


@pytest.fixture
def folder(tmp_path):
    """A taxonomy of three codes."""
    return write_taxonomy(tmp_path)


def test_a_candidate_gets_a_number_a_name_and_its_members_with_their_calls(folder):
    """The next free number is proposed; the code stands last in the file with the calls of its examples."""
    opened = curate.open_taxonomy(folder, NOW)
    assert opened.next_number == "104"
    members = [Sentence("my gift card is empty", "call-9"), Sentence("礼品卡没有钱")]
    made = act_now(folder, curate.add_code("104", {"en": " Gift  card empty "}, members, fields=Fields(owner="shop")))
    code = read(folder).codes[-1]
    assert (code.number, code.names, code.owner) == ("104", {"en": "Gift card empty"}, "shop")
    assert (code.examples, dict(code.example_call_ids)) == (
        ("my gift card is empty", "礼品卡没有钱"),
        {"my gift card is empty": "call-9"},
    )
    assert (made.decision.what, made.decision.who) == ("add", "li")


@pytest.mark.parametrize(
    ("act", "what", "expected"),
    [
        (curate.add_examples("103", [Sentence("card is stuck", "c1")]), "examples", {"103": "examples"}),
        (curate.add_examples("103", [Sentence("card is late")], is_example=False), "examples", {"103": "not_examples"}),
        (curate.remove_examples("101", ["where is my parcel"]), "examples", {"101": "examples"}),
        (curate.move_examples("101", "102", ["where is my parcel"]), "move", {"101": "examples", "102": "examples"}),
        (curate.merge_codes(["102"], "101"), "merge", {"102": "merged_into"}),
        (curate.set_apart("103"), "set_apart", {"103": "status"}),
        (curate.retire_code("103"), "retire", {"103": "status"}),
        (curate.rename_code("103", {"zh": "卡被锁"}), "rename", {"103": "name"}),
        (curate.set_fields("103", Fields(owner="bank")), "edit", {"103": "owner"}),
        (curate.set_fields("103", Fields(unit_cost=2.0)), "edit", {"103": "cost"}),
        (curate.set_target("103", Target("cost", 9.0)), "edit", {"103": "target"}),
    ],
)
def test_an_act_changes_what_it_says_and_nothing_else(folder, act, what, expected):
    """The record names the act and the one field of each code."""
    made = act_now(folder, act)
    assert made.decision.what == what
    assert {number: ",".join(fields) for number, fields in made.decision.after.items()} == expected


def test_a_moved_sentence_keeps_its_call(folder):
    """The call goes along to the other code."""
    act_now(folder, curate.move_examples("102", "103", ["the amount on my bill is wrong"]))
    assert read(folder).find_code("103").example_call_ids == {"the amount on my bill is wrong": "call-7"}
    assert read(folder).find_code("102").example_call_ids == {}


def test_a_split_takes_its_examples_along(folder):
    """Examples of the old code leave it with their calls; members of calls come as new examples; the owner stays."""
    texts = [Sentence("我的包裹没到"), Sentence("包裹丢了", "call-3")]
    act_now(folder, curate.split_code("101", [Part("104", {"zh": "包裹丢失"}, texts)]))
    old, new = read(folder).find_code("101"), read(folder).find_code("104")
    assert old.examples == ("my parcel never came", "where is my parcel")
    assert (new.examples, new.owner) == (("我的包裹没到", "包裹丢了"), "logistics")
    assert new.example_call_ids == {"包裹丢了": "call-3"}


def test_a_candidate_is_split_into_codes_at_once(folder):
    """Each part gets its number, names and sentences in one decision, which is taken back as one."""
    parts = [
        Part("104", {"en": "Gift card empty"}, [Sentence("gift card is empty", "c1")]),
        Part("105", {"zh": "礼品卡丢了"}, [Sentence("礼品卡丢了")]),
    ]
    made = act_now(folder, curate.split_candidate(parts))
    assert [(code.number, code.examples) for code in read(folder).codes[3:]] == [
        ("104", ("gift card is empty",)),
        ("105", ("礼品卡丢了",)),
    ]
    assert made.decision.what == "add"
    curate.undo(folder, who="li", now=NOW)
    assert len(read(folder).codes) == 3


def test_what_was_said_in_calls_moves_along(folder):
    """Examples leave the one code; the calls' sentences, which were nobody's, come to the other with them."""
    said = [Sentence("another bill is wrong", "call-8")]
    act_now(folder, curate.move_examples("101", "102", ["where is my parcel"], said=said))
    assert read(folder).find_code("101").examples == ("my parcel never came", "我的包裹没到")
    assert read(folder).find_code("102").examples[-2:] == ("where is my parcel", "another bill is wrong")
    assert read(folder).find_code("102").example_call_ids["another bill is wrong"] == "call-8"


def test_a_merge_takes_along_what_was_merged_before(folder):
    """No chain of merges comes about."""
    act_now(folder, curate.merge_codes(["103"], "102"))
    act_now(folder, curate.merge_codes(["102"], "101"))
    assert [code.merged_into for code in read(folder).codes] == ["", "101", "101"]


def test_what_was_retired_merged_or_set_apart_can_count_again(folder):
    """Reinstating takes either back."""
    for act in (curate.retire_code("101"), curate.merge_codes(["102"], "103")):
        act_now(folder, act)
    act_now(folder, curate.reinstate_code("101"))
    act_now(folder, curate.reinstate_code("102"))
    assert all(code.is_active for code in read(folder).codes)


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (curate.add_code("101", {}, [Sentence("x")]), "Number '101' is empty or taken. Take 104"),
        (curate.add_code("104", {}, [Sentence(" ")]), "no sentence"),
        (curate.add_examples("9", [Sentence("x")]), "Code 9 is not in the taxonomy"),
        (curate.remove_examples("101", ["never said"]), "does not have all of these"),
        (curate.move_examples("101", "101", ["where is my parcel"]), "has these sentences already"),
        (curate.merge_codes(["101"], "101"), "into itself"),
        (curate.split_code("103", [Part("104", {}, ALL_OF_103)]), "keep no example"),
        (curate.split_code("103", []), "split into nothing"),
        (curate.reinstate_code("101"), "is active already"),
        (curate.set_fields("101", Fields(customer="bad")), "value, irritant or empty"),
        (curate.set_fields("101", Fields(unit_cost=-1.0)), "at least 0"),
    ],
)
def test_an_act_that_breaks_a_rule_is_refused(folder, act, error):
    """One line says what and what to do; nothing is written but what the file said at first."""
    before = read(folder)
    with pytest.raises(TaxonomyError, match=error):
        act_now(folder, act)
    assert read(folder) == before
    assert [one.what for one in read_decisions(folder / DECISIONS_FILE)] == ["seen"]


def test_a_number_is_never_used_again(folder):
    """Also not one whose code an undo took out of the file."""
    act_now(folder, curate.add_code("104", {}, [Sentence("x")]))
    curate.undo(folder, who="li", now=NOW)
    with pytest.raises(TaxonomyError, match=r"104 was used before .* Take 105"):
        act_now(folder, curate.add_code("104", {}, [Sentence("y")]))


def test_a_process_step_is_no_reason(folder):
    """What says it takes no code and is `not_said`; what gives a reason keeps its code."""
    said = [Sentence("the order number is five"), Sentence("my order number is nine")]
    act_now(folder, curate.add_code("104", {"en": "Gives a number"}, said, is_step=True))
    texts = ["the order number is nine", "my parcel never came"]
    step, reason = assign_codes(texts, read(folder), ToyEncoder(), AssignSettings(), background=[])
    assert (step.code, step.no_code, step.best_code) == (None, "not_said", "104")
    assert reason.code == "101"
