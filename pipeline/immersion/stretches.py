"""Stretches: what is worth playing of one reason, and from where to where.

A clip begins a little before the customer's turn, and goes on to the end of the agent's answer where that follows at
once and is short enough for a room to sit through.

Errors: MissingTableError when an earlier stage has not run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.config import Project
from pipeline.report.recordings import Recording, find_recordings
from pipeline.tables.database import open_database, show_table

TABLES = ("calls", "reason_calls", "call_reasons", "reason_utterances", "cluster_members", "call_sentiment",
          "call_signals", "turns")  # fmt: skip
KINDS = ("said", "felt", "again", "leaving")
N_TRIED = 60  # stretches of each kind that are chosen from
LEAD_IN_S, LEAD_OUT_S = 1.0, 0.5  # heard before the first and after the last word
MAX_TURN_S = 40.0  # of the customer
MAX_BEFORE_S = 8.0  # of the customer's turn before the words that matter
MAX_PAUSE_S = 3.0  # between the customer's turn and the answer to it
MAX_ANSWER_S = 20.0
Turn = Mapping[str, object]


@dataclass(frozen=True)
class Stretch:
    """A stretch of one call that shows something of the reason; `start_s` and `end_s` are the in and out points.

    `kind` is one of `KINDS`; `text` the customer's redacted words, `answer` the agent's where they are heard too.
    """

    kind: str
    call_id: str
    customer_id: str
    language: str
    text: str
    answer: str
    started_at: datetime | None
    start_label: str
    end_label: str
    start_s: float
    end_s: float
    recording: Recording | None

    @property
    def duration_s(self) -> float:
        """How long it plays."""
        return self.end_s - self.start_s

    @property
    def audio_at(self) -> str:
        """What a page plays, from the in point to the out point."""
        return f"{self.recording.audio}#t={self.start_s:.1f},{self.end_s:.1f}" if self.recording else ""


def find_stretches(project: Project, kind: str, reason_id: str) -> dict[str, tuple[Stretch, ...]]:
    """Find the stretches of a reason (`kind` is code or candidate), by their own kind, the best first.

    Raises:
        MissingTableError: An earlier stage has not run.
    """
    sql = Path(__file__).with_name("stretches.sql").read_text(encoding="utf-8")
    with open_database(project.store) as connection:
        for name in TABLES:
            show_table(connection, project.store, name)
        params = {"kind": kind, "reason_id": reason_id, "n_tried": N_TRIED}
        rows = connection.sql(sql, params=params).to_arrow_table().to_pylist()
        ids = sorted({row["call_id"] for row in rows})
        spoken = "from turns where source = 'recording' and list_contains(?, call_id) order by call_id, turn_index"
        turns: list[Turn] = connection.sql(spoken, params=[ids]).to_arrow_table().to_pylist()
    by_call: dict[str, list[Turn]] = {}
    for turn in turns:
        by_call.setdefault(str(turn["call_id"]), []).append(turn)
    found: dict[str, list[Stretch]] = {name: [] for name in KINDS}
    for row in rows:
        found[row["kind"]].append(_make_stretch(row, by_call.get(row["call_id"], []), project))
    return {name: tuple(theirs) for name, theirs in found.items()}


def _make_stretch(row: Mapping[str, object], turns: Sequence[Turn], project: Project) -> Stretch:
    start_s, end_s, answer = find_points(row, turns)
    call_id, started_at = str(row["call_id"]), row["started_at"]
    recordings = find_recordings(call_id, row["sources"] or (), project.root)  # type: ignore[arg-type]
    return Stretch(
        kind=str(row["kind"]),
        call_id=call_id,
        customer_id=str(row["customer_id"] or call_id),
        language=str(row["language"]),
        text=str(row["text"]),
        answer=answer,
        started_at=started_at.astimezone(project.timezone) if isinstance(started_at, datetime) else None,
        start_label=str(row["start_label"] or ""),
        end_label=str(row["end_label"] or ""),
        start_s=start_s,
        end_s=end_s,
        recording=next((one for one in recordings if one.part_index == row["part_index"]), None),
    )


def find_points(stretch: Mapping[str, object], turns: Sequence[Turn]) -> tuple[float, float, str]:
    """Find a stretch's in and out points, and the agent's answer where it is heard too.

    Args:
        stretch: `turn_index`, `part_index`, `start_s` and `end_s` of the words that matter.
        turns: The call's spoken turns, in order.
    """
    start_s, end_s = float(str(stretch["start_s"])), float(str(stretch["end_s"]))
    turn = next((one for one in turns if one["turn_index"] == stretch["turn_index"]), stretch)
    turn_start_s, turn_end_s = float(str(turn["start_s"])), float(str(turn["end_s"]))
    first_s = max(0.0, max(turn_start_s, start_s - MAX_BEFORE_S) - LEAD_IN_S)
    if turn_end_s - first_s > MAX_TURN_S:
        return first_s, max(end_s, min(turn_end_s, first_s + MAX_TURN_S)) + LEAD_OUT_S, ""
    answer = _find_answer(stretch, turn_end_s, turns)
    if answer is None:
        return first_s, turn_end_s + LEAD_OUT_S, ""
    return first_s, float(str(answer["end_s"])) + LEAD_OUT_S, str(answer["text"])


def _find_answer(stretch: Mapping[str, object], turn_end_s: float, turns: Sequence[Turn]) -> Turn | None:
    """Find the turn that comes next, if it is the agent's, comes at once and is short."""
    later = [one for one in turns if int(str(one["turn_index"])) > int(str(stretch["turn_index"]))]
    if not later or later[0]["role"] != "agent" or later[0]["part_index"] != stretch["part_index"]:
        return None
    start_s, end_s = float(str(later[0]["start_s"])), float(str(later[0]["end_s"]))
    is_near = start_s - turn_end_s <= MAX_PAUSE_S and end_s > turn_end_s
    return later[0] if is_near and end_s - start_s <= MAX_ANSWER_S else None
