"""Precision: how narrowly a number of calls that were listened to pins down a reason's share.

Errors: ValueError for a share or a number of calls that there cannot be.
Source: Wilson (1927), Probable inference, the law of succession, and statistical inference; by statsmodels.
"""

from dataclasses import dataclass

HOURS_SHOWN = (1.0, 2.0, 4.0, 8.0, 16.0, 40.0)
SHARES_SHOWN = (0.05, 0.1, 0.3)


@dataclass(frozen=True)
class Interval:
    """The 95 % interval of a share, 0 to 1."""

    low_ratio: float
    high_ratio: float


@dataclass(frozen=True)
class HoursRow:
    """What a number of hours gives: calls, and the interval of each of `SHARES_SHOWN`."""

    hours: float
    n_calls: int
    intervals: tuple[Interval, ...]


def find_interval(share_ratio: float, n_calls: int) -> Interval:
    """Find the 95 % interval of a share that was found among so many calls.

    Raises:
        ValueError: There is no call, or the share is not within 0 to 1.
    """
    from statsmodels.stats.proportion import proportion_confint

    if n_calls < 1 or not 0 <= share_ratio <= 1:
        raise ValueError(f"should be a share of at least one call, got {share_ratio} of {n_calls}")
    low, high = proportion_confint(share_ratio * n_calls, n_calls, alpha=0.05, method="wilson")
    return Interval(float(low), float(high))


def list_hours(mean_duration_s: float, *, hours: float) -> tuple[HoursRow, ...]:
    """List what hours of listening give, the hours chosen among them.

    Args:
        mean_duration_s: Mean length of a call, above 0.
        hours: The hours chosen.
    """
    made = []
    for shown in sorted({*HOURS_SHOWN, hours}):
        n_calls = int(shown * 3600 / mean_duration_s)
        if n_calls:
            made.append(HoursRow(shown, n_calls, tuple(find_interval(share, n_calls) for share in SHARES_SHOWN)))
    return tuple(made)
