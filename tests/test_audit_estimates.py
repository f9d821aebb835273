"""Estimates: worked by hand on a hundred calls, beside statsmodels, and in worlds whose truth is known."""

import math

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from benchmarks.audited_worlds import describe, find_coverage, find_width, try_worlds
from pipeline.audit.estimates import Amounts, Audited, Counted, estimate_reason, estimate_share
from pipeline.audit.intervals import Range, add_up, divide, find_rate, find_worth

ALIKE = Amounts(10.0, 0.0)
MISSED = Amounts(12.0, 0.0)


def audit(given, true, *, weights, cost_given=10.0, cost_true=10.0, strata=None):
    """Audit calls whose reason costs the same wherever it is given, and wherever it is true."""
    given, true = np.array(given, bool), np.array(true, bool)
    strata = np.zeros(len(given), int) if strata is None else np.array(strata)
    return Audited(np.array(weights, float), strata, given, true, given * cost_given, true * cost_true)


def test_a_count_and_its_cost_are_corrected():
    """100 calls; the machine gives 20 of them the reason, at 10 each. Audited: 10 of the 20, 20 of the 80.

    8 of the 10 are right: 16 of 20, 4 too many. 1 of the 20 was missed: 4 of 80. So 20 calls, 16 of which the machine
    found: precision 0.8, recall 0.8. Cost: 200 - 4 x 10 + 4 x 12 = 208, since a missed call costs 12.
    """
    given = [True] * 10 + [False] * 20
    true = [True] * 8 + [False] * 2 + [True] + [False] * 19
    costs = np.where(given, 10.0, 12.0)
    audited = audit(given, true, weights=[2] * 10 + [4] * 20, strata=given, cost_true=costs)
    found = estimate_reason(Counted(100, 20, 200.0, ALIKE, MISSED), audited)
    assert found.n_calls.value == pytest.approx(20)
    assert found.precision.value == pytest.approx(0.8)
    assert found.recall.value == pytest.approx(16 / 20)
    assert found.cost.value == pytest.approx(208)
    # Each call beside the other nine and one with the rate of all: right ones 1 - 7.8/10, wrong ones 8.8/10 off. Their
    # variance is 2 (8 x 0.0484 + 2 x 0.7744) / 20^2, so that the rate is worth 0.16 / 0.00968 calls.
    worth = 0.16 / (2 * (8 * 0.22**2 + 2 * 0.88**2) / 20**2)
    low, high = proportion_confint(0.8 * worth, worth, method="jeffreys")
    assert (found.precision.low, found.precision.high) == pytest.approx((low, high))
    # One missed call says little of how sure its rate is: 20 of 80 are worth 20 / (1 - 20/80) = 26.7 calls, and what
    # one call of weight 4 shows is less: 4 x 3 x (0.95^2 + 19 x 0.0525^2) / 80^2 gives 26.3.
    seen = 0.0475 / (12 * ((1 - 0.05 / 20) ** 2 + 19 * (1.05 / 20) ** 2) / 80**2)
    missed = find_rate(0.05, min(80 / 3, seen))
    below = math.hypot(20 * (0.8 - low), 80 * (0.05 - missed.low))
    assert found.n_calls.low == pytest.approx(max(9, 20 - below))  # nine are known to have it
    assert found.n_calls.high == pytest.approx(20 + math.hypot(20 * (high - 0.8), 80 * (missed.high - 0.05)))


def test_audited_calls_alone_settle_everything():
    """Where every call was audited there is nothing left to be unsure of."""
    found = estimate_reason(
        Counted(4, 2, 20.0, ALIKE, MISSED), audit([1, 1, 0, 0], [1, 0, 1, 1], weights=[1] * 4, cost_true=10.0)
    )
    assert found.n_calls == Range(3.0, 3.0, 3.0)
    assert found.precision == Range(0.5, 0.5, 0.5)
    assert found.recall.value == pytest.approx(1 / 3)


