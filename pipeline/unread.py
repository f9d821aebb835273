"""Unread: what of a manifest could not be taken in as it stands, and the lines that say so.

Errors: none of its own.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from pipeline import cells
from pipeline.delimited import count_lines, count_rows
from pipeline.manifest import Manifest
from pipeline.manifest.columns import SECONDS
from pipeline.manifest.fields import Call
from pipeline.manifest.habits import Habits, Row
from pipeline.work import Failure

MIN_TALK_S, MAX_TALK_S, MIN_TALKS = 10.0, 4 * 3600.0, 3  # where the middle call is shorter or longer, ask for the unit
UNLIKE = ("call_id", "sources", "row_hashes", "started_at_source", "unread_columns")
MIN_SAME_LENGTHS = 2  # of a call without a customer: talk and wait alike by chance are one in thousands
KEY_COLUMNS = {
    "started_at": "trends and repeats rest on the recordings' names and times",
    "customer_id": "repeats cannot be counted",
    "talk_s": "the recordings' lengths stand in",
}


@dataclass(frozen=True)
class Unread:
    """One cell that was not read: in which file and column, by which rule, in which row (0: not known)."""

    file: str
    column: str
    rule: str
    n_row: int = 0


@dataclass
class Clashes:
    """Rows that repeat a call id: how many, say something else than the first, are other calls, or correct one."""

    n_parts: int = 0
    n_rows: int = 0
    n_other_calls: int = 0
    n_corrected: int = 0
    columns: Counter[str] = field(default_factory=Counter)


def list_unread(unread: Sequence[Unread]) -> list[Failure]:
    """Make a failure of each column that has cells which were not read."""
    grouped: dict[tuple[str, str], dict[str, list[int]]] = {}
    for one in unread:
        grouped.setdefault((one.file, one.column), {}).setdefault(one.rule, []).append(one.n_row)
    return [
        Failure(
            "ingest",
            f"{file}, column {column}",
            f"Cells left empty because they cannot be read: {'; '.join(count_rows(*one) for one in rules.items())}. "
            "Their calls count without them; mend the cells and run again.",
        )
        for (file, column), rules in grouped.items()
    ]


def list_lost_rows(manifest: Manifest, file: str) -> list[Failure]:
    """Make a failure of the rows whose cells do not fit the heading, if there are any."""
    if not manifest.too_long:
        return []
    counted = count_rows("with more cells than the heading", manifest.too_long)
    return [Failure("ingest", file, f"Rows not taken in: {counted}. Quote cells that hold a comma.")]


def list_lost_lines(lost: Mapping[str, Mapping[str, Sequence[int]]]) -> list[Failure]:
    """Make a failure of each file of written contacts that has lines, or rows of a CSV, which are no messages."""
    return [
        Failure("ingest", file, (_describe_rows if file.lower().endswith(".csv") else _describe_lines)(rules))
        for file, rules in lost.items()
        if rules
    ]


def _describe_lines(rules: Mapping[str, Sequence[int]]) -> str:
    said = "; ".join(count_lines(*one) for one in rules.items())
    advice = "Each should be a JSON object with call_id and text, or call_id and turns. Mend them and run again."
    return f"Lines not taken in: {said}. {advice}"


def _describe_rows(rules: Mapping[str, Sequence[int]]) -> str:
    said = "; ".join(count_lines(*one, name="row") for one in rules.items())
    advice = "The first line should name the columns call_id and text, and each row fill both. Mend them and run again."
    return f"Rows not taken in: {said}. {advice}"


def add_clash(clashes: Clashes, known: Call, call: Call) -> None:
    """Count what a further row of a call says otherwise than its first."""
    other = [name for name, value in call.items() if _is_otherwise(known.get(name), value) and name not in UNLIKE]
    clashes.n_parts += 1
    clashes.columns.update(other)
    clashes.n_rows += bool(other)


def _is_otherwise(known: object, value: object) -> bool:
    return known is not None and value is not None and known != value


def is_other_call(known: Mapping[str, Any], call: Mapping[str, Any]) -> bool:
    """Say whether two contacts of one id are two calls: a day apart by the manifest, and no recording in common."""
    sources = [
        {one["sha256"] for one in row.get("sources") or () if one["kind"] == "recording"} for row in (known, call)
    ]
    if sources[0] & sources[1] or {row.get("started_at_source") for row in (known, call)} != {"manifest"}:
        return False
    return bool(abs((known["started_at"] - call["started_at"]).total_seconds()) > cells.DAY_S)


def is_correction(known: Mapping[str, Any], call: Mapping[str, Any]) -> bool:
    """Say whether a row of another day is of a known call: its customer or two lengths, and nothing that differs."""
    both = {name for name, value in call.items() if value and known.get(name) and name not in (*UNLIKE, "started_at")}
    if any(known[name] != call[name] for name in both):
        return False
    return "customer_id" in both or len(both & set(SECONDS)) >= MIN_SAME_LENGTHS


def list_warnings(manifest: Manifest, file: str, clashes: Clashes, calls: Mapping[str, Call]) -> Iterator[str]:
    """List what a person should know of a manifest even where the run is quiet."""
    if not manifest.rows:
        yield f"{file} has a heading and no call."
    if manifest.left_out:
        counted = ", ".join(f"{n} {kind}" for kind, n in sorted(manifest.left_out.items()))
        yield f"Rows of {file} that are no calls and were left out: {counted}."
    if clashes.columns:
        columns = ", ".join(f"{name} {n}" for name, n in sorted(clashes.columns.items()))
        yield f"Rows that repeat a call id and say something else: {clashes.n_rows} ({columns}). The first row counts."
    if clashes.n_other_calls:
        yield (
            f"Rows with the id of a call on another day: {clashes.n_other_calls}. "
            "They count as calls of their own; ids should be used once."
        )
    if clashes.n_corrected:
        yield f"Calls whose start {file} now corrects by more than a day: {clashes.n_corrected}."
    yield from _list_guessed(manifest.habits)
    for name in sorted(manifest.habits.unclear):
        yield (
            f"{name}: too few scores to tell their scale, and some are above {cells.USUAL_TOPS[0]}, others not. All "
            f"are taken as they stand; set `{name}` in [ingest.top_scores] to the best answer there is."
        )
    talk = [call["talk_s"] for call in calls.values() if call.get("talk_s")]
    if len(talk) >= MIN_TALKS and not MIN_TALK_S <= median(talk) <= MAX_TALK_S:
        yield (
            f"talk_s: the middle call takes {median(talk):g} seconds. If {file} counts otherwise, say so: "
            "`talk_s` in [ingest.units] is ms, s, min or h."
        )


def _list_guessed(habits: Habits) -> Iterator[str]:
    for sign, cells_apart, columns in (
        ("comma", "semicolons", habits.guessed & habits.decimal_comma),
        ("point", "commas or tabs", habits.guessed - habits.decimal_comma),
    ):
        if columns:
            yield (
                f"Numbers such as 1,234 and 1.234 are read with a decimal {sign}, as is usual with {cells_apart} "
                f"between cells; no cell shows it: {', '.join(sorted(columns))}. "
                "Set decimal_sign in [ingest] to be sure."
            )


def list_notes(manifest: Manifest, clashes: Clashes) -> Iterator[str]:
    """List what those who look on should know of a manifest."""
    if clashes.n_parts:
        yield f"Rows that repeat a call id, taken for parts of their call: {clashes.n_parts}."
    missing = [f"{name} ({why})" for name, why in KEY_COLUMNS.items() if name not in manifest.columns]
    if missing:
        yield f"The manifest has no column for {', '.join(missing)}."
    if manifest.unused:
        yield f"Columns of the manifest that nothing reads: {', '.join(manifest.unused)}. Map them in [ingest.columns]."
    yield from _list_cells([row for _, row in manifest.rows])
    yield from _list_habits(manifest.habits)


def _list_cells(rows: Sequence[Row]) -> Iterator[str]:
    n_nobody = sum(bool(row.get("customer_id")) and cells.is_nobody(row["customer_id"]) for row in rows)
    if n_nobody:
        yield f"customer_id: {n_nobody} cells name nobody, such as 0 or unknown. Those customers count as not known."
    n_days = sum(cells.is_day_alone(row.get("started_at", "")) for row in rows)
    if n_days:
        yield f"started_at: {n_days} cells have no hour. Hours of the day and transfers are not to be trusted."


def _list_habits(habits: Habits) -> Iterator[str]:
    minutes = [name for name in SECONDS if habits.units_s.get(name, 1.0) != 1.0]
    if minutes:
        units = ", ".join(f"{name} × {habits.units_s[name]:g}" for name in minutes)
        yield f"Taken for seconds by their unit: {units}."
    commas = habits.decimal_comma - habits.guessed
    if commas:
        yield f"Read with a decimal comma: {', '.join(sorted(commas))}."
    if habits.date_order:
        yield f"Days such as 03/04/2026 are read as {habits.date_order}, as other rows or date_order show."
