"""Health: it falls when the taxonomy is made worse and rises when that is mended."""

from dataclasses import replace

import pytest
from curating import code_calls, read, say, write_calls, write_taxonomy
from toy_encoder import ToyEncoder

from pipeline import curate
from pipeline.curate import Sentence, find_health, load_board
from pipeline.taxonomy import Code, Taxonomy
from pipeline.words import LANGUAGES, read_words

GOOD = Taxonomy(
    tuple(
        Code(
            str(101 + at), {"en": word}, examples=tuple(f"{rest} {word}" for rest in ("my", "the", "a lost", "one old"))
        )
        for at, word in enumerate(("parcel broken", "invoice wrong", "card blocked", "router dead"))
    )
)
FIRST = GOOD.codes[0]
BACKGROUND = ["thank you so much", "one moment please"]
WORSE = {
    "two codes that differ are merged": curate.merge_codes(["102"], "101").edit(GOOD),
    "examples are deleted": curate.remove_examples("101", FIRST.examples[1:]).edit(GOOD),
    "examples are swapped": curate.move_examples("102", "101", GOOD.codes[1].examples[:2]).edit(
        curate.move_examples("101", "102", FIRST.examples[:2]).edit(GOOD)
    ),
    "a code is doubled": replace(GOOD, codes=(*GOOD.codes, replace(FIRST, number="105"))),
}


def score(taxonomy, **known):
    """Score with the toy encoder."""
    return find_health(taxonomy, ToyEncoder(), BACKGROUND, **known)


@pytest.mark.parametrize("what", WORSE)
def test_it_falls_when_the_taxonomy_is_made_worse(what):
    """And so it rises when that is mended."""
    assert score(WORSE[what]).score < score(GOOD).score - 1, what


def test_more_examples_make_it_rise():
    """Four more of each code, in the same vein."""
    better = GOOD
    for code in GOOD.codes:
        more = [Sentence(f"{rest} {code.names['en']}") for rest in ("your", "this", "another", "that new")]
        better = curate.add_examples(code.number, more).edit(better)
    assert score(better).score > score(GOOD).score


def test_each_part_says_what_to_do_in_both_languages():
    """The part that swapped examples hurt names the code and the one it is taken for."""
    found = score(WORSE["examples are swapped"], agreement=0.4)
    parts = {part.name: part for part in found.parts}
    assert parts["overlap"].figures["code"] in ("101", "102") and parts["overlap"].figures["other"] in ("101", "102")
    assert (parts["agreement"].score, parts["agreement"].weight) == (50, 20)
    for words in map(read_words, LANGUAGES):
        assert all(part.title(words) and part.meaning(words) and part.action(words) for part in found.parts)


def test_the_score_is_the_mean_of_its_parts_by_weight():
    """0 to 100, and the next part is the one that most is to be gained from."""
    found = score(GOOD)
    total = sum(part.score * part.weight for part in found.parts) / sum(part.weight for part in found.parts)
    assert found.score == pytest.approx(total) and 0 <= found.score <= 100
    assert found.next_part == max(found.parts, key=lambda part: (100 - part.score) * part.weight)


def test_an_empty_taxonomy_has_no_parts():
    """Nothing is known of it, and nothing fails."""
    assert (score(Taxonomy()).score, score(Taxonomy()).parts) == (0, ())


def test_calls_count_once_there_was_a_run(project, monkeypatch):
    """Three of four calls have a code, two of those three the same one."""
    monkeypatch.setattr("pipeline.assign.make_reason_encoder", lambda _: ToyEncoder())
    write_taxonomy(project.taxonomy)
    texts = ("my parcel never came", "where is my parcel", "my card is blocked", "zebra stripes look odd")
    write_calls(project, [say(f"c{at}", text) for at, text in enumerate(texts)])
    code_calls(project, "f")
    board = load_board(project)
    parts = {part.name: part for part in score(read(project.taxonomy), board=board).parts}
    assert parts["coverage"].figures == {"share": 0.75, "n_calls": 1}
    assert parts["coverage"].score == pytest.approx(100 * 0.75 / 0.9)
    assert (parts["balance"].figures["code"], parts["balance"].figures["share"]) == ("101", pytest.approx(2 / 3))
    assert parts["balance"].score == pytest.approx(100 * (0.75 - 2 / 3) / 0.5)
