"""Agreement: how often people who answered the same calls say the same, and how much of that is more than chance.

The interval is that of the share that disagree (Jeffreys), with what chance would do held fixed, as in Krippendorff's
own bootstrap; kappa's is statsmodels' where there are enough calls for it and some disagree.

Errors: none of its own.
Source: kappa is Cohen's (1960), its interval that of Fleiss, Cohen and Everitt (1969); alpha is Krippendorff's for
names (Content Analysis, 2004), its interval after Hayes and Krippendorff (2007).
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.audit.intervals import Range, find_rate

MIN_CALLS = 30  # with fewer kappa's interval, made for many, says nothing
Ratings = Sequence[Mapping[str, str]]  # a call each: what each person says


def find_kappa(pairs: Sequence[tuple[str, str]]) -> Range | None:
    """Find Cohen's kappa of two people.

    Args:
        pairs: What each of them says, a call each.

    Returns:
        Kappa and its interval; None without calls, or where one answer is all there is.
    """
    from statsmodels.stats.inter_rater import cohens_kappa

    names = sorted({name for pair in pairs for name in pair})
    if len(names) < 2:
        return None
    index = {name: at for at, name in enumerate(names)}
    table = np.zeros((len(names), len(names)))
    for one, other in pairs:
        table[index[one], index[other]] += 1
    n_calls, n_agreed = len(pairs), int(np.trace(table))
    by_chance = float(table.sum(axis=0) @ table.sum(axis=1)) / n_calls**2
    if n_calls >= MIN_CALLS and n_agreed < n_calls:
        with np.errstate(divide="ignore", invalid="ignore"):  # of its z value, which nobody asks for
            rated = cohens_kappa(table)
        return Range(float(rated.kappa), float(rated.kappa_low), float(rated.kappa_upp)).within(-1.0, 1.0)
    return _beyond_chance(n_calls - n_agreed, n_calls, 1 - by_chance)


def find_alpha(ratings: Ratings) -> Range | None:
    """Find Krippendorff's alpha of any number of people, for names; not everyone needs to answer every call.

    Returns:
        Alpha and its interval; None without a call that two people answered, or where one answer is all there is.
    """
    shared = [Counter(one.values()) for one in ratings if len(one) > 1]
    totals: Counter[str] = sum(shared, Counter())
    n_answers = totals.total()
    if len(totals) < 2:
        return None
    disagreed = sum(_count_unlike(one) / (one.total() - 1) for one in shared)
    expected = _count_unlike(totals) / (n_answers - 1)
    return _beyond_chance(disagreed / n_answers * len(shared), len(shared), expected / n_answers)


def _count_unlike(counts: Counter[str]) -> int:
    """Count the ordered pairs of answers that differ."""
    return counts.total() ** 2 - sum(n**2 for n in counts.values())


def _beyond_chance(n_unlike: float, n_calls: int, by_chance: float) -> Range:
    """Say how much less people disagree than by chance: 1 - share that disagree / share that would."""
    unlike = find_rate(n_unlike / n_calls, n_calls)
    less = Range(*(round(1 - one / by_chance, 9) + 0.0 for one in (unlike.value, unlike.high, unlike.low)))
    return less.within(-1.0, 1.0)
