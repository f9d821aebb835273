"""Report: why customers call, as one HTML page, an Excel workbook and CSVs, every word in English or in Chinese.

Reads what measure made, and the utterances and recordings behind it. Writes `reports/<language>/`: report.html,
report.xlsx, csv/, departments/ with a page to send to each, and audio/, links to the recordings that quotes were heard
in, under names that say nothing; and `state/reported/<day>.parquet`, what this report said.

Errors: MissingTableError when measure has not run.
"""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pipeline import __version__
from pipeline.config import Project
from pipeline.report.apart import begin_charts
from pipeline.report.audited import AuditedReason, correct_actions, read_audited, sort_reasons
from pipeline.report.audited_sheets import correct_reasons, make_audited_sheets
from pipeline.report.content import Content, read_content
from pipeline.report.csvs import make_csv
from pipeline.report.departments import write_departments
from pipeline.report.excel import make_workbook
from pipeline.report.logged_sheets import make_logged_sheets
from pipeline.report.markup import hash_templates
from pipeline.report.page import make_page
from pipeline.report.reasons import Reason, list_reasons, read_reason_rows
from pipeline.report.recordings import AUDIO_FOLDER
from pipeline.report.restated import find_restated
from pipeline.report.restated_sheets import make_restated_sheets
from pipeline.report.sheets import make_sheets
from pipeline.reported import make_record, write_record
from pipeline.tables import hash_text, write_atomically
from pipeline.words import Words, read_words
from pipeline.work import Outcome, Work

PAGE, WORKBOOK, CSV_FOLDER, MADE_FROM = "report.html", "report.xlsx", "csv", ".made_from"

__all__ = ["Reason", "find_report", "read_summary", "run"]


def find_report(project: Project) -> Path:
    """Say where the page of the project's language lies, or will."""
    return project.reports / project.settings.report.language / PAGE


def read_summary(project: Project) -> list[Reason]:
    """Read the counts-and-cost table: most calls first, those without a code last, names in the report's language.

    Raises:
        MissingTableError: Measure has not run.
    """
    return list(list_reasons(read_reason_rows(project.store), project.settings.report.language))


def read_corrected(project: Project) -> dict[str, AuditedReason]:
    """Read what an audit of the same days puts in place of counts and costs, by anchor; empty without one."""
    corrected = read_audited(project.store, project.settings.report.language)
    days = [row["period_start"] for row in project.store.list_rows("period_metrics") if row["period"] == "day"]
    return corrected.by_anchor(min(days, default=None), max(days, default=None)) if corrected else {}


def run(work: Work) -> Outcome:
    """Write the report when anything it says has changed."""
    project = work.project
    words = read_words(project.settings.report.language)
    said = read_content(project)
    record = make_record(project, made_with=work.fingerprint, now=work.now)
    corrected = read_audited(project.store, project.settings.report.language)
    content = replace(said, restated=find_restated(project, record), corrected=corrected)
    content = replace(
        content,
        reasons=sort_reasons(content.reasons, content.estimates),
        actions=correct_actions(content.actions, content.estimates),
    )
    folder = find_report(project).parent
    made_from = _name_content(content, words)
    if not work.force and _is_made(folder, made_from):
        return Outcome(n_kept=1)
    now = work.now.astimezone(project.timezone)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MADE_FROM).unlink(missing_ok=True)
    link_audio(folder / AUDIO_FOLDER, _find_audio(content))
    with begin_charts(content, words) as find_charts:
        _write_tables(folder, content, project, words, now)
        charts = find_charts()
    page = make_page(content, charts, words, made_from=made_from, now=now)
    write_departments(folder, content, charts, words, now=now)
    write_atomically(folder / PAGE, page.encode("utf-8"))
    write_record(project, record)
    write_atomically(folder / MADE_FROM, f"{made_from}\n".encode())
    return Outcome(n_done=1)


def _write_tables(folder: Path, content: Content, project: Project, words: Words, now: datetime) -> None:
    """Write every table, as a CSV and as a sheet of the workbook."""
    sheets = correct_reasons(make_sheets(content, project, words, now), content, words)
    sheets += make_logged_sheets(project.store, content.reason_rows, words)
    sheets += make_restated_sheets(content.restated, words, content.currency)
    sheets += make_audited_sheets(content.corrected, words, content.currency)
    (folder / CSV_FOLDER).mkdir(exist_ok=True)
    for sheet in sheets:
        text = make_csv([column.heading for column in sheet.columns], sheet.rows)
        write_atomically(folder / CSV_FOLDER / f"{sheet.name}.csv", text.encode("utf-8-sig"))
    write_atomically(folder / WORKBOOK, make_workbook(sheets, words, now))


def _name_content(content: Content, words: Words) -> str:
    return hash_text(repr([__version__, content, sorted(words.entries.items()), hash_templates()]))


def _is_made(folder: Path, made_from: str) -> bool:
    made = folder / MADE_FROM
    return made.exists() and made.read_text().strip() == made_from and (folder / PAGE).exists()


def _find_audio(content: Content) -> dict[str, str]:
    return {Path(one.audio).name: one.recording for quotes in content.quotes.values() for one in quotes if one.audio}


def link_audio(folder: Path, recordings: Mapping[str, str]) -> None:
    """Make the folder hold a link to each recording under its new name, and no other link."""
    folder.mkdir(exist_ok=True)
    for name, recording in recordings.items():
        link = folder / name
        if not (link.is_symlink() and str(link.readlink()) == recording):
            temporary = folder / f".{uuid.uuid4().hex}.tmp"
            temporary.symlink_to(recording)
            temporary.replace(link)
    for link in folder.iterdir():
        if link.is_symlink() and link.name not in recordings:
            link.unlink()
