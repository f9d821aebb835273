"""Noticing: what people wrote into the taxonomy's file by hand since the last decision, as a decision of its own.

The decisions say what the file said after the last of them, as far as they speak of it; `seen` makes them speak of all.
So no undo overwrites a hand's work, and a screen that was drawn before it is known to be old.

Errors: none of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.decisions import Decision, Fields, make_correction, make_decision

BY_HAND = "file"  # who wrote what stands in the file and in no decision


@dataclass(frozen=True)
class Known:
    """What decisions say that the file says: fields by code, null where empty, and the codes known in every field."""

    fields: Mapping[str, Fields]
    whole: frozenset[str]
    has_seen: bool


def replay(decisions: Sequence[Decision]) -> Known:
    """Read decisions forwards."""
    fields: dict[str, dict[str, Any]] = {}
    whole: set[str] = set()
    for one in decisions:
        for number, after in one.after.items():
            if one.what == "seen" or one.before.get(number) is None:
                whole.add(number)
                fields[number] = {}
            fields.setdefault(number, {}).update(after)
    return Known(fields, frozenset(whole), any(one.what == "seen" for one in decisions))


def notice(decisions: Sequence[Decision], codes: Mapping[str, Fields], now: datetime) -> list[Decision]:
    """Find what the file says otherwise than the decisions: one decision, or none.

    Args:
        decisions: All of them.
        codes: Each code's fields as the file has them, plain.
        now: When it is noticed.
    """
    known = replay(decisions)
    old, new = {}, {}
    for number, said in known.fields.items():
        there = codes.get(number)
        names = {*said, *(there or {})} if number in known.whole else set(said)
        before = {name: said[name] for name in said if said[name] is not None}
        if before and (there or number in known.whole):
            old[number] = before
        if there:
            new[number] = {name: there[name] for name in names if name in there}
    added = {number: fields for number, fields in codes.items() if known.has_seen and number not in known.fields}
    made = make_correction("edit", old, {**new, **added}, who=BY_HAND, now=now)
    return [made] if made.after else []


def keep_seen(decisions: Sequence[Decision], codes: Mapping[str, Fields], now: datetime) -> list[Decision]:
    """Keep, once, the fields of codes that decisions do not know in every field: one decision, or none."""
    known = replay(decisions)
    if known.has_seen:
        return []
    unknown = {number: fields for number, fields in codes.items() if number not in known.whole}
    made = make_decision("seen", {}, unknown, who=BY_HAND, now=now)
    return [Decision(made.decision_id, made.at, made.who, made.what, unknown, unknown)]
