"""Chances: how likely each call is to be drawn, and a draw that keeps exactly these chances.

A group's part of the sample grows with its calls to the power of 0.75, so that rare codes are heard too; a doubtful
call is twice as likely to be drawn as another of its group.

Errors: ValueError for chances that there cannot be.
Source: power allocation, Bankier (1988); systematic drawing with unequal chances, Madow (1949).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]

POWER = 0.75  # 1 would draw every call alike, 0 as many of each group
DOUBT_FACTOR = 2.0  # how much likelier a doubtful call is drawn than another of its group


def find_chances(groups: Positions, doubtful: NDArray[np.bool_], n_calls: int) -> Floats:
    """Find each call's chance of being drawn.

    Args:
        groups: The number of each call's group, shape (n,).
        doubtful: Whether its code is in doubt, shape (n,).
        n_calls: How many to draw.

    Returns:
        Shape (n,), above 0 and at most 1; they add up to `n_calls`, or to n where there are no more calls.
    """
    _, index, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    wanted = sizes[index] ** (POWER - 1.0) * np.where(doubtful, DOUBT_FACTOR, 1.0)
    chances = np.zeros(len(wanted))
    while n_calls < len(wanted):
        is_open = chances < 1.0
        chances[is_open] = wanted[is_open] * (n_calls - (~is_open).sum()) / wanted[is_open].sum()
        if chances.max() <= 1.0:
            return chances
        chances = np.minimum(chances, 1.0)
    return np.ones(len(wanted))


def draw_calls(chances: Floats, start: float) -> Positions:
    """Draw calls along a line on which each is as long as its chance, at every whole step from a start.

    Calls that stand together are spread over the sample, so whatever they are sorted by is in it in proportion.

    Args:
        chances: Shape (n,), 0 to 1.
        start: Where to begin, 0 to 1, drawn by chance.

    Returns:
        Positions of the calls drawn, in order, each once.

    Raises:
        ValueError: A chance or the start is not within 0 and 1.
    """
    if not 0 <= start < 1 or chances.min(initial=0.0) < 0 or chances.max(initial=0.0) > 1:
        raise ValueError("chances and start should be within 0 and 1")
    ends = np.cumsum(chances)
    steps = start + np.arange(round(chances.sum()))
    positions: Positions = np.searchsorted(ends, steps, side="right").astype(np.int64)
    return positions[positions < len(chances)]
