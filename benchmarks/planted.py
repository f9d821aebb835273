"""Planted: what is true of the made-up calls, and what a measure should find because of it."""

import math
from dataclasses import dataclass

N_WEEKS, N_CODES = 52, 40
N_DRAWS = 1_000_003  # values that a drawn number can take; there are never more customers who call again
CALLS_A_CUSTOMER = 3  # in the year
CODE_POWER = 1.6  # a code's weight falls with its number
SECOND_PERCENT = 12  # calls that say a second reason, any code alike


@dataclass(frozen=True)
class Planted:
    """What is true of the made-up calls."""

    slow_code: str = "105"  # its calls take twice as long as all others
    doubled_owner: str = "logistics"  # has twice the calls from week 26 on
    doubled_week: int = 26
    trigger_code: str = "103"  # of its calls this share is followed in one to three days by one about the other
    repeat_code: str = "104"
    repeat_ratio: float = 0.4


def find_code_ratio(code: int) -> float:
    """Say which share of the calls before what is planted is about a code first."""
    at = code - 101
    return float(((at + 1) / N_CODES) ** (1 / CODE_POWER) - (at / N_CODES) ** (1 / CODE_POWER))


def find_doubled_ratio() -> float:
    """Say how many calls come twice for each before what is planted: those of the doubled owner, every fifth code."""
    owned = sum(find_code_ratio(code) for code in range(101, 101 + N_CODES) if code % 5 == 0)
    return owned * (1 - Planted.doubled_week / N_WEEKS)


def find_calls_a_base() -> float:
    """Say how many calls there are for each before what is planted."""
    return 1 + find_doubled_ratio() + Planted.repeat_ratio * find_code_ratio(int(Planted.trigger_code))


def expect_returns(n_calls: int, window_days: float) -> float:
    """Work out how many more of the trigger's calls than of another code's come back about another reason, as a share.

    A call that states the trigger first is followed with the planted ratio r; a customer who calls all the same, by
    chance, comes back within the window with b, and is in the share of every code. Of calls followed either way,
    r + (1 - r) b, only r (1 - b) is more than usual. Calls that name the trigger second are not followed: what they
    leave of it is t.

        b = 1 - exp(-calls of the customer a day x window)    calls of independent callers are a Poisson process
        t = p / (p + s (1 + d - p))    p: share that states the code first, s: share that states it second,
                                       d: calls that come twice, whose customers call once
        expected = t r (1 - b)

    Left out, together below half a point: customers who call once or about the same reason again.

    Args:
        n_calls: All calls.
        window_days: Days within which a call is a repeat.
    """
    first, ratio = find_code_ratio(int(Planted.trigger_code)), Planted.repeat_ratio
    n_base = n_calls / find_calls_a_base()
    n_customers = min(n_base / CALLS_A_CUSTOMER, N_DRAWS)
    calls_a_day = n_base * (1 + ratio * first) / n_customers / (7 * N_WEEKS)
    by_chance = 1 - math.exp(-calls_a_day * window_days)
    second = SECOND_PERCENT / 100 / N_CODES * (1 + find_doubled_ratio() - first)
    return first / (first + second) * ratio * (1 - by_chance)
