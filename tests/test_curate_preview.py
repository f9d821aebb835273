"""Preview: what an act is said to move is what the next run moves."""

from collections import Counter

import numpy as np
import pytest
from curating import act_now, code_calls, read, say, write_calls, write_candidate, write_costs, write_taxonomy
from toy_encoder import ToyEncoder

from pipeline import curate
from pipeline.curate import Part, Previewer, Sentence, load_board
from pipeline.curate.strata import choose_strata
from pipeline.curate.vectors import map_encoder
from pipeline.errors import TaxonomyError
from pipeline.tables import hash_text, make_table

PARCEL, INVOICE, CARD = "my parcel never came", "my invoice is wrong", "my card is blocked"
OTHER = "the gift card is empty"
SAID = [
    say("p1", PARCEL), say("p2", "where is my parcel please"), say("p3", "我的包裹没到"), say("p3", INVOICE, 1),
    say("i1", INVOICE, turn="hello my invoice is wrong and the amount"), say("i2", "the amount on my bill is wrong"),
    say("c1", CARD), say("c2", "the bank card does not work today"), say("g1", OTHER), say("g2", "gift card empty"),
    say("g2", "my gift card has no money on it", 1), say("x1", "where do I park the car"),
]  # fmt: skip
ACTS = {
    "merge": curate.merge_codes(["102"], "101"),
    "retire": curate.retire_code("102"),
    "set apart": curate.set_apart("103"),
    "move": curate.move_examples("101", "102", [PARCEL]),
    "rename": curate.rename_code("101", {"en": "x"}),
    "split": curate.split_code("101", [Part("104", {"en": "asks where"}, [Sentence("where is my parcel")])]),
    "teach": curate.add_examples("103", [Sentence(OTHER, "g1")]),
    "refuse": curate.add_examples("103", [Sentence(OTHER, "g1")], is_example=False),
    "forget": curate.remove_examples("103", [CARD]),
    "add": curate.add_code("105", {"en": "gift card"}, [Sentence(OTHER, "g1"), Sentence("gift card empty", "g2")]),
}


@pytest.fixture
def coded(project, monkeypatch):
    """A project whose calls were coded."""
    monkeypatch.setattr("pipeline.assign.make_reason_encoder", lambda _: ToyEncoder())
    write_taxonomy(project.taxonomy)
    write_calls(project, SAID)
    code_calls(project, "before")
    return project


@pytest.mark.parametrize("name", ACTS)
def test_what_is_said_to_move_is_what_the_next_run_moves(coded, name):
    """For every kind of act, from and to, call by call."""
    before = code_calls(coded, "before")
    found = Previewer(coded, load_board(coded), ToyEncoder()).preview(ACTS[name], read(coded.taxonomy))
    act_now(coded.taxonomy, ACTS[name])
    after = code_calls(coded, "after")
    moved = {key: (code, after[key]) for key, code in before.items() if code != after[key]}
    assert Counter(moved.values()) == {(one.from_code, one.to_code): one.n_utterances for one in found.flows}
    assert (found.n_utterances, found.n_calls) == (len(moved), len({call_id for call_id, _ in moved}))
    assert {(one.call_id, one.utterance_index) for one in found.doubtful} == set(moved)
    assert found.is_exact and found.margin_calls == 0


def test_a_merge_moves_calls_and_what_they_cost(coded):
    """A call with two utterances of the code is one call, and its cost is counted once."""
    calls = {call_id for (call_id, _), code in code_calls(coded, "before").items() if code == "102"}
    write_costs(coded, {(call_id, "102"): 10.0 for call_id in calls})
    found = Previewer(coded, load_board(coded), ToyEncoder()).preview(ACTS["merge"], read(coded.taxonomy))
    (flow,) = [one for one in found.flows if (one.from_code, one.to_code) == ("102", "101")]
    assert (flow.n_calls, flow.cost, found.currency) == (len(calls), 10.0 * len(calls), "EUR")
    assert len(calls) >= 2


def test_the_least_sure_come_first(coded):
    """A curator looks at what may be wrong, not at what fits best."""
    found = Previewer(coded, load_board(coded), ToyEncoder()).preview(ACTS["add"], read(coded.taxonomy))
    margins = [one.score_ratio - one.second_score_ratio for one in found.doubtful]
    assert margins == sorted(margins) and len(margins) > 1


def test_a_rule_that_would_break_is_said_before_saving(coded):
    """A preview of what is not allowed is refused like the act itself."""
    with pytest.raises(TaxonomyError, match="Code 9 is not"):
        Previewer(coded, load_board(coded), ToyEncoder()).preview(curate.retire_code("9"), read(coded.taxonomy))


def test_previews_go_on_from_acts_that_no_run_has_seen_yet(coded):
    """After a merge, retiring the code that took it moves both codes' calls."""
    previewer = Previewer(coded, load_board(coded), ToyEncoder())
    before = code_calls(coded, "before")
    act_now(coded.taxonomy, ACTS["merge"])
    found = previewer.preview(curate.retire_code("101"), read(coded.taxonomy))
    both = sum(code in ("101", "102") for code in before.values())
    assert sum(one.n_utterances for one in found.flows if one.from_code == "101") >= both > 4


