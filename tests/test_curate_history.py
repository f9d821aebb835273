"""History: undo and redo without limit, also tomorrow; what two people did is never decided for them."""

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import NOW
from curating import CONTENT, act_now, read, write_taxonomy
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import curate
from pipeline.curate import ConflictError, Fields, Part, Sentence
from pipeline.decisions import DECISIONS_FILE, read_decisions
from pipeline.errors import TaxonomyError
from pipeline.taxonomy import TAXONOMY_FILE

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def folder(tmp_path):
    """A taxonomy of three codes."""
    return write_taxonomy(tmp_path)


def own(owner, number="101"):
    """Set an owner."""
    return curate.set_fields(number, Fields(owner=owner))


def edit_by_hand(folder, old, new):
    """Write into the file as an editor does."""
    path = folder / TAXONOMY_FILE
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def test_each_curator_takes_back_their_own_last_act(folder):
    """Another's act in between stays."""
    act_now(folder, own("a"), "li")
    act_now(folder, own("b", "102"), "wang")
    undone = curate.undo(folder, who="li", now=TOMORROW)
    assert [code.owner for code in read(folder).codes] == ["logistics", "b", ""]
    assert (undone.decision.what, undone.decision.decision) == (
        "undo",
        read_decisions(folder / DECISIONS_FILE)[1].decision_id,
    )


def test_undo_and_redo_go_as_far_as_there_are_acts(folder):
    """Three back, three forward; a fourth says that there is nothing."""
    for owner in "abc":
        act_now(folder, own(owner))
    for walk, owners in ((curate.undo, ["b", "a", "logistics"]), (curate.redo, ["a", "b", "c"])):
        for owner in owners:
            walk(folder, who="li", now=TOMORROW)
            assert read(folder).codes[0].owner == owner
        with pytest.raises(TaxonomyError, match="Nothing by li"):
            walk(folder, who="li", now=TOMORROW)


def test_a_named_decision_is_taken_back_whoever_made_it(folder):
    """It need not be the last."""
    first = act_now(folder, own("a", "103"), "wang")
    act_now(folder, own("b"), "li")
    curate.undo(folder, who="li", now=NOW, decision_id=first.revision)
    assert [code.owner for code in read(folder).codes] == ["b", "", ""]
    with pytest.raises(TaxonomyError, match="is no act that can be taken back"):
        curate.undo(folder, who="li", now=NOW, decision_id=first.revision)


def test_taking_everything_back_gives_the_first_file(folder):
    """New codes, merges, splits and moves leave no trace in the file."""
    acts = (
        curate.add_code("104", {"en": "x"}, [Sentence("x", "c1")]),
        curate.split_code("101", [Part("105", {}, [Sentence("我的包裹没到")])]),
        curate.merge_codes(["103"], "102"),
        curate.move_examples("102", "101", ["my invoice is wrong"]),
        curate.retire_code("102"),
    )
    for act in acts:
        act_now(folder, act)
    for _ in acts:
        curate.undo(folder, who="li", now=TOMORROW)
    assert (folder / TAXONOMY_FILE).read_text("utf-8") == CONTENT


@pytest.mark.parametrize("by_hand", [True, False])
def test_an_act_on_an_old_screen_is_a_conflict_that_shows_both(folder, by_hand):
    """The field was changed by another curator or in the file: nothing is done, and both versions are there."""
    screen = curate.open_taxonomy(folder, NOW)
    if by_hand:
        edit_by_hand(folder, "owner: logistics", "owner: stores")
    else:
        act_now(folder, own("stores"), "wang")
    with pytest.raises(ConflictError, match=r"Code 101: owner was changed meanwhile, .*Nothing was done") as caught:
        curate.make_act(folder, own("shop"), based_on=screen.revision, who="li", now=NOW)
    (conflict,) = caught.value.conflicts
    assert (conflict.code, conflict.field, conflict.by) == ("101", "owner", "file" if by_hand else "wang")
    assert (conflict.seen, conflict.now, conflict.wanted) == ("logistics", "stores", "shop")
    assert read(folder).codes[0].owner == "stores"


