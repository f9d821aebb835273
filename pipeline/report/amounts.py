"""Amounts: how many digits they need, so that small ones add up before the reader's eyes.

Errors: none of its own.
"""

SMALL_COST, SMALL_HOURS = 1000.0, 10.0


def count_money_digits(cost: float) -> int:
    """Say how many digits amounts need, by what all calls cost together."""
    return 2 if cost < SMALL_COST else 0


def count_hour_digits(hours: float) -> int:
    """Likewise for hours."""
    return 2 if hours < SMALL_HOURS else 1