def test_of_many_some_are_asked_and_the_rest_is_reckoned_up(project, monkeypatch):
    """Of 900 utterances 300 of a merged code: the number is right although not all were asked."""
    monkeypatch.setattr("pipeline.assign.make_reason_encoder", lambda _: ToyEncoder())
    monkeypatch.setattr("pipeline.curate.strata.N_OWN", 20)
    write_taxonomy(project.taxonomy)
    texts = (PARCEL, INVOICE, CARD)
    write_calls(project, [say(f"c{at:03d}", f"{texts[at % 3]} {at}") for at in range(900)])
    before = code_calls(project, "before")
    n_own = sum(code == "102" for code in before.values())
    assert n_own > 200
    board = load_board(project)
    found = Previewer(project, board, ToyEncoder(), max_exact=0).preview(ACTS["merge"], read(project.taxonomy))
    assert not found.is_exact and found.n_asked < len(board)
    assert abs(found.n_calls - n_own) <= max(1, found.margin_calls), found


def test_every_utterance_is_in_one_kind(coded):
    """What is asked stands for all: kinds neither overlap nor leave any out."""
    board, taxonomy = load_board(coded), read(coded.taxonomy)
    for act in ACTS.values():
        rows = [one.rows for one in choose_strata(board, taxonomy, act.edit(taxonomy), 0)]
        assert sorted(np.concatenate(rows).tolist()) == list(range(len(board)))


def test_members_of_a_candidate_that_became_examples_are_asked(coded):
    """They are the ones that the new code is made for."""
    write_candidate(coded, "c-1", "gift card", [("g1", 0), ("g2", 0), ("g2", 1)])
    board, taxonomy = load_board(coded), read(coded.taxonomy)
    strata = choose_strata(board, taxonomy, ACTS["add"].edit(taxonomy), 0)
    assert any(set(board.read_call_ids(one.rows)) == {"g1", "g2"} for one in strata)
    assert board.read_texts(board.find_rows("c-1")) == [OTHER, "gift card empty", "my gift card has no money on it"]


def test_mapped_embeddings_are_those_of_the_store(project, monkeypatch):
    """Rows of several files, each id once; a new text is embedded by the model; a new file is noticed."""
    toy, texts = ToyEncoder(), ["a b", "b c", "c d", "new one"]
    known = _Known(toy)
    monkeypatch.setattr("pipeline.curate.vectors.make_reason_encoder", lambda _: known)
    for at, some in enumerate((texts[:2], texts[1:3])):
        rows = [{"text_id": hash_text(one), "embedding": toy.encode([one])[0].tolist()} for one in some]
        project.store.write("embeddings", "toy", make_table("embeddings", rows), {f"*{at}": "x"})
        assert np.allclose(map_encoder(project).encode(some), toy.encode(some))
    mapped = map_encoder(project)
    assert np.array_equal(mapped.encode(texts), toy.encode(texts))
    assert np.array_equal(mapped.encode(["another new one"]), toy.encode(["another new one"])) and known.n_loaded == 1
    assert len([one for one in (project.store.root / ".vectors").iterdir() if one.is_dir()]) == 1


class _Known:
    """What the project's encoder is asked for."""

    name, dim, library, n_loaded = "toy", 64, None, 0

    def __init__(self, toy: ToyEncoder) -> None:
        self.toy = toy

    def load(self) -> ToyEncoder:
        """Count how often the model is needed."""
        self.n_loaded += 1
        return self.toy


def test_a_board_without_a_run_after_assign_is_read_too(coded):
    """No candidates and no costs yet: nothing is in a candidate, and nothing costs."""
    board = load_board(coded)
    assert len(board) == len(SAID) and not board.costs.any() and (board.clusters == -1).all()


def test_candidates_are_like_each_other_by_what_is_said_in_them(coded):
    """Nearest first, never itself; what is no candidate is like none."""
    groups = {"c-parcel": [("p1", 0), ("p2", 0)], "c-lost": [("p3", 0)], "c-gift": [("g1", 0), ("g2", 0)]}
    rows = [
        {"call_id": call_id, "utterance_index": at, "cluster_id": name}
        for name, members in groups.items()
        for call_id, at in members
    ]
    coded.store.write_whole("cluster_members", "f", make_table("cluster_members", rows))
    previewer = Previewer(coded, load_board(coded), ToyEncoder())
    assert previewer.list_alike("c-parcel", 5) == ["c-lost", "c-gift"]
    assert previewer.list_alike("c-parcel", 1) == ["c-lost"]
    assert previewer.list_alike("101", 5) == previewer.list_alike("c-none", 5) == []


@pytest.mark.parametrize("max_exact", [0, 2500])
def test_warming_up_changes_nothing_but_who_waits(coded, max_exact):
    """The first preview after it says the same, of all or of some."""
    write_candidate(coded, "c-1", "gift card", [("g1", 0), ("g2", 0), ("g2", 1)])
    taxonomy, board = read(coded.taxonomy), load_board(coded)
    cold, warm = (Previewer(coded, board, ToyEncoder(), max_exact) for _ in range(2))
    warm.warm_up(taxonomy)
    assert warm.preview(ACTS["add"], taxonomy) == cold.preview(ACTS["add"], taxonomy)
