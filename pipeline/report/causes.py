"""Causes: why a figure that was reported is another one now, as far as two records and the curators' decisions tell.

Errors: none of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.decisions import Move
from pipeline.words import Words

PRESENTATION = frozenset({"priced"})  # changes that move no call
NAMES = ("name_en", "name_zh")  # what a code is called teaches too, in either language
CHANGES = ("taxonomy", "encoder", "settings")  # columns of a record that say what changed

Row = Mapping[str, Any]
Key = tuple[str, str]


@dataclass(frozen=True)
class Cause:
    """Why a figure changed: a key of `restated.why`, and the codes or the earlier name that it speaks of."""

    what: str
    about: tuple[str, ...] = ()


def find_key(row: Row) -> Key:
    """Identify a reason: its kind and id."""
    return row["reason_kind"], row["reason_id"]


class Explanation:
    """What is known of why figures changed between two records."""

    def __init__(self, was: Sequence[Row], now: Sequence[Row], moves: Sequence[Move], language: str) -> None:
        self.was, self.now = ({find_key(row): row for row in rows if row["period"] == "all"} for rows in (was, now))
        self.moves, self.language = moves, language
        self.kept_codes = " " in now[0]["coded_with"]
        self.changed = tuple(name for name in CHANGES if was[0][name] != now[0][name]) or ("program",)
        codes = [key for key in self.was.keys() | self.now.keys() if key[0] == "code"]
        self.is_recoded = any({one.what for one in self._find_own(key)} - PRESENTATION for key in codes)

    def explain(self, key: Key, *, is_recounted: bool, is_grown: bool) -> tuple[Cause, ...]:
        """Say why a reason's figures changed.

        Args:
            key: Its kind and id.
            is_recounted: Its calls changed, not its cost alone.
            is_grown: More or fewer calls were counted in the period.
        """
        own = self._find_own(key)
        causes = list(own)
        if not {cause.what for cause in own} - PRESENTATION:
            causes += [Cause("others")] if self.is_recoded and is_recounted and not self.kept_codes else []
        causes += [Cause(name) for name in self.changed if name != "taxonomy"]
        causes += [Cause("calls")] if is_grown else []
        return tuple(causes) or (Cause("facts"),)

    def _find_own(self, key: Key) -> tuple[Cause, ...]:
        was, now = self.was.get(key), self.now.get(key)
        if key[0] == "candidate":
            return (Cause("found"),) if was is None else (Cause("lost"),) if now is None else ()
        if key[0] != "code":
            return ()
        if was is None or now is None:
            return (Cause("added" if was is None else "deleted"), *self._find_moved(key[1]))
        if bool(was["status"]) != bool(now["status"]):  # calls can keep a code that the file lacks
            return (Cause("added" if now["status"] else "deleted"), *self._find_moved(key[1]))
        return (*_compare_states(was, now), *self._find_taken(key[1]), *self._find_texts(key[1], was, now))

    def _find_taken(self, number: str) -> list[Cause]:
        taken = [
            key[1]
            for key, row in self.now.items()
            if row["merged_into"] == number and (self.was.get(key) or {}).get("merged_into") != number
        ]
        return [Cause("took_in", tuple(sorted(taken)))] if taken else []

    def _find_texts(self, number: str, was: Row, now: Row) -> list[Cause]:
        moved = self._find_moved(number)
        renamed = [one for one in sorted(NAMES, key=lambda one: one != f"name_{self.language}") if was[one] != now[one]]
        edited = not moved and was["examples_id"] != now["examples_id"]
        return [
            *moved,
            *([Cause("examples")] if edited else []),
            *([Cause("priced")] if was["unit_cost"] != now["unit_cost"] else []),
            *([Cause("renamed", (was[renamed[0]],))] if renamed else []),
        ]

    def _find_moved(self, number: str) -> list[Cause]:
        came = sorted({move.from_code for move in self.moves if move.to_code == number})
        went = sorted({move.to_code for move in self.moves if move.from_code == number})
        return [
            *([Cause("moved_here", tuple(came))] if came else []),
            *([Cause("moved_away", tuple(went))] if went else []),
        ]


def _compare_states(was: Row, now: Row) -> list[Cause]:
    if now["merged_into"] and now["merged_into"] != was["merged_into"]:
        return [Cause("merged", (now["merged_into"],))]
    if was["merged_into"] != now["merged_into"] or (was["status"], now["status"]) == ("retired", "active"):
        return [Cause("reinstated")]
    return [Cause("retired")] if was["status"] != now["status"] else []


def describe_causes(causes: Sequence[Cause], words: Words) -> str:
    """Say in words why a figure changed."""
    said = [words(f"restated.why.{one.what}", about=words("format.comma").join(one.about)) for one in causes]
    return words("format.causes.and").join(said)
