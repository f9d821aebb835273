"""Sheets: the report's tables with headings and words in its language, for the workbook and the CSVs alike.

Errors: none of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.config import Project
from pipeline.report.action_sheets import COLUMNS, list_action_rows
from pipeline.report.content import STEPS, Content, read_uncounted
from pipeline.report.reasons import Reason
from pipeline.tables.database import open_database, show_table
from pipeline.words import Words

MAX_CALLS = 10_000  # reasons of the last calls in their sheet and CSV; store/ has all
MAX_DAYS = 35  # single days of a reason, likewise

# Kinds of cells: text, count, ratio, seconds, hours, money, day, moment.
KINDS = {
    "code": "text",
    "reason": "text",
    "kind": "text",
    "owner": "text",
    "share_ratio": "ratio",
    "handle_time_s": "seconds",
    "case_time_s": "seconds",
    "second": "seconds",
    "charged_ratio": "ratio",
    "hours": "hours",
    "cost": "money",
    "weekly_cost": "money",
    "yearly_cost": "money",
    "yearly_cost_low": "money",
    "yearly_cost_high": "money",
    "resolved_ratio": "ratio",
    "progress_ratio": "ratio",
    "n_repeats": "hours",
    "expected": "hours",
    "observed": "count",
    "answer_rank": "count",
    "heard_rank": "count",
    "agreed_ratio": "ratio",
    "kappa": "hours",
    "kappa_low": "hours",
    "kappa_high": "hours",
    "baseline": "hours",
    "now": "hours",
    "should_be": "hours",
    "due_on": "day",
    "week": "day",
    "day": "day",
    "first_day": "day",
    "period_start": "day",
    "started_at": "moment",
}
REASON_COLUMNS = (
    "n_calls", "share_ratio", "n_negative", "n_neutral", "n_positive", "handle_time_s", "n_handle_time_estimated",
    "n_repeat_calls", "n_cases", "case_time_s", "n_said_called_before", "hours", "cost",
)  # fmt: skip
PERIOD_COLUMNS = (
    "n_offered", "n_recorded", "n_heard", "n_said_why", "n_coded", "n_calls", "n_negative", "n_neutral", "n_positive",
    "handle_time_s", "n_handle_time_estimated", "n_handle_time_missing", "n_customer_known", "n_repeat_calls",
    "n_said_called_before", "hours", "cost",
)  # fmt: skip

PERIODS = ("all", "month", "week", "day")
CALL_FIELDS = (
    "call_id", "day", "reason_kind", "reason_id", "sentiment_label", "handle_time_s", "is_handle_time_estimated",
    "is_repeat", "charged_ratio", "hours", "cost",
)  # fmt: skip
CALL_COLUMNS = (
    "call_id", "day", "code", "reason", "kind", "feeling", "handle_time_s", "is_estimated", "is_repeat",
    "charged_ratio", "hours", "cost",
)  # fmt: skip
PAIR_COLUMNS = ("reason_a", "reason_b", "judged_by", "is_apart", "met_in", "n_asked", "n_right")


@dataclass(frozen=True)
class Column:
    """A heading and what its cells are."""

    heading: str
    kind: str


@dataclass(frozen=True)
class Sheet:
    """One table for people; `name` is its file's, `title` its tab's."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[object, ...], ...]


def make_sheets(content: Content, project: Project, words: Words, now: datetime) -> list[Sheet]:
    """Make every sheet."""
    return [
        _make_basis(content, words, now),
        _make_reasons(content, words),
        _make_reason_periods(content, words),
        _make_periods(content, project, words),
        _make_funnel(content, words),
        _make_quotes(content, words),
        _make_sub_reasons(content, words),
        _make_gone(content, words),
        _make_calls(content, project, words),
        _make_dropped(project, words),
        _make_pairs(content, words),
        *_make_actions(content, project, words),
    ]


