"""Choosing among codes: few examples weigh as much as many, and sentences of no code win nothing."""

import numpy as np
import pytest

from pipeline.matching.choosing import (
    GENERAL_MANNER,
    MAX_ASKED,
    MIN_ASKED,
    OTHER_WEIGHTS,
    Choice,
    Manner,
    _Tried,
    _try_manner,
    find_manner,
    fit_choice,
    measure_loss,
)

SEED = 7


def make_lessons(*sizes: int, n_none: int = 0, noise: float = 0.4):
    """Make rows around one direction a code, and rows of no code around none of them; also their targets."""
    rng = np.random.default_rng(SEED)
    n_codes = len(sizes)
    owners = np.repeat(np.arange(n_codes + 1), [*sizes, n_none])
    rows = np.eye(n_codes + 1)[owners] + noise * rng.standard_normal((len(owners), n_codes + 1))
    targets = np.eye(n_codes + 1, dtype=np.float32)[owners][:, :n_codes]
    return rows, targets


def ask(rows, choice: Choice, *asked):
    """Say the odds of each code for rows of features."""
    return np.array(asked) @ rows.T @ choice.weights + choice.biases


def test_each_row_gets_the_code_of_its_like():
    """Three codes beside sentences of none."""
    rows, targets = make_lessons(6, 6, 6, n_none=8)
    odds = ask(rows, fit_choice(rows @ rows.T, targets), *np.eye(4)[:3])
    assert odds.argmax(axis=1).tolist() == [0, 1, 2]


def test_a_code_of_many_examples_does_not_outweigh_one_of_few():
    """What lies between a code of forty examples and one of four goes to neither for its size."""
    rows, targets = make_lessons(40, 4, n_none=6, noise=0.3)
    odds = ask(rows, fit_choice(rows @ rows.T, targets), (0.45, 0.55, 0), (0.55, 0.45, 0))
    assert odds.argmax(axis=1).tolist() == [1, 0]


@pytest.mark.parametrize(("sizes", "n_none"), [((5,), 5), ((5,), 0), ((5, 5), 0), ((1, 1), 1)])
def test_few_codes_are_enough(sizes, n_none):
    """One code or two, with or without a background."""
    rows, targets = make_lessons(*sizes, n_none=n_none)
    choice = fit_choice(rows @ rows.T, targets)
    odds = ask(rows, choice, *np.eye(len(sizes) + 1)[: len(sizes)])
    assert odds.argmax(axis=1).tolist() == list(range(len(sizes)))


def test_an_example_of_two_codes_speaks_for_both():
    """It counts half for each."""
    rows, targets = make_lessons(5, 5, 5)
    both = np.vstack([rows, [[0.7, 0.7, 0, 0]] * 3])
    shared = np.vstack([targets, [[1, 1, 0]] * 3]).astype(np.float32)
    odds = ask(both, fit_choice(both @ both.T, shared), (0.7, 0.7, 0, 0))[0]
    assert odds[:2].min() > odds[2]
    assert abs(odds[0] - odds[1]) < 1


def test_a_sentence_that_is_said_not_to_be_of_a_code_speaks_against_it():
    """As far as the others are concerned it may be any of them, or none."""
    rows, targets = make_lessons(5, 5, 5, n_none=5)
    near_first = np.vstack([rows, [(0.8, 0.3, 0, 0)]])
    odds = {}
    for said in (0, -1):
        told = np.vstack([targets, [(said, 0, 0)]]).astype(np.float32)
        odds[said] = ask(near_first, fit_choice(near_first @ near_first.T, told), (0.8, 0.3, 0, 0))[0]
    gaps = {said: one[0] - one[1] for said, one in odds.items()}
    assert gaps[-1] < gaps[0]


def test_the_same_sentence_twice_is_no_harm():
    """The kernel is singular then."""
    rows, targets = make_lessons(3, 3, n_none=3)
    rows, targets = np.vstack([rows, rows]), np.vstack([targets, targets])
    assert np.isfinite(fit_choice(rows @ rows.T, targets).weights).all()


def manner(rows, targets, known=None):
    """Find the manner by features, and by what is known of the rows, nothing where not given."""
    return find_manner(rows @ rows.T, np.zeros((len(rows), len(rows))) if known is None else known, targets)


def test_codes_that_cannot_be_told_apart_are_chosen_with_less_certainty():
    """The temperature is higher when what two thirds teach is often wrong of the last."""
    clear, targets = make_lessons(12, 12, 12, noise=0.2)
    vague, _ = make_lessons(12, 12, 12, noise=3.0)
    assert manner(clear, targets).temperature < manner(vague, targets).temperature


