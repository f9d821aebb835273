"""Quotes: the customers' own redacted words for each reason, with the second at which to play them.

Errors: none of its own. A quote whose recording is gone has nothing to play.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from pipeline.config import Project
from pipeline.report.recordings import find_recording
from pipeline.tables.database import open_database, show_table

TABLES = (
    "reason_calls", "reason_utterances", "call_reasons", "cluster_members", "clusters", "calls", "call_sentiment",
)  # fmt: skip
N_TIMES_TRIED = 20  # as many are ranked: some are of one call, or say the same
N_TIMES_LIKELIEST = 20  # as many more are read


@dataclass(frozen=True)
class Quote:
    """One reason utterance; `audio` is what the page plays, `recording` where it lies, empty without one.

    The labels name the customer's feeling over the whole call, as they came and as they left.
    """

    call_id: str
    text: str
    language: str
    started_at: datetime | None
    contact_channel: str
    start_s: float | None
    end_s: float | None
    sentiment_label: str
    start_label: str = ""
    end_label: str = ""
    audio: str = ""
    recording: str = ""

    @property
    def has_turned(self) -> bool:
        """The customer left with another feeling than they came with."""
        return self.start_label != self.end_label

    @property
    def audio_at(self) -> str:
        """What the page plays, from the second on."""
        return f"{self.audio}#t={self.start_s or 0:.1f}"


def find_quotes(project: Project) -> dict[str, tuple[Quote, ...]]:
    """Find the quotes of every reason, by its anchor in the page."""
    n_quotes = project.settings.report.n_quotes
    n_tried = N_TIMES_TRIED * max(1, n_quotes)
    counts = {"n_quotes": n_quotes, "n_tried": n_tried, "n_likeliest": N_TIMES_LIKELIEST * n_tried}
    with open_database(project.store) as connection:
        for name in TABLES:
            show_table(connection, project.store, name)
        sql = Path(__file__).with_name("quotes.sql").read_text(encoding="utf-8")
        found: pa.Table = connection.sql(sql, params=counts).to_arrow_table()
    quotes: dict[str, list[Quote]] = {}
    for row in found.to_pylist():
        quotes.setdefault(f"{row['reason_kind']}-{row['reason_id']}", []).append(_make_quote(row, project))
    return {anchor: tuple(theirs) for anchor, theirs in quotes.items()}


def _make_quote(row: Mapping[str, object], project: Project) -> Quote:
    recording = find_recording(row, project.root)
    started_at = row["started_at"]
    return Quote(
        call_id=str(row["call_id"]),
        text=str(row["text"]),
        language=str(row["language"]),
        started_at=started_at.astimezone(project.timezone) if isinstance(started_at, datetime) else None,
        contact_channel=str(row["contact_channel"]),
        start_s=row["start_s"],  # type: ignore[arg-type]
        end_s=row["end_s"],  # type: ignore[arg-type]
        sentiment_label=str(row["sentiment_label"] or ""),
        start_label=str(row["start_label"] or ""),
        end_label=str(row["end_label"] or ""),
        audio=recording.audio if recording else "",
        recording=str(recording.path) if recording else "",
    )
