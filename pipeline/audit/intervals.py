"""Intervals: how far a rate among audited calls may be from that of all, and what sums and ratios of rates come to.

Errors: ValueError for a rate or a number of calls that there cannot be.
Source: Jeffreys' interval as Brown, Cai and DasGupta (2001) recommend it; sums and products by MOVER, Zou and Donner
(2008), ratios by Donner and Zou (2012); the number of calls that unequal chances are worth, Kish (1965).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Z = 1.959964  # 95 %


@dataclass(frozen=True)
class Range:
    """An estimate and its 95 % interval."""

    value: float
    low: float
    high: float

    def times(self, factor: float) -> "Range":
        """Multiply by a known number that is not negative."""
        return Range(self.value * factor, self.low * factor, self.high * factor)

    def within(self, least: float, most: float) -> "Range":
        """Keep all three between what is known to be least and most."""
        return Range(*(min(max(one, least), most) for one in (self.value, self.low, self.high)))


def find_worth(weights: Floats) -> float:
    """Find how many calls drawn alike from endless ones an audited group is worth.

    (Σw)² / Σw(w - 1): for n of N calls drawn alike n / (1 - n/N), without end where all were drawn.

    Args:
        weights: 1 / chance of each audited call, at least 1.
    """
    spread = float((weights * (weights - 1.0)).sum())
    return float(weights.sum()) ** 2 / spread if spread > 0 else math.inf


def find_rate(rate: float, worth: float) -> Range:
    """Find the interval of a rate.

    Args:
        rate: As audited, 0 to 1.
        worth: How many calls it rests on; without end where all were audited, 0 where none was.

    Raises:
        ValueError: The rate is not within 0 and 1.
    """
    from scipy.stats import beta

    if not 0 <= rate <= 1 or worth < 0:
        raise ValueError(f"should be a rate of some calls, got {rate} of {worth}")
    if math.isinf(worth):
        return Range(rate, rate, rate)
    if worth == 0:
        return Range(rate, 0.0, 1.0)
    hits, misses = rate * worth + 0.5, (1 - rate) * worth + 0.5
    low = float(beta.ppf(0.025, hits, misses)) if rate > 0 else 0.0
    high = float(beta.ppf(0.975, hits, misses)) if rate < 1 else 1.0
    return Range(rate, min(low, rate), max(high, rate))


def add_up(parts: Iterable[Range]) -> Range:
    """Add independent estimates: distances from the value add up as their squares."""
    parts = list(parts)
    value = sum(part.value for part in parts)
    below = math.sqrt(sum((part.value - part.low) ** 2 for part in parts))
    above = math.sqrt(sum((part.high - part.value) ** 2 for part in parts))
    return Range(value, value - below, value + above)


def divide(above: Range, below: Range) -> Range | None:
    """Divide one independent estimate by another; None where the lower one may well be nothing."""
    if below.value <= 0 or below.low <= 0:
        return None
    a, b = above, below
    ab = a.value * b.value
    low_root = max(0.0, ab**2 - a.low * b.high * (2 * a.value - a.low) * (2 * b.value - b.high))
    high_root = max(0.0, ab**2 - a.high * b.low * (2 * a.value - a.high) * (2 * b.value - b.low))
    low_denominator, high_denominator = b.high * (2 * b.value - b.high), b.low * (2 * b.value - b.low)
    low = (ab - math.sqrt(low_root)) / low_denominator if low_denominator > 0 else 0.0
    high = (ab + math.sqrt(high_root)) / high_denominator
    return Range(a.value / b.value, max(0.0, low), high)
