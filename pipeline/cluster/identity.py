"""Identity: which of today's clusters is which of the last run's candidates.

A candidate lives on in the cluster that takes at least half of its calls. A cluster that succeeds to none is new, a
candidate that none succeeds is gone.

Errors: none of its own.
"""

import hashlib
from collections.abc import Mapping, Set

from pipeline.candidates import Member

MIN_KEPT_RATIO = 0.5


def match_candidates(
    before: Mapping[str, Set[Member]], now: Mapping[int, Set[Member]], *, prefix: str = "c"
) -> dict[int, str]:
    """Give each of today's clusters its candidate's id: an old one where it succeeds to one, else a new one.

    Args:
        before: The members that each candidate had.
        now: The members of each cluster, by label.
        prefix: What new ids begin with.

    Returns:
        An id for every label of `now`, no two the same.
    """
    kept = sorted(
        (
            (_count_calls(old & members), _count_calls(members), candidate_id, label)
            for candidate_id, old in before.items()
            for label, members in now.items()
            if _is_successor(old, members)
        ),
        key=lambda one: (-one[0], -one[1], one[2], one[3]),
    )
    ids: dict[int, str] = {}
    for _, _, candidate_id, label in kept:
        if label not in ids and candidate_id not in ids.values():
            ids[label] = candidate_id
    for label in sorted(now.keys() - ids.keys(), key=lambda one: sorted(now[one])):
        ids[label] = _make_id(now[label], prefix, before.keys() | set(ids.values()))
    return ids


def _is_successor(old: Set[Member], members: Set[Member]) -> bool:
    return _count_calls(old & members) >= MIN_KEPT_RATIO * _count_calls(old) > 0


def _count_calls(members: Set[Member]) -> int:
    return len({call_id for call_id, _ in members})


def _make_id(members: Set[Member], prefix: str, taken: Set[str]) -> str:
    """Make an opaque id from the first members, so that the same clusters get the same ids on any machine."""
    told = repr(sorted(members))
    for attempt in range(len(taken) + 1):
        made = f"{prefix}-{hashlib.sha256(f'{attempt} {told}'.encode()).hexdigest()[:8]}"
        if made not in taken:
            return made
    raise ValueError("every id is taken")
