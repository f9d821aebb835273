"""Order: which stretches to play in a meeting, and when, so that it ends on time.

Stretches are taken kind by kind in turn, each time the best one that can be played, of a customer not heard yet, in the
language heard less, that says something new. One call is played once. They are played kind by kind.

Errors: InputError for a meeting too short to hear anything.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.errors import InputError
from pipeline.immersion.stretches import KINDS, Stretch

MIN_MINUTES = 15
OPENING_RATIO, CLOSING_RATIO = 0.1, 0.2  # of the meeting: the figures, and who does what by when
MIN_TALK_S, MAX_TALK_S = 120, 300  # after a clip
MAX_CLIPS = 12


@dataclass(frozen=True)
class Step:
    """One step of the meeting: opening, closing, or a stretch played and talked about; seconds from its beginning."""

    name: str
    start_s: int
    play_s: int
    talk_s: int
    number: int = 0
    stretch: Stretch | None = None


def choose_stretches(found: Mapping[str, Sequence[Stretch]], *, seconds: float) -> list[Stretch]:
    """Choose what to play and talk about within so many seconds, in the order in which it is played."""
    chosen: list[Stretch] = []
    left = [kind for kind in reversed(KINDS) if found.get(kind)]  # what is rare has first choice of its calls
    while left and len(chosen) < MAX_CLIPS:
        for kind in tuple(left):
            stretch = _find_next(found[kind], chosen)
            if stretch is None or len(chosen) == MAX_CLIPS or stretch.duration_s + MIN_TALK_S > seconds:
                left.remove(kind)
                continue
            chosen.append(stretch)
            seconds -= round(stretch.duration_s) + MIN_TALK_S
    return sorted(chosen, key=lambda stretch: KINDS.index(stretch.kind))


def _find_next(stretches: Sequence[Stretch], chosen: Sequence[Stretch]) -> Stretch | None:
    calls, texts = {one.call_id for one in chosen}, {one.text.lower() for one in chosen}
    customers, languages = {one.customer_id for one in chosen}, Counter(one.language for one in chosen)
    left = [one for one in stretches if one.call_id not in calls and one.text.lower() not in texts]
    return min(
        left,
        key=lambda one: (one.recording is None, one.customer_id in customers, languages[one.language]),
        default=None,
    )


def make_order(found: Mapping[str, Sequence[Stretch]], *, minutes: int) -> tuple[Step, ...]:
    """Make the running order of a meeting; its steps last exactly the minutes.

    Raises:
        InputError: The meeting is shorter than `MIN_MINUTES`.
    """
    if minutes < MIN_MINUTES:
        raise InputError(f"--minutes should be {MIN_MINUTES} or more, got {minutes}.")
    opening_s, closing_s = round(minutes * OPENING_RATIO) * 60, round(minutes * CLOSING_RATIO) * 60
    stretches = choose_stretches(found, seconds=minutes * 60 - opening_s - closing_s)
    play_s = sum(round(one.duration_s) for one in stretches)
    left_s = minutes * 60 - opening_s - closing_s - play_s
    talk_s = min(MAX_TALK_S, left_s // len(stretches)) if stretches else 0
    steps, at_s = [Step("opening", 0, 0, opening_s)], opening_s
    for number, stretch in enumerate(stretches, start=1):
        step = Step(stretch.kind, at_s, round(stretch.duration_s), talk_s, number, stretch)
        steps.append(step)
        at_s += step.play_s + step.talk_s
    return (*steps, Step("closing", at_s, 0, minutes * 60 - at_s))
