"""Marked: real calls whose turns and reasons people marked by hand, and how many of their reasons are picked.

The marks are offsets into transcripts that are not part of the package: `<name>.csv` beside this file holds for each
stretch the call's place in the transcripts' file, where it starts and ends, and whether it is the agent's, the
customer's, or the customer's reason. Noises (`[noise]`, `<unk>`) count as silence.

Errors: ValueError when the transcripts are not those that were marked.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import ExtractSettings
from pipeline.evaluate.bench import Answer, Bench, Trial
from pipeline.extract import find_reasons
from pipeline.picking.picker import Picker, load_picker
from pipeline.turns import Turn

CALLS = "check/harpervalley_20_calls.jsonl"
BANK_CALLS = Path(__file__).parent / "harpervalley_20_calls.csv"
REASON = "reason"
NOISE = re.compile(r"\[\w+\]|<\w+>")
# A span finds a marked reason when it holds at least this much of it.
MIN_HELD_RATIO = 0.5


@dataclass(frozen=True)
class Mark:
    """A marked stretch of a call's transcript: a turn of `agent` or `customer`, or a `reason` within one."""

    call_index: int
    start: int
    end: int
    mark: str


@dataclass(frozen=True)
class Picked:
    """How the reasons of marked calls were picked: calls, calls whose reason was, first too; spans, false ones."""

    n_calls: int
    n_found: int
    n_found_first: int
    n_spans: int
    n_false: int


def read_marks(path: Path = BANK_CALLS) -> list[Mark]:
    """Read the marks of a file of calls."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Mark(int(row["call_index"]), int(row["start"]), int(row["end"]), row["mark"])
            for row in csv.DictReader(file)
        ]


def score_marked_calls(
    transcripts: Sequence[str], picker: Picker, *, marks: Sequence[Mark] | None = None, with_agent: bool = True
) -> Picked:
    """Pick the reasons of calls with both sides, as a run does, and compare them with the marks.

    Args:
        transcripts: Both sides of each call in one string, in the order of the marks' file.
        picker: Judges.
        marks: Of these transcripts; those of `BANK_CALLS` when null.
        with_agent: Keep the agent's turns; without them the customer's stand alone, as in some chats.
    """
    by_call: dict[int, list[Mark]] = defaultdict(list)
    for mark in read_marks() if marks is None else marks:
        by_call[mark.call_index].append(mark)
    if len(by_call) != len(transcripts) or any(
        mark.end > len(transcripts[index]) for index, call in by_call.items() for mark in call
    ):
        raise ValueError(f"transcripts should be the {len(by_call)} that were marked, got {len(transcripts)} others.")
    turns = [
        [
            (mark, turn)
            for mark, turn in make_turns(transcripts[index], by_call[index])
            if with_agent or turn.may_be_customer
        ]
        for index in sorted(by_call)
    ]
    found = find_reasons([[turn for _, turn in call] for call in turns], picker, ExtractSettings())
    places = [
        [
            (next(mark for mark, turn in call if turn is span.turn).start + span.start, span.end - span.start)
            for span in spans
        ]
        for call, spans in zip(turns, found, strict=True)
    ]
    return count_picked(places, [[m for m in by_call[index] if m.mark == REASON] for index in sorted(by_call)])


def make_turns(transcript: str, marks: Sequence[Mark]) -> list[tuple[Mark, Turn]]:
    """Cut a transcript into its marked turns, noises blanked out and offsets kept."""
    quiet = NOISE.sub(lambda match: " " * len(match.group()), transcript)
    turns = [mark for mark in sorted(marks, key=lambda one: one.start) if mark.mark != REASON]
    return [
        (mark, Turn(str(mark.call_index), index, mark.mark, quiet[mark.start : mark.end], language="en"))
        for index, mark in enumerate(turns)
    ]


def count_picked(places: Sequence[Sequence[tuple[int, int]]], reasons: Sequence[Sequence[Mark]]) -> Picked:
    """Count the spans, as (start, length), that hold a marked reason of their call, and those that hold none."""
    hits = [
        [any(_holds(start, length, mark) for mark in call) for start, length in spans]
        for spans, call in zip(places, reasons, strict=True)
    ]
    return Picked(
        n_calls=len(hits),
        n_found=sum(any(call) for call in hits),
        n_found_first=sum(call[:1] == [True] for call in hits),
        n_spans=sum(len(call) for call in hits),
        n_false=sum(not hit for call in hits for hit in call),
    )


def _holds(start: int, length: int, mark: Mark) -> bool:
    held = min(start + length, mark.end) - max(start, mark.start)
    return held >= MIN_HELD_RATIO * (mark.end - mark.start)


def measure_marked(bench: Bench) -> Answer:
    """Pick the reasons of real bank calls, the other side around them, as a run does."""
    transcripts = [row["transcript_both_sides"] for row in bench.read(CALLS)]
    picked = score_marked_calls(transcripts, load_picker(bench.load_plain(transcripts), bench.project))
    found, first = (100 * n / picked.n_calls for n in (picked.n_found, picked.n_found_first))
    remark = f"{picked.n_false} false among {picked.n_spans} in {picked.n_calls} calls"
    return Answer({"reason picked": found, "picked first": first}, remark, None)


MARKED = (
    Trial("whole-calls", "extract", "states a reason? whole bank calls, both sides", (CALLS,), "", measure_marked),
)