def test_an_act_on_an_old_screen_goes_through_where_nothing_it_touches_changed(folder):
    """The other's work, a hand's among it, stays."""
    screen = curate.open_taxonomy(folder, NOW)
    edit_by_hand(folder, "owner: logistics", "owner: stores  # since May")
    act_now(folder, own("b", "102"), "wang")
    curate.make_act(folder, own("c", "103"), based_on=screen.revision, who="li", now=NOW)
    assert [code.owner for code in read(folder).codes] == ["stores", "b", "c"]
    assert "# since May" in (folder / TAXONOMY_FILE).read_text("utf-8")


def test_a_form_that_says_more_than_was_changed_takes_back_nobody_s_work(folder):
    """A screen's form names owner and cost; only the cost was changed on it, and the other's owner stays."""
    screen = curate.open_taxonomy(folder, NOW)
    act_now(folder, own("stores"), "wang")
    form = Fields(owner="logistics", customer="", company="", unit_cost=20.0, unit_cost_what="new parcel")
    made = curate.make_act(folder, curate.set_fields("101", form), based_on=screen.revision, who="li", now=NOW)
    code = read(folder).codes[0]
    assert (code.owner, code.unit_cost) == ("stores", 20.0)
    assert made.decision.after == {"101": {"cost": {"unit": 20, "what": "new parcel"}}}


def test_a_merge_is_decided_on_the_examples(folder):
    """Whoever merges saw what the code means; another example meanwhile is a conflict."""
    screen = curate.open_taxonomy(folder, NOW)
    act_now(folder, curate.add_examples("103", [Sentence("my card was stolen")]), "wang")
    with pytest.raises(ConflictError, match="Code 103: examples"):
        curate.make_act(folder, curate.merge_codes(["103"], "102"), based_on=screen.revision, who="li", now=NOW)


def test_two_new_codes_of_one_number_are_a_conflict(folder):
    """Both curators were proposed it; the second is told."""
    screen = curate.open_taxonomy(folder, NOW)
    acts = [curate.add_code(screen.next_number, {"en": name}, [Sentence(name)]) for name in ("one", "two")]
    curate.make_act(folder, acts[0], based_on=screen.revision, who="li", now=NOW)
    with pytest.raises(ConflictError, match="Code 104"):
        curate.make_act(folder, acts[1], based_on=screen.revision, who="wang", now=NOW)


@pytest.mark.parametrize("by_hand", [True, False])
def test_what_was_changed_since_is_not_taken_back_silently(folder, by_hand):
    """Undo shows both versions and leaves the file."""
    act_now(folder, own("a"), "li")
    if by_hand:
        edit_by_hand(folder, "owner: a", "owner: z")
    else:
        act_now(folder, own("z"), "wang")
    with pytest.raises(ConflictError) as caught:
        curate.undo(folder, who="li", now=TOMORROW)
    (conflict,) = caught.value.conflicts
    assert (conflict.seen, conflict.now, conflict.wanted) == ("a", "z", "logistics")
    assert read(folder).codes[0].owner == "z"


def test_a_new_code_that_grew_is_not_taken_out_silently(folder):
    """Somebody gave it an owner since."""
    act_now(folder, curate.add_code("104", {}, [Sentence("x")]), "li")
    act_now(folder, own("z", "104"), "wang")
    with pytest.raises(ConflictError, match="Code 104: owner"):
        curate.undo(folder, who="li", now=TOMORROW)


def test_a_hand_edit_is_recorded_and_can_be_taken_back_by_name(folder):
    """A changed field, a new code and a deleted one are one edit by `file`, once."""
    curate.open_taxonomy(folder, NOW)
    text = CONTENT.replace("owner: logistics", "owner: stores").replace("number: 103", "number: 109")
    (folder / TAXONOMY_FILE).write_text(text, "utf-8")
    for _ in range(2):
        curate.open_taxonomy(folder, NOW)
    seen, by_hand = read_decisions(folder / DECISIONS_FILE)
    assert (seen.before, by_hand.what, by_hand.who) == (seen.after, "edit", "file")
    assert (by_hand.after["101"], by_hand.before["109"], by_hand.after["103"]["number"]) == (
        {"owner": "stores"},
        None,
        None,
    )
    curate.undo(folder, who="li", now=NOW, decision_id=by_hand.decision_id)
    assert [code.number for code in read(folder).codes] == ["101", "102", "103"]
    assert read(folder).codes[2].target is not None


