"""Tasks: what to look at next, worst first, each with why and how long."""

import pytest
from conftest import NOW
from curating import CONTENT, act_now, code_calls, read, say, write_calls, write_candidate, write_costs, write_taxonomy
from toy_encoder import ToyEncoder

from pipeline import curate
from pipeline.curate import Sentence, list_queue, load_board
from pipeline.tables import make_table
from pipeline.words import LANGUAGES, read_words

GIFT = ["zebra gift one", "zebra gift two", "zebra gift three"]


@pytest.fixture
def coded(project, monkeypatch):
    """A project with a candidate of three calls, and one call that is like none."""
    monkeypatch.setattr("pipeline.assign.make_reason_encoder", lambda _: ToyEncoder())
    write_taxonomy(project.taxonomy)
    said = [say("p1", "my parcel never came"), say("c1", "my card is blocked"), say("x1", "purple elephants sing")]
    write_calls(project, [*said, *(say(f"g{at}", text) for at, text in enumerate(GIFT))])
    coded = code_calls(project, "f")
    assert {coded[f"g{at}", 0] for at in range(3)} | {coded["x1", 0]} == {"none_of_these"}
    write_candidate(project, "c-1", "gift", [(f"g{at}", 0) for at in range(3)])
    write_costs(project, {(f"g{at}", "c-1"): 2.5 for at in range(3)})
    return project


def list_tasks(project):
    """List with the toy encoder."""
    return list_queue(project, board=load_board(project), encoder=ToyEncoder())


def test_a_candidate_is_there_with_its_calls_and_cost(coded):
    """Worst first: three calls hang on it, one on what is like nothing."""
    first, *others = list_tasks(coded)
    assert (first.kind, first.about, first.n_calls, first.cost, first.minutes) == ("candidate", ("c-1",), 3, 7.5, 4)
    assert [(one.kind, one.n_calls) for one in others if one.kind == "loose"] == [("loose", 1)]
    assert [one.n_calls for one in (first, *others)] == sorted((one.n_calls for one in (first, *others)), reverse=True)


def write_changes(project, *rows):
    """Write what the report says of the last full week."""
    made = [
        {"reason_kind": kind, "reason_id": one, "observed": 9, "expected": 2.6, "change": how}
        for kind, one, how in rows
    ]
    project.store.write_whole("reason_changes", "f", make_table("reason_changes", made))


def test_what_rose_in_the_last_week_comes_first(coded):
    """A code that rose stands before larger things, with that week's calls; one that fell is not there."""
    write_changes(coded, ("code", "103", "rose"), ("code", "101", "fell"), ("no_code", "undecided", "rose"))
    first, second, *_ = list_tasks(coded)
    assert (first.kind, first.about, first.n_calls, first.figures["usual"]) == ("rose", ("103",), 9, 3)
    assert (second.kind, second.alert) == ("candidate", "")
    act_now(coded.taxonomy, curate.retire_code("103"))
    assert "rose" not in [one.kind for one in list_tasks(coded)]


def test_a_candidate_that_rose_or_is_new_says_so(coded):
    """It is one task, not two."""
    write_changes(coded, ("candidate", "c-1", "rose"))
    assert next((one.kind, one.alert) for one in list_tasks(coded)) == ("candidate", "rose")
    write_changes(coded)
    row = {"cluster_id": "c-1", "name": "gift", "is_new": True}
    coded.store.write_whole("clusters", "f", make_table("clusters", [row]))
    assert [one.alert for one in list_tasks(coded) if one.kind == "candidate"] == ["new"]


def test_a_candidate_that_has_a_number_now_waits_for_no_one(coded):
    """One of its members became an example since the run."""
    act_now(coded.taxonomy, curate.add_code("104", {"en": "gift"}, [Sentence(GIFT[0], "g0")]))
    assert "candidate" not in [one.kind for one in list_tasks(coded)]


def test_codes_whose_examples_disagree_are_there_until_mended(coded):
    """Two examples of the card under the parcel: it is named with the code that they find."""
    strays = [Sentence("my bank card is blocked"), Sentence("the card does not work")]
    act_now(coded.taxonomy, curate.add_examples("101", strays))
    (task,) = [one for one in list_tasks(coded) if one.kind == "disagree" and one.about == ("101", "103")]
    assert (task.about, task.figures["n_examples"]) == (("101", "103"), 5)
    assert task.figures["n_others"] in (2, 3)  # the Chinese example is like nothing to this encoder
    curate.undo(coded.taxonomy, who="li", now=NOW)
    assert not [one for one in list_tasks(coded) if one.kind == "disagree" and one.about == ("101", "103")]


def test_near_pairs_that_fell_together_are_there(coded):
    """With the place where they met; one that was kept apart is not."""
    names = {f"reason_{side}_{language}": f"{side}{language}" for side in "ab" for language in LANGUAGES}
    rows = [
        {"stage": "assign", "pair": pair, "places": places, "n_asked": 4, "n_right": 2, **names}
        for pair, places in (("late or never", ["101"]), ("wrong or damaged", []))
    ]
    coded.store.write_whole("near_pairs", "f", make_table("near_pairs", rows))
    (task,) = [one for one in list_tasks(coded) if one.kind == "near_pair"]
    assert task.about == ("late or never", "101")
    assert [task.title(read_words(one)) for one in LANGUAGES] == ["Fell together: aen / ben", "混在一起：azh / bzh"]


def test_unused_codes_are_named_once_there_are_calls_enough(coded, monkeypatch):
    """Of few calls a code that none took says nothing."""
    assert "unused" not in [one.kind for one in list_tasks(coded)]
    monkeypatch.setattr("pipeline.curate.tasks.MIN_CALLS_TO_JUDGE", 6)
    assert [one.about for one in list_tasks(coded) if one.kind == "unused"] == [("102",)]


def test_codes_that_calls_are_undecided_between_are_there(project, monkeypatch):
    """Two calls that fit two codes of the same words; once merged they are gone from the list."""
    monkeypatch.setattr("pipeline.assign.make_reason_encoder", lambda _: ToyEncoder())
    same = "name: {en: Card is blocked}\n    examples: [my card is blocked, the bank card does not work]"
    twin = f"{CONTENT}\n  - number: 104\n    {same}\n"
    write_taxonomy(project.taxonomy, twin)
    write_calls(project, [say(f"c{at}", "my card is blocked") for at in range(3)])
    assert set(code_calls(project, "f").values()) == {"undecided"}
    (task,) = [one for one in list_tasks(project) if one.kind == "undecided"]
    assert (task.about, task.n_calls) == (("103", "104"), 3)
    act_now(project.taxonomy, curate.merge_codes(["104"], "103"))
    assert not [one for one in list_tasks(project) if one.kind == "undecided"]
    assert read(project.taxonomy).find_current("104") == "103"


def test_every_task_says_why_in_both_languages(coded):
    """No key is missing and no place for a figure is left open."""
    write_changes(coded, ("code", "103", "rose"))
    for words in map(read_words, LANGUAGES):
        for task in list_tasks(coded):
            assert task.title(words) and "{" not in task.title(words) + task.why(words)
