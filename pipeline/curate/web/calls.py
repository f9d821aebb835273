"""Calls: one call as its page shows it: what is known of it, what it was about, and its transcript turn by turn.

Errors: none of its own. A call that is not there is None.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.config import SETTINGS_FILE, Project
from pipeline.curate.web.quotes import LEAD_S
from pipeline.curate.web.snapshot import Row, ask
from pipeline.curate.web.turns import read_turns
from pipeline.report.recordings import Recording, find_recordings

CALL = (
    "select c.*, f.sentiment_label, f.start_label, f.end_label from calls c left join call_sentiment f using (call_id) "
    "where c.call_id = $call_id"
)
FEELINGS = "select turn_index, sentiment_label from turn_sentiment where call_id = $call_id"


@dataclass(frozen=True)
class Turn:
    """One turn; `pieces` are its words, each with whether they state a reason; `at_s` is where playing begins."""

    turn_index: int
    role: str
    language: str
    part_index: int
    start_s: float | None
    end_s: float | None
    pieces: tuple[tuple[str, bool], ...]
    sentiment_label: str
    is_playable: bool
    is_reason: bool

    @property
    def at_s(self) -> float:
        """The second to play from."""
        return max(0.0, (self.start_s or 0.0) - LEAD_S)


@dataclass(frozen=True)
class Call:
    """One call; `reasons` are rows of what it was about, in the order they were said.

    `is_busy`: a run is just making its turns again.
    """

    call_id: str
    started_at: datetime | None
    contact_channel: str
    queue: str
    region: str
    logged_code: str
    sentiment_label: str
    start_label: str
    end_label: str
    reasons: tuple[Row, ...]
    turns: tuple[Turn, ...]
    recordings: tuple[Recording, ...]
    is_busy: bool = False


def find_call(project: Project, call_id: str) -> Call | None:
    """Find one call with its transcript."""
    row = next(iter(ask(project, CALL, {"call_id": call_id})), None)
    if row is None:
        return None
    reasons = ask(project, "reasons_of_call", {"call_id": call_id})
    recordings = find_recordings(call_id, row["sources"] or (), project.root)
    feelings = {one["turn_index"]: one["sentiment_label"] for one in ask(project, FEELINGS, {"call_id": call_id})}
    playable = {one.part_index for one in recordings}
    rows = read_turns(project, call_id)
    turns = tuple(make_turn(one, reasons, feelings, playable) for one in rows or ())
    known = {name: row[name] or "" for name in ("contact_channel", "queue", "region", "logged_code")}
    felt = {name: row[name] or "" for name in ("sentiment_label", "start_label", "end_label")}
    started_at = row["started_at"].astimezone(project.timezone) if row["started_at"] else None
    return Call(
        call_id,
        started_at,
        **known,
        **felt,
        reasons=tuple(reasons),
        turns=turns,
        recordings=recordings,
        is_busy=rows is None,
    )


def find_recording(project: Project, call_id: str, part_index: int) -> Recording | None:
    """Find one part's recording by the call's id alone: what the store says of the call names the file."""
    row = next(iter(ask(project, CALL, {"call_id": call_id})), None)
    recordings = find_recordings(call_id, row["sources"] or (), project.root) if row else ()
    return next((one for one in recordings if one.part_index == part_index and is_foreign(one.path, project)), None)


def is_foreign(path: Path, project: Project) -> bool:
    """Say whether a recording lies outside of what the project itself keeps: a manifest can name any file."""
    kept = (project.state, project.taxonomy, project.store.root, project.root / SETTINGS_FILE)
    return not any(path.resolve().is_relative_to(one.resolve()) for one in kept)


def make_turn(row: Row, reasons: Sequence[Row], feelings: Mapping[int, str | None], playable: set[int]) -> Turn:
    """Make a turn of its row, with the reasons in it, how it felt and which parts of the call can be played."""
    stated = [one["text"] for one in reasons if one["text"] and one["turn_index"] == row["turn_index"]]
    return Turn(
        turn_index=row["turn_index"],
        role=row["role"] or "unknown",
        language=row["language"] or "",
        part_index=row["part_index"] or 0,
        start_s=row["start_s"],
        end_s=row["end_s"],
        pieces=mark_reasons(row["text"], stated),
        sentiment_label=feelings.get(row["turn_index"]) or "",
        is_playable=row["start_s"] is not None and (row["part_index"] or 0) in playable,
        is_reason=bool(stated),
    )


def mark_reasons(text: str, stated: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """Cut a turn into pieces, each with whether it states a reason; the pieces joined are the turn."""
    spans = sorted((at, at + len(one)) for one in stated if one and (at := text.find(one)) >= 0)
    pieces, position = [], 0
    for start, end in spans:
        if start >= position:
            pieces += [(text[position:start], False), (text[start:end], True)]
            position = end
    return tuple(piece for piece in [*pieces, (text[position:], False)] if piece[0])
