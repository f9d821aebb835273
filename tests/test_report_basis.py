"""Report: what its numbers rest on."""

from dataclasses import replace

import pytest
from conftest import NOW, SilentProgress
from invented_calls import LATE, Invented, make_project
from test_report import in_language, read_page

from pipeline import measure, report
from pipeline.config import MeasureSettings
from pipeline.work import Work


def _report(project):
    for stage in (measure, report):
        stage.run(Work(project, stage.__name__.rpartition(".")[2], "f1", SilentProgress(), NOW))
    return read_page(project)


@pytest.mark.parametrize(("language", "title"), [("en", "could not be read"), ("zh", "无法读取的单元格")])
def test_the_basis_says_how_many_cells_could_not_be_read(tmp_path, language, title):
    """By column, in the page and in the first sheet; a clean manifest is not mentioned."""
    unread = (("unread_columns", ["csat", "talk_s"]),)
    calls = (Invented("a", 0, (LATE,), known=unread), Invented("b", 1, (LATE,), known=unread[:1]), Invented("c", 2))
    bad = in_language(make_project(tmp_path / "bad", calls), language)
    assert "csat 2" in (page := _report(bad)) and title in page
    about = (report.find_report(bad).parent / "csv" / "about.csv").read_text(encoding="utf-8-sig")
    assert "talk_s,2" in about
    assert title not in _report(in_language(make_project(tmp_path / "good", calls[2:]), language))


def test_a_day_on_which_no_call_is_counted_is_a_zero(tmp_path):
    """A Sunday on which everyone hung up is a day with offered calls and none counted, and the page is drawn."""
    calls = (Invented("a", 0, (LATE,)), Invented("b", 48, has_source=False, is_abandoned=True))
    project = make_project(tmp_path, calls)
    assert _report(project)
    rows = project.store.read("period_metrics").to_pylist()
    assert [(row["n_offered"], row["n_calls"]) for row in rows if row["period"] == "day"] == [(1, 1), (1, 0)]


FILE_TIME = (("started_at_source", "file_time"),)


@pytest.mark.parametrize(("language", "said"), [("en", "Contacts without a time"), ("zh", "没有时间的联系")])
def test_a_call_dated_by_its_file_counts_and_makes_no_day(tmp_path, language, said):
    """The day on which files were copied is no day of calls; the basis says how many are dated so."""
    calls = (Invented("a", 0, (LATE,)), Invented("b", 48, (LATE,), known=FILE_TIME))
    project = in_language(make_project(tmp_path, calls), language)
    assert said in _report(project)
    rows = project.store.read("reason_metrics").to_pylist()
    assert {(row["period"], row["n_calls"]) for row in rows} == {("all", 2), ("month", 1), ("week", 1), ("day", 1)}
    about = (report.find_report(project).parent / "csv" / "about.csv").read_text(encoding="utf-8-sig")
    assert f"{said},1" in about


def test_a_report_of_calls_without_a_day_is_drawn(tmp_path):
    """Where all that is known is the files' times, there are totals and no trend."""
    project = make_project(tmp_path, (Invented("a", 0, (LATE,), known=FILE_TIME), Invented("b", 1, known=FILE_TIME)))
    assert "2 contacts have no time but" in _report(project)


def test_file_times_count_where_they_are_trusted(tmp_path):
    """Who lets the recorder write straight into the folder says so, and its files' times make days."""
    project = make_project(tmp_path, (Invented("a", 0, (LATE,), known=FILE_TIME),))
    settings = project.settings.model_copy(update={"measure": MeasureSettings(trust_file_times=True)})
    assert "no time but" not in _report(replace(project, settings=settings))
    assert "day" in project.store.read("reason_metrics")["period"].to_pylist()


def test_a_call_whose_start_nobody_knows_counts(tmp_path):
    """Its start could not be read and it has no recording's name: it is in the whole time, and in no day."""
    calls = (Invented("a", 0, (LATE,)), Invented("b", 0, (LATE,), known=(("started_at", None),)))
    project = make_project(tmp_path, calls)
    assert _report(project)
    rows = project.store.read("reason_metrics").to_pylist()
    assert {(row["period"], row["n_calls"]) for row in rows} == {("all", 2), ("month", 1), ("week", 1), ("day", 1)}
