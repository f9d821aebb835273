"""Forms: one page a call for people who listen, filled in from the call, and a blank one to print.

One HTML file that needs nothing else; a browser prints it on A4. The words are the redacted ones.

Errors: InputError for a call that there is not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.config import Project
from pipeline.errors import InputError
from pipeline.report.markup import draw_page
from pipeline.report.recordings import make_safe_name
from pipeline.tables import write_atomically
from pipeline.tables.database import open_database, show_table
from pipeline.words import Words, read_words

TABLES = ("calls", "transcripts", "turns", "reason_utterances", "call_reasons", "cluster_members", "clusters",
          "call_sentiment", "call_signals", "reason_calls", "reason_metrics")  # fmt: skip
SIGNALS = ("called_before", "other_department_failed", "effort", "threat_to_leave", "chance_to_sell")
N_BLANK_REASONS = 3
Row = Mapping[str, Any]


@dataclass(frozen=True)
class SaidReason:
    """One reason in the customer's words; `name` is the code's, the candidate's or the kind of no-code."""

    number: str
    name: str
    text: str
    language: str
    start_s: float | None


@dataclass(frozen=True)
class SaidSignal:
    """One signal and the customer's words that it was told from; `is_present` is None on a blank form."""

    signal: str
    is_present: bool | None
    text: str
    start_s: float | None
    department: str


@dataclass(frozen=True)
class Form:
    """What is known of one call; empty on a blank form."""

    call_id: str = ""
    started_at: datetime | None = None
    contact_channel: str = ""
    queue: str = ""
    duration_s: float | None = None
    reasons: tuple[SaidReason, ...] = ()
    labels: tuple[str, str, str] = ("", "", "")
    worst_text: str = ""
    worst_start_s: float | None = None
    is_repeat: bool | None = None
    signals: tuple[SaidSignal, ...] = tuple(SaidSignal(name, None, "", None, "") for name in SIGNALS)

    @property
    def n_blank(self) -> int:
        """Empty lines for reasons that the listener hears besides."""
        return 1 if self.reasons else N_BLANK_REASONS


def read_form(project: Project, call_id: str) -> Form:
    """Read what a form says of a call.

    Raises:
        InputError: There is no such call.
    """
    language = project.settings.report.language
    with open_database() as connection:
        for name in TABLES:
            show_table(connection, project.store, name)

        def ask(query: str) -> list[Row]:
            rows: list[Row] = connection.sql(query, params=[call_id]).to_arrow_table().to_pylist()
            return rows

        calls = ask("select started_at, contact_channel, queue from calls where call_id = ?")
        if not calls:
            raise InputError(f"There is no call '{call_id}'. `callreasons show calls` lists them.")
        heard = ask("select duration_s from transcripts where call_id = ?")
        turns = {row["turn_index"]: row for row in ask("select turn_index, text, start_s from turns where call_id = ?")}
        feelings = ask("select * from call_sentiment where call_id = ?")
        repeats = ask(
            "select bool_or(is_repeat or is_repeat_of_other) as is_repeat from reason_calls where call_id = ?"
        )
        reasons = ask(REASONS.format(language=language))
        signals = ask("select * from call_signals where call_id = ?")
    feeling = feelings[0] if feelings else {}
    worst = turns.get(feeling.get("worst_turn_index"), {})
    started_at = calls[0]["started_at"]
    return Form(
        call_id=call_id,
        started_at=started_at.astimezone(project.timezone) if started_at else None,
        contact_channel=calls[0]["contact_channel"] or "",
        queue=calls[0]["queue"] or "",
        duration_s=heard[0]["duration_s"] if heard else None,
        reasons=tuple(SaidReason(**row) for row in reasons),
        labels=tuple(feeling.get(f"{part}_label") or "" for part in ("start", "end", "worst")),  # type: ignore[arg-type]
        worst_text=worst.get("text", "") if feeling.get("worst_label") == "negative" else "",
        worst_start_s=worst.get("start_s"),
        is_repeat=repeats[0]["is_repeat"] if repeats else None,
        signals=_list_signals(signals, turns),
    )


REASONS = """
select case when r.code is not null then r.code else '' end as number,
       coalesce(n.name_{language}, r.code, r.no_code) as name, u.text, u.language, u.start_s
from call_reasons r
join reason_utterances u using (call_id, utterance_index)
left join cluster_members m using (call_id, utterance_index)
left join (from reason_metrics where period = 'all') n
  on n.reason_id = coalesce(r.code, m.cluster_id, r.no_code)
where r.call_id = ? order by r.utterance_index
"""


def _list_signals(rows: Sequence[Row], turns: Mapping[int, Row]) -> tuple[SaidSignal, ...]:
    by_name = {row["signal"]: row for row in rows}
    signals = []
    for name in SIGNALS:
        row = by_name.get(name, {})
        is_present = bool(row.get("is_present"))
        turn = turns.get(row["turn_index"], {}) if is_present and row["turn_index"] is not None else {}
        department = (row.get("department") or "") if is_present else ""
        signals.append(SaidSignal(name, is_present, turn.get("text", ""), turn.get("start_s"), department))
    return tuple(signals)


def make_form(form: Form, words: Words) -> str:
    """Make the page."""
    return draw_page("form.html", "form.css", words, f=form)


def write_form(project: Project, call_id: str = "") -> Path:
    """Write a call's form, or a blank one without a call, and say where.

    Raises:
        InputError: There is no such call.
    """
    language = project.settings.report.language
    form = read_form(project, call_id) if call_id else Form()
    path = project.reports / language / "forms" / f"{make_safe_name(call_id) if call_id else 'blank'}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, make_form(form, read_words(language)).encode())
    return path