def test_a_reason_never_found_may_still_be_there():
    """No call of 50 drawn from 1,000 has it: none is the estimate, Jeffreys' limit of none the interval's end."""
    audited = audit([False] * 50, [False] * 50, weights=[20] * 50)
    found = estimate_reason(Counted(1000, 0, 0.0, ALIKE, MISSED), audited)
    _, high = proportion_confint(0, 50 / 0.95, method="jeffreys")
    assert (found.n_calls.value, found.n_calls.low) == (0, 0)
    assert found.n_calls.high == pytest.approx(1000 * high)
    assert found.cost.high == pytest.approx(12 * 1000 * high)
    assert (found.precision, found.recall) == (None, None)


def test_a_reason_of_which_nothing_was_audited_takes_the_usual_precision():
    """Its calls may all be right, or none of them."""
    audited = audit([False] * 50, [False] * 50, weights=[20] * 50)
    found = estimate_reason(Counted(1050, 50, 500.0, ALIKE, MISSED), audited, usual_precision=0.9)
    assert found.n_calls.value == pytest.approx(45)
    assert (found.n_calls.low, found.precision) == (0, None)
    assert found.n_calls.high > 50


def test_right_calls_with_other_reasons_beside_cost_otherwise():
    """The machine charges a right call 10, people 5, since the customer gave two reasons: 20 calls cost 100."""
    audited = audit([True] * 10, [True] * 10, weights=[2] * 10, cost_true=5.0)
    found = estimate_reason(Counted(20, 20, 200.0, ALIKE, MISSED), audited)
    assert found.cost.value == pytest.approx(100)


def test_a_hit_counts_for_the_calls_it_stands_for():
    """One of two calls drawn by chance 1/9 and 1: it stands for 9 of 10."""
    assert estimate_share(np.array([9.0, 1.0]), np.zeros(2, int), np.array([True, False])).value == pytest.approx(0.9)


def test_unequal_weights_are_worth_less():
    """20 of 100 drawn alike are worth 20 / 0.8 calls; with half of the weights tripled fewer; all of all, all."""
    assert find_worth(np.full(20, 5.0)) == pytest.approx(25)
    assert find_worth(np.array([5.0, 15.0] * 10)) == pytest.approx(200**2 / (10 * 20 + 10 * 210))
    assert math.isinf(find_worth(np.ones(7)))


@pytest.mark.parametrize(("hits", "n_calls"), [(0, 12), (1, 12), (6, 12), (12, 12)])
def test_the_interval_of_a_rate_is_that_of_jeffreys(hits, n_calls):
    """As statsmodels has it, but that none and all reach the end."""
    low, high = proportion_confint(hits, n_calls, method="jeffreys")
    expected = (0.0 if hits == 0 else low, 1.0 if hits == n_calls else high)
    found = find_rate(hits / n_calls, n_calls)
    assert (found.low, found.high) == pytest.approx(expected)


def test_distances_add_up_as_squares():
    """3 and 4 make 5, on each side by itself."""
    assert add_up([Range(10, 7, 16), Range(20, 16, 28)]) == Range(30, 25, 40)


def test_a_ratio_lies_between_its_own_ends():
    """Two certain numbers divide as they are; an uncertain one opens both sides; nothing divides by nothing."""
    assert divide(Range(6, 6, 6), Range(3, 3, 3)) == Range(2, 2, 2)
    found = divide(Range(10, 6, 16), Range(100, 80, 115))
    assert 6 / 115 < found.low < 0.1 < found.high < 16 / 80
    assert divide(Range(1, 0, 2), Range(0, 0, 4)) is None


def test_intervals_hold_the_truth_as_often_as_they_say():
    """In 60 made-up worlds; `python -m benchmarks.audited_worlds` tries 1,000 and holds them to 93 to 97 %."""
    trials = try_worlds(60, seed=11)
    shown = "\n".join(describe(trials))
    assert 0.92 <= find_coverage(trials) <= 0.98, shown
    assert 0.92 <= find_coverage(trials, "cost", "cost_true") <= 0.985, shown
    assert find_width(trials, "audited") < 0.8 * min(find_width(trials, "alone"), find_width(trials, "alike")), shown
    errors = [(one.audited.value - one.n_true) / one.n_world for one in trials]
    assert abs(np.mean(errors)) < 0.001, shown
