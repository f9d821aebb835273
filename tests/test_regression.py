"""The regression behind codes: what it says of a sentence it has seen, of one hidden from it, and of known reasons."""

from dataclasses import fields

import numpy as np
import pytest

from pipeline.evidence import Views, fit_evidence
from pipeline.library import fit_library
from pipeline.matching.choosing import GENERAL_MANNER, OTHER_WEIGHTS, Manner, fit_choice
from pipeline.matching.likeness import WEIGHTS
from pipeline.matching.refusing import fit_judge
from pipeline.matching.regression import Lessons, Matcher, Scores, blend_some, cut_evenly, fit_matcher, solve_matcher
from tests.toy_encoder import ToyEncoder

LATE = ("my parcel is late", "the parcel came late", "late parcel today")
INVOICE = ("please send my invoice", "the invoice is missing", "no invoice today")
BACKGROUND = ("good morning to you", "what a day")
KNOWN = {"late": LATE, "invoice": INVOICE, "kettle": ("my kettle burns", "the kettle is burning", "kettle burns again")}
LESSONS = Lessons(
    (*LATE, *INVOICE, *BACKGROUND),
    np.array([(1, 0)] * 3 + [(0, 1)] * 3 + [(0, 0)] * 2, np.float32),
    ("1", "2"),
)


@pytest.fixture(scope="module")
def library():
    """Make a library of three reasons, two of which have a code."""
    return fit_library(KNOWN, ToyEncoder().encode([text for some in KNOWN.values() for text in some]))


@pytest.fixture(scope="module")
def matcher(library):
    """Fit two codes."""
    return fit_matcher(LESSONS, ToyEncoder().encode(LESSONS.texts), library)


def score(matcher: Matcher, *texts: str) -> Scores:
    """Score sentences."""
    return matcher.score(texts, ToyEncoder().encode(texts))


def test_a_sentence_speaks_for_the_code_of_its_like(matcher):
    """Each for its own; what is like nothing fits worse than either."""
    scores = score(matcher, "parcel late", "invoice missing", "zebra marmalade")
    assert scores.by_code.argmax(axis=1)[:2].tolist() == [0, 1]
    assert scores.odds.argmax(axis=1)[:2].tolist() == [0, 1]
    assert scores.fit[:2].min() > scores.fit[2]


def test_a_known_reason_without_a_code_speaks_against_fitting(matcher):
    """The kettle is a known reason that no example gives; the late parcel is given."""
    scores = score(matcher, "my kettle burns", "my late parcel")
    assert scores.elsewhere[0] > 0.5
    assert scores.elsewhere[1] < 0.2


@pytest.mark.parametrize("weight", [GENERAL_MANNER.known_weight, *OTHER_WEIGHTS])
def test_known_reasons_weigh_in_choosing_what_the_manner_says(library, monkeypatch, weight):
    """The odds of the lessons are those of a kernel in which known reasons weigh that much."""
    asked = []
    monkeypatch.setattr(
        "pipeline.matching.regression.find_manner", lambda *given: asked.append(given) or Manner(weight, 0.7)
    )
    matcher = fit_matcher(LESSONS, ToyEncoder().encode(LESSONS.texts), library)
    known = (matcher.views.reasons @ matcher.views.reasons.T).toarray()
    assert fit_judge(matcher).temperature == 0.7
    assert np.allclose(asked[0][0] + WEIGHTS["reasons"] * known, matcher.kernel, atol=1e-6)
    assert np.allclose(asked[0][1], known, atol=1e-6)
    kernel = matcher.kernel + (weight - WEIGHTS["reasons"]) * known
    choice = fit_choice(kernel, LESSONS.targets)
    assert known.max() > 0.5
    assert np.allclose(score(matcher, *LESSONS.texts).odds, kernel @ choice.weights + choice.biases, atol=1e-3)


def test_without_a_library_nothing_is_known_to_be_elsewhere():
    """An encoder may have none."""
    matcher = fit_matcher(LESSONS, ToyEncoder().encode(LESSONS.texts))
    assert score(matcher, "my kettle burns", "my late parcel").elsewhere.tolist() == [0, 0]


@pytest.mark.parametrize("hidden", [[1], [0, 1, 2], [1, 6]])
def test_a_hidden_sentence_is_scored_as_if_it_had_not_been_taught(matcher, library, hidden):
    """The closed form says what a regression without those sentences says; evidence stays as it was fitted."""
    kept = np.setdiff1d(np.arange(len(LESSONS.texts)), hidden)
    embeddings = ToyEncoder().encode(LESSONS.texts)
    evidence = fit_evidence(LESSONS.texts, embeddings, library)
    views = evidence.view(LESSONS.texts, embeddings)
    fewer = Lessons(tuple(LESSONS.texts[row] for row in kept), LESSONS.targets[kept], LESSONS.numbers)
    taught_less = solve_matcher(
        fewer, evidence, Views(**{part.name: getattr(views, part.name)[kept] for part in fields(Views)})
    )
    unseen = matcher.score_unseen({1: np.array(hidden)})
    wanted = score(taught_less, LESSONS.texts[1])
    has_example = fewer.targets.any(axis=0)
    assert np.allclose(unseen.by_code[:, has_example], wanted.by_code[:, has_example], atol=1e-4)
    for part in ("overlap", "familiarity", "elsewhere"):
        assert np.allclose(getattr(unseen, part), getattr(wanted, part), atol=1e-4), part


def test_only_the_named_rows_are_blended(matcher):
    """A sentence with words around it counts half, its neighbours not at all."""
    one, other = score(matcher, "parcel late", "invoice missing"), score(matcher, "my kettle burns")
    blended = blend_some(one, np.array([1]), other)
    assert np.allclose(blended.fit[0], one.fit[0])
    assert np.allclose(blended.elsewhere[1], (one.elsewhere[1] + other.elsewhere[0]) / 2)
    assert one.elsewhere[1] == score(matcher, "parcel late", "invoice missing").elsewhere[1]


@pytest.mark.parametrize(("n", "n_cores", "sizes"), [(20_000, 2, [3333, 3334]), (4097, 2, [2048, 2049])])
def test_every_core_gets_as_many_pieces(n, n_cores, sizes):
    """No core waits while another scores what is left over; the pieces are all sentences, in order."""
    pieces = cut_evenly(n, n_cores)
    assert [at for one in pieces for at in range(n)[one]] == list(range(n))
    assert sorted({one.stop - one.start for one in pieces}) == sizes
    assert len(pieces) % n_cores == 0
