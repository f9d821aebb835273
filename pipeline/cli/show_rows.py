"""Show rows: what `callreasons show` prints of calls and reasons, read from the tables.

Errors: none of its own. A table that is not there has no rows.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.config import Project

Row = dict[str, Any]


def list_calls(project: Project) -> list[Row]:
    """List one row a call, by start time: what it was about, or the kind of no-code."""
    languages = {row["call_id"]: row["language"] for row in project.store.list_rows("transcripts")}
    feelings = {row["call_id"]: row["sentiment_label"] for row in project.store.list_rows("call_sentiment")}
    repeats = {
        row["call_id"]
        for row in project.store.list_rows("call_signals")
        if row["signal"] == "called_before" and row["is_present"]
    }
    candidates = _group(project.store.list_rows("cluster_members"), "cluster_id")
    reasons = defaultdict(list)
    for row in sorted(project.store.list_rows("call_reasons"), key=lambda row: int(row["utterance_index"])):
        reasons[row["call_id"]].append(row)
    calls = sorted(project.store.list_rows("calls"), key=lambda call: (str(call["started_at"]), call["call_id"]))
    return [
        {
            "call_id": call["call_id"],
            "recording": _find_recording_name(call),
            "started_at": call["started_at"].isoformat() if call["started_at"] else None,
            "language": languages.get(call["call_id"], ""),
            **_sum_up(reasons[call["call_id"]]),
            "candidates": candidates.get(call["call_id"], []),
            "sentiment_label": feelings.get(call["call_id"]),
            "said_called_before": call["call_id"] in repeats,
        }
        for call in calls
    ]


def _sum_up(reasons: Sequence[Row]) -> Row:
    codes = list(dict.fromkeys(row["code"] for row in reasons if row["code"]))
    kinds = [row["no_code"] for row in reasons if row["no_code"]]
    if codes:
        return {"codes": codes, "no_code": None}
    return {"codes": [], "no_code": Counter(kinds).most_common(1)[0][0] if kinds else "not_heard"}


def _find_recording_name(call: Row) -> str | None:
    return next((Path(source["path"]).name for source in call["sources"] or () if source["kind"] == "recording"), None)


def _group(rows: Sequence[Row], column: str) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda row: int(row["utterance_index"])):
        values = grouped.setdefault(row["call_id"], [])
        if row[column] not in values:
            values.append(row[column])
    return grouped


def read_reasons(project: Project, call_id: str) -> list[Row]:
    """Read what a call was about, in the order it was said, with the words."""
    texts = {
        row["utterance_index"]: row["text"]
        for row in project.store.list_rows("reason_utterances")
        if row["call_id"] == call_id
    }
    return [
        {**row, "text": texts.get(row["utterance_index"], "")}
        for row in sorted(project.store.list_rows("call_reasons"), key=lambda row: int(row["utterance_index"]))
        if row["call_id"] == call_id
    ]


def find_quotes(project: Project, reason_id: str) -> list[Row]:
    """Find what customers said of a code, a candidate or a kind of no-code."""
    assigned = [*project.store.list_rows("call_reasons"), *project.store.list_rows("cluster_members")]
    members = {
        (row["call_id"], row["utterance_index"])
        for row in assigned
        if reason_id in (row.get("code"), row.get("cluster_id"), row.get("no_code"))
    }
    return [
        {name: row[name] for name in ("call_id", "start_s", "text")}
        for row in project.store.list_rows("reason_utterances")
        if (row["call_id"], row["utterance_index"]) in members
    ]


def find_parts(project: Project, cluster_id: str) -> list[Row]:
    """Find a candidate's sub-reasons, most calls first."""
    rows = [row for row in project.store.list_rows("sub_clusters") if row["cluster_id"] == cluster_id]
    names = ("sub_cluster_id", "name", "n_utterances", "n_calls")
    return [{name: row[name] for name in names} for row in sorted(rows, key=lambda row: -int(row["n_calls"]))]
