"""Slowing: log-ins that fail make the next ones wait, for an account from one address, for an address, for an account.

A try is counted before its password is looked at, so that many at once are no quicker; a right one forgets the
account's tries from that address. The wait doubles with each and is never a lock: nobody can shut a
curator out for good by guessing.

Errors: none of its own.
"""

import math
from datetime import datetime, timedelta

from django.db.models import Q

from pipeline.curate.web.models import MAX_ADDRESS, MAX_NAME, FailedLogIn

REMEMBERED = timedelta(minutes=15)
# How many may fail before the next one waits, and the longest wait in seconds. An address can be a whole office;
# guesses from many addresses at one account slow its owner too, so that wait stays short.
PAIR_LIMIT, ADDRESS_LIMIT, ACCOUNT_LIMIT = (5, 900), (30, 900), (60, 60)


def find_wait_s(account: str, address: str, now: datetime) -> int:
    """Find how many seconds a log-in must wait; 0 for none."""
    tried = FailedLogIn.objects.filter(at__gt=now - REMEMBERED)
    mine = Q(account=account[:MAX_NAME])
    here = Q(address=address[:MAX_ADDRESS])
    waits = [
        _find_wait_s([row.at for row in tried.filter(which).order_by("at")], *limit, now)
        for which, limit in ((mine & here, PAIR_LIMIT), (here, ADDRESS_LIMIT), (mine, ACCOUNT_LIMIT))
    ]
    return max(waits)


def count_try(account: str, address: str, now: datetime) -> None:
    """Count a try; those that no longer matter are forgotten."""
    FailedLogIn.objects.filter(at__lte=now - REMEMBERED).delete()
    FailedLogIn.objects.create(at=now, account=account[:MAX_NAME], address=address[:MAX_ADDRESS])


def forget_tries(account: str, address: str) -> None:
    """Forget an account's tries from an address, now that it came in."""
    FailedLogIn.objects.filter(account=account[:MAX_NAME], address=address[:MAX_ADDRESS]).delete()


def _find_wait_s(times: list[datetime], limit: int, longest_s: int, now: datetime) -> int:
    over = len(times) - limit
    if over < 0:
        return 0
    until = times[-1] + timedelta(seconds=min(longest_s, 2 ** min(over + 1, 12)))
    return max(0, math.ceil((until - now).total_seconds()))
