"""Estimates: a reason's count and cost corrected by audited calls, with 95 % intervals, and how good its code is.

The machine's answer is known for every call, the true one for the audited. So calls are parted into those that the
machine gave the reason and all others: the first are too many by those that were wrong, the others too few by those
that were missed. Each part has its own rate and interval; both add up to the reason's.

Errors: none of its own.
Source: difference and post-stratified estimators, Särndal, Swensson and Wretman (1992), lately known as
prediction-powered inference, Angelopoulos and others (2023); intervals as in `intervals`.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.audit.intervals import Floats, Range, Z, add_up, divide, find_rate, find_worth

Flags = NDArray[np.bool_]
MIN_HITS = 2  # with fewer, their own weights say too little of how sure a rate is


@dataclass(frozen=True)
class Amounts:
    """What calls of a part cost each: mean and standard deviation over all of them."""

    mean: float
    deviation: float


@dataclass(frozen=True)
class Counted:
    """What the machine says of all calls.

    `n_given` calls have the reason, at `cost_given` together and `given` each; `others` is what each other call would
    cost if it had the reason too.
    """

    n_calls: int
    n_given: int
    cost_given: float
    given: Amounts
    others: Amounts


@dataclass(frozen=True)
class Audited:
    """The audited calls, n of them, each array of shape (n,).

    `weights` are 1 / chance; `is_given` and `is_true` say whether the machine and people give the call the reason;
    `cost_given` and `cost_true` what it costs then, 0 without it.
    """

    weights: Floats
    strata: NDArray[np.int64]
    is_given: Flags
    is_true: Flags
    cost_given: Floats
    cost_true: Floats


@dataclass(frozen=True)
class Estimate:
    """One reason, corrected; precision and recall are null where nothing can be said of them."""

    n_calls: Range
    cost: Range
    precision: Range | None
    recall: Range | None


def estimate_reason(counted: Counted, audited: Audited, *, usual_precision: float = 1.0) -> Estimate:
    """Correct a reason's count and cost.

    Args:
        counted: What the machine says of all calls.
        audited: The audited calls, at least one.
        usual_precision: What stands in for the reason's precision where none of its calls was audited.
    """
    given, true = audited.is_given, audited.is_true
    n_others = counted.n_calls - counted.n_given
    right = _rate_part(audited, given, true, default=usual_precision)
    missed = _rate_part(audited, ~given, true, default=0.0)
    found, missing = right.times(counted.n_given), missed.times(n_others)
    n_calls = add_up([found, missing]).within(int(true.sum()), counted.n_calls - int((~true).sum()))
    cost = add_up(_estimate_cost(counted, audited, right, missed)).within(float(audited.cost_true.sum()), math.inf)
    precision = right if counted.n_given and given.any() else None
    return Estimate(n_calls, cost, precision, _find_recall(found, missing) if precision else None)


def estimate_share(weights: Floats, strata: NDArray[np.int64], hits: Flags) -> Range:
    """Estimate the share of all calls that audited ones stand for.

    Args:
        weights: 1 / chance of each, shape (n,).
        strata: The stratum of each, shape (n,).
        hits: Which of them count, shape (n,).

    Returns:
        The share; its interval is 0 to 1 where nothing was audited.
    """
    if not len(weights):
        return find_rate(0.0, 0.0)
    rate = min(1.0, float(weights[hits].sum() / weights.sum()))
    return find_rate(rate, _find_worth(weights, strata, hits, rate))


def _rate_part(audited: Audited, part: Flags, hits: Flags, *, default: float) -> Range:
    if not part.any():
        return find_rate(default, 0.0)
    return estimate_share(audited.weights[part], audited.strata[part], hits[part])


def _find_worth(weights: Floats, strata: NDArray[np.int64], hits: Flags, rate: float) -> float:
    """Find how many calls drawn alike a rate rests on: what it scatters by, where enough hits say so."""
    worth = find_worth(weights)
    if not 0 < rate < 1:
        return worth
    variance = float((weights * (weights - 1) * _find_residuals(hits, strata, rate) ** 2).sum() / weights.sum() ** 2)
    seen = rate * (1 - rate) / variance if variance > 0 else math.inf
    n_rarer = min(int(hits.sum()), int((~hits).sum()))
    return seen if n_rarer >= MIN_HITS else min(worth, seen)


def _find_residuals(hits: Flags, strata: NDArray[np.int64], rate: float) -> Floats:
    """Find how far each call is from the others of its stratum, among which one more stands with the rate of all."""
    _, index = np.unique(strata, return_inverse=True)
    values = hits.astype(np.float64)
    sums, counts = np.bincount(index, weights=values)[index], np.bincount(index)[index]
    residuals: Floats = values - (sums - values + rate) / counts
    return residuals


def _estimate_cost(counted: Counted, audited: Audited, right: Range, missed: Range) -> list[Range]:
    """Estimate the cost of the calls kept, of those missed, and what people charge otherwise."""
    given, true = audited.is_given, audited.is_true
    wrong = Range(1 - right.value, 1 - right.high, 1 - right.low)
    too_many = _price(wrong.times(counted.n_given), audited, given & ~true, audited.cost_given, counted.given)
    missing = _price(
        missed.times(counted.n_calls - counted.n_given), audited, ~given & true, audited.cost_true, counted.others
    )
    kept = Range(
        counted.cost_given - too_many.value, counted.cost_given - too_many.high, counted.cost_given - too_many.low
    )
    return [kept, missing, _find_shift(counted, audited)]


def _price(n_calls: Range, audited: Audited, hits: Flags, costs: Floats, usual: Amounts) -> Range:
    """Multiply a number of calls by what those found cost each, or by what is usual where none was found."""
    weights = audited.weights[hits]
    if not len(weights):
        return n_calls.times(usual.mean)
    mean = float((weights * costs[hits]).sum() / weights.sum())
    spread = Z * usual.deviation * math.sqrt(float((weights**2).sum())) / float(weights.sum())
    by_mean = Range(n_calls.value * mean, n_calls.value * (mean - spread), n_calls.value * (mean + spread))
    by_count = Range(0.0, *((one - n_calls.value) * mean for one in (n_calls.low, n_calls.high)))
    return add_up([by_mean, by_count])


def _find_shift(counted: Counted, audited: Audited) -> Range:
    """Find what rightly given calls cost more, or less, because people name other reasons beside."""
    given = audited.is_given
    weights = audited.weights[given]
    shifts = np.where(audited.is_true, audited.cost_true - audited.cost_given, 0.0)[given]
    if not shifts.any():
        return Range(0.0, 0.0, 0.0)
    mean = float((weights * shifts).sum() / weights.sum())
    error = Z * math.sqrt(float((weights * (weights - 1) * (shifts - mean) ** 2).sum())) / float(weights.sum())
    return Range(mean, mean - error, mean + error).times(counted.n_given)


def _find_recall(found: Range, missing: Range) -> Range | None:
    """Find which share of a reason's calls the machine found: 1 / (1 + missing / found)."""
    ratio = divide(missing, found)
    if ratio is None:
        return None
    return Range(*(1 / (1 + one) for one in (ratio.value, ratio.high, ratio.low)))