def _sheet(name: str, words: Words, columns: Sequence[str], rows: Iterable[Sequence[object]], currency: str) -> Sheet:
    made = tuple(Column(words(f"column.{one}", currency=currency), find_kind(one)) for one in columns)
    return Sheet(name, words(f"sheet.{name}"), made, tuple(tuple(row) for row in rows))


def find_kind(column: str) -> str:
    """Say what a column's cells are."""
    return KINDS.get(column) or ("count" if column.startswith("n_") else "text")


def _make_basis(content: Content, words: Words, now: datetime) -> Sheet:
    rules = content.rules
    facts: list[tuple[str, object]] = [
        (words("basis.made_at"), now.astimezone(UTC).isoformat(timespec="minutes")),
        (words("basis.timezone"), content.timezone),
        (words("basis.period"), words.period(content.first_day, content.last_day)),
        (words("basis.wage", currency=content.currency), rules.wage_per_hour),
        (words("basis.rule"), words(f"rule.{rules.several_reasons}")),
        (words("basis.repeat_window"), rules.repeat_window_days),
        (words("basis.transfer_window"), rules.transfer_window_s / 60),
        (words("basis.models"), ", ".join((*content.basis.models, *content.basis.encoders))),
        *([(words("basis.file_times_title"), content.basis.n_file_times)] if content.basis.n_file_times else []),
        *((f"{words('unread.title')}: {column}", n) for column, n in content.basis.unread.items()),
    ]
    return _sheet("about", words, ("what", "value"), facts, content.currency)


def _name(reason: Reason, words: Words) -> tuple[str, str, str, str]:
    return reason.number, reason.name, words(f"kind.{reason.kind}"), reason.owner


def _make_reasons(content: Content, words: Words) -> Sheet:
    columns = ("code", "reason", "kind", "owner", *REASON_COLUMNS, "first_day")
    rows = [
        (*_name(reason, words), *(getattr(reason, name) for name in REASON_COLUMNS), reason.first_day)
        for reason in (*content.reasons, *content.no_codes)
    ]
    return _sheet("reasons", words, columns, rows, content.currency)


def _make_reason_periods(content: Content, words: Words) -> Sheet:
    columns = ("period", "period_start", "code", "reason", "kind", "owner", *REASON_COLUMNS)
    named = {(one.kind, one.reason_id): _name(one, words) for one in (*content.reasons, *content.no_codes)}
    last_days = {content.last_day - timedelta(days=n) for n in range(MAX_DAYS)} if content.last_day else set()
    rows = [
        (
            words(f"period.{row['period']}"),
            row["period_start"],
            *named[row["reason_kind"], row["reason_id"]],
            *(row[name] for name in REASON_COLUMNS),
        )
        for row in sorted(content.reason_rows, key=_rank_period)
        if row["period"] in ("month", "week") or (row["period"] == "day" and row["period_start"] in last_days)
    ]
    return _sheet("reasons_by_period", words, columns, rows, content.currency)


def _rank_period(row: Mapping[str, Any]) -> tuple[int, int, str, str]:
    """Put months before weeks before days, each from the last one back: a cut sheet loses the oldest days."""
    start = row["period_start"].toordinal() if row["period_start"] else 0
    return PERIODS.index(row["period"]), -start, row["reason_kind"], row["reason_id"]


def _make_periods(content: Content, project: Project, words: Words) -> Sheet:
    rows = [
        (words(f"period.{row['period']}"), row["period_start"], *(row[name] for name in PERIOD_COLUMNS))
        for row in project.store.read("period_metrics").to_pylist()
    ]
    return _sheet("totals", words, ("period", "period_start", *PERIOD_COLUMNS), rows, content.currency)


def _make_funnel(content: Content, words: Words) -> Sheet:
    rows = [(words(f"funnel.{step}"), content.funnel.get(step, 0)) for step in STEPS]
    return _sheet("funnel", words, ("step", "n_contacts"), rows, content.currency)


