"""Order: which moments to play in a meeting, and when, so that it ends on time.

Moments are taken kind by kind in turn, each time the best one that can be played, of a customer not heard yet, in the
language heard less, that says something new. One call is played once. They are played kind by kind.

Errors: InputError for a meeting too short to hear anything.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.errors import InputError
from pipeline.immersion.moments import KINDS, Moment

MIN_MINUTES = 15
OPENING_RATIO, CLOSING_RATIO = 0.1, 0.2  # of the meeting: the figures, and who does what by when
MIN_TALK_S, MAX_TALK_S = 120, 300  # after a clip
MAX_CLIPS = 12


@dataclass(frozen=True)
class Step:
    """One step of the meeting: opening, closing, or a moment played and talked about; seconds from its beginning."""

    name: str
    start_s: int
    play_s: int
    talk_s: int
    number: int = 0
    moment: Moment | None = None


def choose_moments(found: Mapping[str, Sequence[Moment]], *, seconds: float) -> list[Moment]:
    """Choose what to play and talk about within so many seconds, in the order in which it is played."""
    chosen: list[Moment] = []
    left = [kind for kind in reversed(KINDS) if found.get(kind)]  # what is rare has first choice of its calls
    while left and len(chosen) < MAX_CLIPS:
        for kind in tuple(left):
            moment = _find_next(found[kind], chosen)
            if moment is None or len(chosen) == MAX_CLIPS or moment.duration_s + MIN_TALK_S > seconds:
                left.remove(kind)
                continue
            chosen.append(moment)
            seconds -= round(moment.duration_s) + MIN_TALK_S
    return sorted(chosen, key=lambda moment: KINDS.index(moment.kind))


def _find_next(moments: Sequence[Moment], chosen: Sequence[Moment]) -> Moment | None:
    calls, texts = {one.call_id for one in chosen}, {one.text.lower() for one in chosen}
    customers, languages = {one.customer_id for one in chosen}, Counter(one.language for one in chosen)
    left = [one for one in moments if one.call_id not in calls and one.text.lower() not in texts]
    return min(
        left,
        key=lambda one: (one.recording is None, one.customer_id in customers, languages[one.language]),
        default=None,
    )


def make_order(found: Mapping[str, Sequence[Moment]], *, minutes: int) -> tuple[Step, ...]:
    """Make the running order of a meeting; its steps last exactly the minutes.

    Raises:
        InputError: The meeting is shorter than `MIN_MINUTES`.
    """
    if minutes < MIN_MINUTES:
        raise InputError(f"--minutes should be {MIN_MINUTES} or more, got {minutes}.")
    opening_s, closing_s = round(minutes * OPENING_RATIO) * 60, round(minutes * CLOSING_RATIO) * 60
    moments = choose_moments(found, seconds=minutes * 60 - opening_s - closing_s)
    play_s = sum(round(one.duration_s) for one in moments)
    left_s = minutes * 60 - opening_s - closing_s - play_s
    talk_s = min(MAX_TALK_S, left_s // len(moments)) if moments else 0
    steps, at_s = [Step("opening", 0, 0, opening_s)], opening_s
    for number, moment in enumerate(moments, start=1):
        step = Step(moment.kind, at_s, round(moment.duration_s), talk_s, number, moment)
        steps.append(step)
        at_s += step.play_s + step.talk_s
    return (*steps, Step("closing", at_s, 0, minutes * 60 - at_s))