def test_known_reasons_weigh_as_much_as_they_help():
    """Most where they say which code it is and the rest does not, least where they contradict what is clear."""
    vague, targets = make_lessons(12, 12, 12, noise=1.5)
    clear, _ = make_lessons(12, 12, 12, noise=0.4)
    helping = targets @ targets.T
    shuffled = np.random.default_rng(SEED).permutation(len(targets))
    misleading = helping[np.ix_(shuffled, shuffled)]
    assert manner(vague, targets, helping).known_weight == max(OTHER_WEIGHTS)
    assert manner(clear, targets, 3 * misleading).known_weight == min(OTHER_WEIGHTS)
    assert manner(vague, targets).known_weight == GENERAL_MANNER.known_weight


def test_known_reasons_weigh_no_more_where_nothing_more_is_right():
    """Being surer of what is right anyway is not worth it: what is heard is less like them than examples are."""
    clear, targets = make_lessons(12, 12, 12, noise=0.2)
    assert manner(clear, targets, targets @ targets.T).known_weight == GENERAL_MANNER.known_weight


@pytest.mark.parametrize(
    ("tried", "weight"),
    [
        ({0.2: (98.5, 9), 0.05: (97.5, 9)}, 0.05),  # the nearer one gains too little
        ({0.2: (99.0, 9), 0.05: (98.5, 9)}, 0.5),
        ({0.2: (90.0, 8), 0.05: (89.0, 8)}, 0.2),  # less is taken for the loss alone
        ({1.0: (90.0, 9), 2.0: (80.0, 9)}, 0.5),
        ({1.0: (90.0, 10), 2.0: (80.0, 10)}, 1.0),
        ({1.0: (90.0, 10), 2.0: (80.0, 11)}, 2.0),
        ({1.0: (99.0, 10)}, 0.5),
        ({0.2: (90.0, 9), 1.0: (89.0, 12)}, 0.2),
    ],
)
def test_another_weight_must_lose_less_and_more_of_known_reasons_be_right_more_often(monkeypatch, tried, weight):
    """Of a loss of 100 with 9 right at the general weight."""

    def make(weight, *_):
        loss, n_right = {0.5: (100.0, 9)}.get(weight) or tried.get(weight, (200.0, 0))
        return _Tried(Manner(weight, 0.3), loss, n_right, MIN_ASKED)

    monkeypatch.setattr("pipeline.matching.choosing._try_manner", make)
    rows, targets = make_lessons(3, 3)
    assert manner(rows, targets, np.ones((6, 6))).known_weight == weight


def test_of_few_examples_no_manner_is_learned():
    """Nineteen that can be asked are too few; a code of one example is asked by nobody who knows it."""
    rows, targets = make_lessons(10, 9, 1, noise=3.0)
    assert manner(rows, targets) == GENERAL_MANNER
    rows, targets = make_lessons(10, 10, 1, noise=3.0)
    assert manner(rows, targets) != GENERAL_MANNER


def test_a_code_that_nobody_taught_is_no_rival(monkeypatch):
    """While its only example is asked it would have odds of its own, better than those of codes that are unsure."""

    def ask_unsurely(_, targets, kept, asked):
        is_taught = (targets[kept] > 0).any(axis=0)
        return np.where(is_taught, np.where(targets[asked] > 0, -1.0, -9.0), 0.0)

    monkeypatch.setattr("pipeline.matching.choosing._ask", ask_unsurely)
    rows, targets = make_lessons(8, 8, 8, *[1] * 12)
    tried = _try_manner(0.0, rows @ rows.T, np.zeros((len(rows), len(rows))), targets)
    assert (tried.n_right, tried.n_asked) == (24, 24)


def test_of_many_examples_some_are_asked(monkeypatch):
    """Each code loses the same share, wherever its examples stand; what is no example stays."""
    rows, targets = make_lessons(60, 30, n_none=5)
    mixed = np.random.default_rng(SEED).permutation(len(rows))
    learned = []

    def fit(kernel, targets):
        learned.append(targets)
        return fit_choice(kernel, targets)

    monkeypatch.setattr("pipeline.matching.choosing.MAX_ASKED", 30)
    monkeypatch.setattr("pipeline.matching.choosing.fit_choice", fit)
    manner(rows[mixed], targets[mixed])
    assert MAX_ASKED > 30
    assert {tuple((one > 0).sum(axis=0).tolist()) for one in learned} <= {(13, 6), (13, 7), (14, 6), (14, 7)}
    assert {int((~(one > 0).any(axis=1)).sum()) for one in learned} == {5}


def test_codes_of_one_example_each_are_no_cause_for_a_warning():
    """More codes than half of the sentences are usual while a taxonomy grows; pytest makes a warning an error."""
    assert np.isfinite(fit_choice(np.eye(40), np.eye(40, dtype=np.float32)).weights).all()


def test_what_is_said_surely_and_rightly_loses_little():
    """The loss of one sentence is minus the logarithm of its own code's share."""
    assert measure_loss(np.array([[2.0, 0.0]]), np.array([[True, False]])) == pytest.approx(
        np.log(1 + np.exp(-2)), abs=1e-6
    )
