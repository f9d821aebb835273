"""Quotes: what customers said, with the second from which to play it and whether there is something to play.

Errors: none of its own. A quote whose recording is gone has nothing to play.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipeline.config import Project
from pipeline.curate.web.snapshot import Row, ask
from pipeline.report.recordings import find_recording

KINDS = {"candidate": "quotes_of_candidate", "code": "quotes_of_code"}
N_FIRST = 6  # quotes of an order shown at once
PAGE_QUOTES = 30
LEAD_S = 2.0  # a quote is played from so long before it


@dataclass(frozen=True)
class Quote:
    """One reason utterance; `at_s` is where playing begins, `is_playable` whether its recording is there."""

    call_id: str
    part_index: int
    turn_index: int
    text: str
    language: str
    started_at: datetime | None
    contact_channel: str
    sentiment_label: str
    start_s: float | None
    end_s: float | None
    is_playable: bool
    nearness_ratio: float | None = None
    part_name: str = ""
    code: str = ""
    cluster_id: str = ""
    utterance_index: int = 0
    is_exemplar: bool = False

    @property
    def place(self) -> str:
        """Names it in a form."""
        return f"{self.utterance_index}:{self.call_id}"

    @property
    def at_s(self) -> float:
        """The second to play from."""
        return max(0.0, (self.start_s or 0.0) - LEAD_S)


def list_quotes(
    project: Project, kind: str, reason_id: str, order: str, *, start: int = 0, n: int = N_FIRST
) -> list[Quote]:
    """List quotes of a candidate or a code.

    Args:
        project: Whose.
        kind: candidate or code.
        reason_id: The candidate's id or the code's number.
        order: typical, edge, or nearness: the nearest to the centre first.
        start: How many to leave out.
        n: How many.
    """
    values = {"reason_id": reason_id, "order": order, "n": n, "start": start}
    return make_quotes(project, ask(project, KINDS[kind], values))


def list_both_ends(project: Project, kind: str, reason_id: str) -> tuple[list[Quote], list[Quote]]:
    """List what is typical of a candidate or a code and what stands at its edge; no quote is both."""
    typical, edge = (list_quotes(project, kind, reason_id, order) for order in ("typical", "edge"))
    places = {quote: index for index, quote in enumerate(typical)}
    kept = [quote for index, quote in enumerate(edge) if index < places.get(quote, N_FIRST)]
    return [quote for quote in typical if quote not in kept], kept


def find_said(project: Project, words: str, n: int) -> list[Quote]:
    """Find what was said with some words in it."""
    return make_quotes(project, ask(project, "said", {"words": words, "n": n}))


def find_quotes(project: Project, places: Sequence[str]) -> list[Quote]:
    """Find what was said at places, `index:call_id`; one that is not there is left out."""
    call_ids = sorted({place.partition(":")[2] for place in places})
    rows = ask(project, "quotes_at", {"call_ids": call_ids, "places": list(places)}) if places else []
    return make_quotes(project, rows)


def make_quotes(project: Project, rows: Sequence[Row]) -> list[Quote]:
    """Make quotes of rows that have an utterance, its call's sources and start, and how the customer felt."""
    return [_make_quote(project, row) for row in rows]


def _make_quote(project: Project, row: Mapping[str, Any]) -> Quote:
    started_at = row["started_at"]
    return Quote(
        call_id=row["call_id"],
        part_index=row["part_index"] or 0,
        turn_index=row["turn_index"] or 0,
        text=row["text"],
        language=row["language"] or "",
        started_at=started_at.astimezone(project.timezone) if started_at else None,
        contact_channel=row["contact_channel"] or "",
        sentiment_label=row["sentiment_label"] or "",
        start_s=row["start_s"],
        end_s=row["end_s"],
        is_playable=find_recording(row, project.root) is not None,
        nearness_ratio=row.get("nearness_ratio"),
        part_name=row.get("part_name") or "",
        code=row.get("code") or "",
        cluster_id=row.get("cluster_id") or "",
        utterance_index=row["utterance_index"],
        is_exemplar=bool(row.get("is_exemplar")),
    )