def test_a_revision_that_is_not_known_is_said(folder):
    """The page is to be loaded again."""
    with pytest.raises(TaxonomyError, match="Load the page again"):
        curate.make_act(folder, own("a"), based_on="?", who="li", now=NOW)


def test_an_act_that_changes_nothing_is_not_recorded(folder):
    """Saving what stands there is no decision."""
    assert act_now(folder, own("logistics")) is None
    assert [one.what for one in read_decisions(folder / DECISIONS_FILE)] == ["seen"]


def test_the_history_says_what_is_in_effect(folder):
    """An act that was taken back is there, and by whom."""
    act_now(folder, own("a"), "li")
    act_now(folder, own("b"), "wang")
    curate.undo(folder, who="wang", now=TOMORROW)
    first, second = curate.list_history(folder)
    assert (first.is_in_effect, second.is_in_effect, second.last.what) == (True, False, "undo")


NUMBERS, TEXTS = (
    st.sampled_from(["101", "102", "103", "104", "105"]),
    st.sampled_from(["a", "b", "my invoice is wrong"]),
)
SENTENCES = st.lists(st.builds(Sentence, TEXTS, st.sampled_from(["", "c1"])), min_size=1, max_size=2)
ACTS = st.one_of(
    st.builds(curate.add_code, NUMBERS, st.just({"en": "new"}), SENTENCES, is_step=st.booleans()),
    st.builds(curate.add_examples, NUMBERS, SENTENCES, is_example=st.booleans()),
    st.builds(lambda number, text: curate.remove_examples(number, [text]), NUMBERS, TEXTS),
    st.builds(lambda one, other, text: curate.move_examples(one, other, [text]), NUMBERS, NUMBERS, TEXTS),
    st.builds(lambda one, other: curate.merge_codes([one], other), NUMBERS, NUMBERS),
    st.builds(lambda one, new, said: curate.split_code(one, [Part(new, {}, said)]), NUMBERS, NUMBERS, SENTENCES),
    st.builds(curate.retire_code, NUMBERS),
    st.builds(curate.reinstate_code, NUMBERS),
    st.builds(curate.set_apart, NUMBERS),
    st.builds(curate.rename_code, NUMBERS, st.sampled_from([{"en": "x"}, {"zh": "", "en": "y"}])),
    st.builds(lambda number, owner: own(owner, number), NUMBERS, st.sampled_from(["a", ""])),
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["li", "wang"]), st.one_of(ACTS, st.sampled_from(["undo", "redo"]))), max_size=14
)


def take(folder, who, step):
    """Take one step; what a rule or a conflict forbids is not done."""
    try:
        if isinstance(step, str):
            {"undo": curate.undo, "redo": curate.redo}[step](folder, who=who, now=NOW)
        else:
            act_now(folder, step, who)
    except TaxonomyError:
        pass


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_whatever_two_curators_do_walking_back_gives_the_first_file(steps):
    """The file is valid after each step, and at the end it says what it said at first."""
    with tempfile.TemporaryDirectory() as name:
        folder = write_taxonomy(Path(name))
        first = read(folder)
        for who, step in steps:
            take(folder, who, step)
            read(folder)
        order = {one.decision_id: place for place, one in enumerate(read_decisions(folder / DECISIONS_FILE))}
        left = [one for one in curate.list_history(folder) if one.is_in_effect]
        for entry in sorted(left, key=lambda one: -order[one.last.decision_id]):
            curate.undo(folder, who="chen", now=TOMORROW, decision_id=entry.decision.decision_id)
        assert repr(read(folder)) == repr(first)
