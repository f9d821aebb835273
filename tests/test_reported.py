"""Reported: what a report said is kept under its day, the same in both languages, and never changed later."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from conftest import NOW, SilentProgress
from invented_calls import CALLS, make_project, write_calls

from pipeline import measure, report
from pipeline.config import Project
from pipeline.errors import InputError
from pipeline.reported import list_days, make_record, read_record, write_record
from pipeline.tables import TABLES
from pipeline.work import Work

TODAY, TOMORROW = date(2026, 11, 21), date(2026, 11, 22)


def report_on(project: Project, *, days: float = 0, language: str = "en", made_with: str = "page-v1") -> None:
    """Measure and report so many days after `NOW`."""
    chosen = project.settings.report.model_copy(update={"language": language})
    project = replace(project, settings=project.settings.model_copy(update={"report": chosen}))
    now = NOW + timedelta(days=days)
    measure.run(Work(project, "measure", "rows-v1", SilentProgress(), now))
    report.run(Work(project, "report", made_with, SilentProgress(), now))


def record_on(project: Project, *, days: float = 0, made_with: str = "page-v1") -> None:
    """Measure, and leave a report's record so many days after `NOW` without drawing the report."""
    now = NOW + timedelta(days=days)
    measure.run(Work(project, "measure", "rows-v1", SilentProgress(), now))
    write_record(project, make_record(project, made_with=made_with, now=now))


def find_row(project: Project, day: date, reason_id: str, period: str = "all") -> dict[str, object]:
    """Find one row of a record."""
    rows = read_record(project, day).to_pylist()
    (row,) = [row for row in rows if (row["reason_id"], row["period"]) == (reason_id, period)]
    return row


def test_a_report_leaves_a_record_of_what_it_said(tmp_path):
    """Each reason's figures are those of the tables, in each week and month and over all time, and all calls' too."""
    project = make_project(tmp_path, CALLS)
    report_on(project)
    assert list_days(project) == [TODAY]
    record = read_record(project, TODAY)
    assert record.schema.equals(TABLES["reported"].schema)
    assert set(record["period"].to_pylist()) == {"all", "month", "week"}
    row = find_row(project, TODAY, "101")
    assert (row["n_calls"], row["name_zh"], row["owner"], row["unit_cost"]) == (7, "货一直没收到", "logistics", 12.5)
    assert row["cost"] == pytest.approx(97.8322, abs=1e-4)
    total = find_row(project, TODAY, "all")
    assert (total["n_offered"], total["n_calls"], total["last_day"]) == (34, 31, date(2026, 11, 15))
    weeks = [one for one in record.to_pylist() if one["period"] == "week" and one["reason_id"] == "101"]
    assert sum(one["n_calls"] for one in weeks) == 7


def test_both_languages_leave_the_same_record(tmp_path):
    """The second language's report, later that day, finds nothing to add and leaves the file alone."""
    project = make_project(tmp_path, CALLS[:6])
    report_on(project)
    path = project.state / "reported" / "2026-11-21.parquet"
    before = (path.stat().st_mtime_ns, path.read_bytes())
    report_on(project, days=0.1, language="zh")
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before


def test_only_the_same_days_record_is_replaced(tmp_path):
    """A newer report of the day takes the place of the earlier one; the next day has a file of its own."""
    project = make_project(tmp_path, CALLS[:2])
    record_on(project)
    write_calls(project, CALLS[:4])
    record_on(project, days=0.1)
    assert find_row(project, TODAY, "101")["n_calls"] == 4
    kept = (project.state / "reported" / "2026-11-21.parquet").read_bytes()
    write_calls(project, CALLS[:6])
    record_on(project, days=1)
    assert list_days(project) == [TODAY, TOMORROW]
    assert (project.state / "reported" / "2026-11-21.parquet").read_bytes() == kept
    assert find_row(project, TOMORROW, "101")["n_calls"] == 6


def test_the_day_is_that_of_the_projects_time_zone(tmp_path):
    """Three in the morning in Greenwich is still the day before in New York."""
    project = make_project(tmp_path, CALLS[:2], project={"timezone": "America/New_York"})
    record_on(project)
    assert list_days(project) == [date(2026, 11, 20)]


def test_a_code_that_no_call_has_is_recorded_with_what_the_taxonomy_said(tmp_path):
    """So that a later report can tell a new code from one that nobody called about."""
    project = make_project(tmp_path, CALLS[:2])
    record_on(project)
    row = find_row(project, TODAY, "104")
    assert (row["n_calls"], row["status"], row["merged_into"], row["name_en"]) == (0, "active", "", "I cannot log in")


def test_a_report_that_says_nothing_new_leaves_no_record(tmp_path):
    """The last record still says what was reported."""
    project = make_project(tmp_path, CALLS[:2])
    report_on(project)
    report_on(project, days=1)
    assert list_days(project) == [TODAY]


def test_a_broken_record_is_named(tmp_path):
    """A file that is no record is said in one line, with what to do; other files are left alone."""
    project = make_project(tmp_path, CALLS[:2])
    folder = project.state / "reported"
    folder.mkdir(parents=True)
    (folder / "2026-11-20.parquet").write_bytes(b"half")
    (folder / "notes.parquet").write_bytes(b"")
    assert list_days(project) == [date(2026, 11, 20)]
    with pytest.raises(InputError, match=r"2026-11-20.parquet is no record of a report. Restore it"):
        read_record(project, date(2026, 11, 20))
