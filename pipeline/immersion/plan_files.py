"""Plan files: a plan as a page to print, a CSV and a playlist.

They lie in `reports/<language>/plan/`. The playlist (extended M3U in UTF-8) plays links beside it, whose names say
nothing of whom a recording is about. The recordings are as they were spoken, nothing muted.

Errors: none of its own.
"""

from dataclasses import dataclass
from pathlib import Path

from pipeline.config import Project
from pipeline.immersion.plan import Plan, PlannedCall
from pipeline.immersion.precision import SHARES_SHOWN
from pipeline.report import link_audio
from pipeline.report.csvs import make_csv
from pipeline.report.markup import draw_page
from pipeline.report.recordings import AUDIO_FOLDER, make_safe_name
from pipeline.tables import write_atomically
from pipeline.words import Words, read_words

COLUMNS = ("call_id", "started_at", "duration_s", "language", "reasons", "why", "audio")


@dataclass(frozen=True)
class PlanFiles:
    """Where a plan lies."""

    page: Path
    csv: Path
    playlist: Path


def write_plan(project: Project, plan: Plan) -> PlanFiles:
    """Write a plan in the project's language and say where."""
    language = project.settings.report.language
    words = read_words(language)
    folder = project.reports / language / "plan"
    folder.mkdir(parents=True, exist_ok=True)
    files = PlanFiles(folder / "plan.html", folder / "plan.csv", folder / "plan.m3u8")
    recordings = [one for planned in plan.calls for one in planned.recordings]
    link_audio(folder / AUDIO_FOLDER, {Path(one.audio).name: str(one.path) for one in recordings})
    write_atomically(files.page, _make_page(plan, words, project).encode())
    rows = [tuple(row.values()) for row in list_rows(plan, words, project)]
    headings = [words(f"plan.column.{name}") for name in COLUMNS]
    write_atomically(files.csv, make_csv(headings, rows).encode("utf-8-sig"))
    write_atomically(files.playlist, make_playlist(plan, words).encode())
    return files


def list_rows(plan: Plan, words: Words, project: Project) -> list[dict[str, object]]:
    """List one row a call, of `COLUMNS`, in the order of listening."""
    made: list[dict[str, object]] = []
    for planned in plan.calls:
        call = planned.call
        started_at = call.started_at.astimezone(project.timezone).isoformat() if call.started_at else None
        values = (call.call_id, started_at, call.duration_s, call.language, _name_reasons(plan, planned),
                  words(f"why.{planned.why}"), " ".join(one.audio for one in planned.recordings))  # fmt: skip
        made.append(dict(zip(COLUMNS, values, strict=True)))
    return made


def make_playlist(plan: Plan, words: Words) -> str:
    """Make an extended M3U playlist; a call of two recordings stands there twice."""
    lines = ["#EXTM3U", "#EXTENC:UTF-8", f"#PLAYLIST:{words('plan.title')}"]
    for planned in plan.calls:
        title = " ".join(f"{planned.call.call_id} · {_name_reasons(plan, planned)}".split())
        for index, recording in enumerate(planned.recordings):
            seconds = round(planned.call.duration_s) if len(planned.recordings) == 1 else -1  # -1: not known
            part = f" ({index + 1}/{len(planned.recordings)})" if len(planned.recordings) > 1 else ""
            lines += [f"#EXTINF:{seconds},{title}{part}", recording.audio]
    return "\n".join([*lines, ""])


def _name_reasons(plan: Plan, planned: PlannedCall) -> str:
    return "; ".join(plan.names[anchor].name for anchor in planned.call.anchors if anchor in plan.names)


def _make_page(plan: Plan, words: Words, project: Project) -> str:
    forms = project.reports / words.language / "forms"
    names = {one.call.call_id: f"{make_safe_name(one.call.call_id)}.html" for one in plan.calls}
    times = [one.call.started_at and one.call.started_at.astimezone(project.timezone) for one in plan.calls]
    return draw_page(
        "plan.html",
        "listening.css",
        words,
        p=plan,
        rows=[(one, _name_reasons(plan, one), time) for one, time in zip(plan.calls, times, strict=True)],
        forms={call_id: f"../forms/{name}" for call_id, name in names.items() if (forms / name).is_file()},
        shares=SHARES_SHOWN,
    )
