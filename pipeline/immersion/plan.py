"""Plan: which calls to listen to in the hours there are.

First a call of each reason, new and dear reasons before the others; then the doubtful calls, up to their share of the
hours; then a second call of each reason; then every reason by its share of the pool, as Sainte-Laguë seats parties. No
call stands there twice. A call that is longer than the time left is passed over, and so is one whose recording is gone,
which is said.

Errors: InputError for hours or a share that there cannot be, and when no call can be listened to.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from pipeline.config import Project
from pipeline.errors import InputError
from pipeline.immersion.piles import DOUBTS, HeardCall, Pile, Piles, read_piles
from pipeline.immersion.precision import HoursRow, Interval, find_interval, list_hours
from pipeline.report import Reason
from pipeline.report.reasons import list_reasons, read_reason_rows
from pipeline.report.recordings import Recording, find_recordings

N_DEAR = 5  # reasons that count as dear


@dataclass(frozen=True)
class PlannedCall:
    """One call to listen to; `why` is new, dear, each, undecided, low_margin, none_of_these or share.

    `anchor` is the reason for whose sake it was chosen, empty for a doubtful one.
    """

    call: HeardCall
    why: str
    anchor: str
    recordings: tuple[Recording, ...]


@dataclass(frozen=True)
class PlannedReason:
    """One reason: how many of the pool's calls have it, how many of the plan's, and how sure its share is."""

    reason: Reason
    n_pool: int
    share_ratio: float
    n_planned: int
    interval: Interval | None


@dataclass(frozen=True)
class Plan:
    """A plan for some hours; `gone` are calls passed over because their recording is no longer there."""

    hours: float
    seed: int
    calls: tuple[PlannedCall, ...]
    gone: tuple[HeardCall, ...]
    reasons: tuple[PlannedReason, ...]
    names: Mapping[str, Reason]
    hours_rows: tuple[HoursRow, ...]
    mean_duration_s: float
    n_weeks: int

    @property
    def seconds(self) -> float:
        """How long the calls are together."""
        return sum(one.call.duration_s for one in self.calls)


@dataclass
class _Chooser:
    """What was chosen so far and how many seconds are left."""

    root: Path
    left_s: float
    chosen: dict[str, PlannedCall] = field(default_factory=dict)
    gone: dict[str, HeardCall] = field(default_factory=dict)
    n_taken: Counter[str] = field(default_factory=Counter)
    n_seen: Counter[str] = field(default_factory=Counter)  # by pile: how far down it was gone through

    def take(self, pile: Pile, why: str, *, anchor: str = "", limit_s: float | None = None) -> float:
        """Take the pile's next call that can be taken, and say how long it is; 0 when there is none."""
        limit_s = self.left_s if limit_s is None else min(limit_s, self.left_s)
        name = anchor or why
        while self.n_seen[name] < len(pile.calls):
            call = pile.calls[self.n_seen[name]]
            self.n_seen[name] += 1
            if call.call_id in self.chosen or call.call_id in self.gone or call.duration_s > limit_s:
                continue
            recordings = find_recordings(call.call_id, call.sources, self.root)
            if not recordings:
                self.gone[call.call_id] = call
                continue
            self.chosen[call.call_id] = PlannedCall(call, why, anchor, recordings)
            self.left_s -= call.duration_s
            self.n_taken.update(call.anchors)
            return call.duration_s
        return 0.0


def make_plan(project: Project, *, hours: float, uncertain_ratio: float, seed: int) -> Plan:
    """Choose the calls to listen to.

    Args:
        project: Measure has run in it.
        hours: Hours of recordings to choose, above 0.
        uncertain_ratio: Share of the hours for calls whose code is in doubt, 0 to 1.
        seed: Draws the calls of a week; the same seed draws the same ones.

    Raises:
        InputError: The hours or the share cannot be, or there is no recording to listen to.
        MissingTableError: Measure has not run.
    """
    if hours <= 0 or not 0 <= uncertain_ratio <= 1:
        raise InputError(f"--hours should be above 0 and --uncertain 0 to 1, got {hours:g} and {uncertain_ratio:g}.")
    piles = read_piles(project, seconds=hours * 3600, seed=seed)
    if not piles.n_calls:
        raise InputError("No call with a recording has been listened to yet. Run `callreasons run` first.")
    reasons = list_reasons(read_reason_rows(project.store), project.settings.report.language)
    names = {one.anchor: one for one in reasons}
    chooser = _Chooser(project.root, hours * 3600)
    _take_floor(chooser, piles.reasons, names, n_calls=1)
    _take_doubtful(chooser, piles.doubts, uncertain_ratio * hours * 3600)
    _take_floor(chooser, piles.reasons, names, n_calls=2)
    _take_shares(chooser, piles.reasons)
    return Plan(
        hours=hours,
        seed=seed,
        calls=tuple(chooser.chosen.values()),
        gone=tuple(chooser.gone.values()),
        reasons=_sum_up(piles, chooser, names),
        names=names,
        hours_rows=list_hours(piles.mean_duration_s, hours=hours),
        mean_duration_s=piles.mean_duration_s,
        n_weeks=piles.n_weeks,
    )


def _take_floor(chooser: _Chooser, piles: Mapping[str, Pile], names: Mapping[str, Reason], *, n_calls: int) -> None:
    """Take a call of each reason that has fewer than so many."""
    dearest = sorted(piles, key=lambda anchor: (-names[anchor].cost, anchor))
    for anchor in sorted(dearest, key=lambda anchor: not piles[anchor].is_new):
        why = "new" if piles[anchor].is_new else "dear" if anchor in dearest[:N_DEAR] else "each"
        if chooser.n_taken[anchor] < n_calls:
            chooser.take(piles[anchor], why, anchor=anchor)


def _take_doubtful(chooser: _Chooser, piles: Mapping[str, Pile], seconds: float) -> None:
    """Take doubtful calls, one of each kind in turn, until their time is used up."""
    left = [kind for kind in DOUBTS if kind in piles]
    for kind in cycle(DOUBTS):
        if not left:
            return
        if kind in left:
            taken_s = chooser.take(piles[kind], kind, limit_s=seconds)
            seconds -= taken_s
            if not taken_s:
                left.remove(kind)


def _take_shares(chooser: _Chooser, piles: Mapping[str, Pile]) -> None:
    """Fill the time that is left with every reason by its share of the pool."""
    left = {anchor: pile for anchor, pile in piles.items() if pile.n_pool}
    while left:
        anchor = max(left, key=lambda one: (left[one].n_pool / (2 * chooser.n_taken[one] + 1), one))
        if not chooser.take(left[anchor], "share", anchor=anchor):
            del left[anchor]


def _sum_up(piles: Piles, chooser: _Chooser, names: Mapping[str, Reason]) -> tuple[PlannedReason, ...]:
    n_chosen = len(chooser.chosen)
    made = []
    for anchor, pile in sorted(piles.reasons.items(), key=lambda item: (-item[1].n_pool, item[0])):
        share = pile.n_pool / piles.n_calls
        interval = find_interval(share, n_chosen) if n_chosen else None
        made.append(PlannedReason(names[anchor], pile.n_pool, share, chooser.n_taken[anchor], interval))
    return tuple(made)