def _make_quotes(content: Content, words: Words) -> Sheet:
    columns = ("code", "reason", "kind", "quote", "call_id", "started_at", "channel", "second", "feeling")
    rows = [
        (
            *_name(reason, words)[:3],
            quote.text,
            quote.call_id,
            quote.started_at,
            words(f"channel.{quote.contact_channel}"),
            quote.start_s,
            quote.sentiment_label and words(f"feeling.{quote.sentiment_label}"),
        )
        for reason in (*content.reasons, *content.no_codes)
        for quote in content.quotes.get(reason.anchor, ())
    ]
    return _sheet("quotes", words, columns, rows, content.currency)


def _make_sub_reasons(content: Content, words: Words) -> Sheet:
    named = {one.reason_id: one.name for one in content.candidates}
    rows = [
        (cluster_id, named[cluster_id], part.name, part.n_calls)
        for cluster_id, parts in sorted(content.parts.items())
        if cluster_id in named
        for part in parts
    ]
    return _sheet("sub_reasons", words, ("candidate", "reason", "sub_reason", "n_calls"), rows, "")


def _make_gone(content: Content, words: Words) -> Sheet:
    rows = [(one.cluster_id, one.name, one.n_calls, one.went_to) for one in content.gone]
    return _sheet("gone", words, ("candidate", "reason", "n_calls", "went_to"), rows, "")


def _make_calls(content: Content, project: Project, words: Words) -> Sheet:
    named = {(one.kind, one.reason_id): _name(one, words) for one in (*content.reasons, *content.no_codes)}
    rows = [
        (
            row["call_id"],
            row["day"],
            *named[row["reason_kind"], row["reason_id"]][:3],
            row["sentiment_label"] and words(f"feeling.{row['sentiment_label']}"),
            row["handle_time_s"],
            _answer(row["is_handle_time_estimated"], words),
            _answer(row["is_repeat"], words),
            row["charged_ratio"],
            row["hours"],
            row["cost"],
        )
        for row in _read_last_calls(project)
    ]
    return _sheet("calls", words, CALL_COLUMNS, rows, content.currency)


def _read_last_calls(project: Project) -> list[dict[str, Any]]:
    """Read the reasons of the last calls; older ones are in the store, where a person would not count them by hand."""
    with open_database(project.store) as connection:
        show_table(connection, project.store, "reason_calls")
        last = connection.sql(f"from reason_calls order by day desc, call_id, said_index limit {MAX_CALLS}")
        rows: list[dict[str, Any]] = last.select(*CALL_FIELDS).to_arrow_table().to_pylist()
    return rows


def _answer(value: bool | None, words: Words) -> str:
    return "" if value is None else words("answer.yes" if value else "answer.no")


def _make_dropped(project: Project, words: Words) -> Sheet:
    rows = [_describe(row, words) for row in read_uncounted(project.store).to_pylist()]
    return _sheet("not_counted", words, ("call_id", "why"), rows, "")


def _describe(row: Mapping[str, str], words: Words) -> tuple[str, str]:
    return row["call_id"], words(f"dropped.{row['reason']}.name")


def _make_actions(content: Content, project: Project, words: Words) -> list[Sheet]:
    reason_rows = [row for row in content.reason_rows if row["period"] == "all"]
    rows = list_action_rows(project.store, reason_rows, words)
    return [_sheet(name, words, COLUMNS[name], rows[name], content.currency) for name in COLUMNS]


def _make_pairs(content: Content, words: Words) -> Sheet:
    rows = [
        (
            pair.reason_a,
            pair.reason_b,
            words(f"pairs.by_{pair.kind}"),
            words("answer.no" if pair.is_fallen else "answer.yes"),
            words("format.comma").join(" ".join((one.place, one.name)).strip() for one in pair.places),
            pair.n_asked,
            pair.n_right,
        )
        for pair in content.pairs
    ]
    return _sheet("near_pairs", words, PAIR_COLUMNS, rows, content.currency)
