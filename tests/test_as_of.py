"""As of: what was reported on a day is shown from its record, whatever became of the store."""

import csv
import io
import shutil
from dataclasses import replace
from datetime import date

import pytest
from conftest import NOW
from invented_calls import CALLS, Invented, Said, make_project, write_calls
from test_reported import record_on
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.errors import CallReasonsError, InputError
from pipeline.report.as_of import write_as_of
from pipeline.words import read_words

HOSTILE = '<script>alert("x")</script>'


def read_csv(path):
    """Read a CSV as one mapping a row."""
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Reported with seven calls on one day and with all of them two days later; then the store is gone."""
    project = make_project(tmp_path_factory.mktemp("project"), CALLS[:7])
    record_on(project)
    write_calls(project, CALLS)
    record_on(project, days=2)
    shutil.rmtree(project.store.root)
    (project.root / "pipeline.toml").write_text('[project]\ntimezone = "Asia/Shanghai"\n')
    return project


@pytest.mark.parametrize(
    ("day", "shown", "n_calls"),
    [
        (date(2026, 11, 21), "2026-11-21", "7"),
        (date(2026, 11, 22), "2026-11-21", "7"),
        (date(2027, 1, 1), "2026-11-23", "31"),
    ],
)
def test_the_last_record_by_then_is_shown(project, day, shown, n_calls):
    """On a day without a report the one before it holds; the total is that of the record."""
    path = write_as_of(project, day)
    assert path == project.reports / "en" / "as_of" / shown / "report.html"
    rows = read_csv(path.with_name("reasons.csv"))
    assert {row["Reported on"] for row in rows} == {shown}
    assert [row["Calls"] for row in rows if row["Kind"] == "Total"] == [n_calls]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_says_which_day_it_speaks_of(project, language):
    """The heading, the funnel, each reason by its name then, the total, and how it was made, in either language."""
    chosen = project.settings.report.model_copy(update={"language": language})
    chosen = replace(project, settings=project.settings.model_copy(update={"report": chosen}))
    page = write_as_of(chosen, date(2026, 11, 21)).read_text("utf-8")
    words = read_words(language)
    heading = words("as_of.title", day=words.day(date(2026, 11, 21)))
    name = {"en": "My delivery never arrived", "zh": "货一直没收到"}[language]
    for expected in (f"<h1>{heading}</h1>", name, words("table.total"), words("funnel.offered"), "97.83"):
        assert expected in page
    assert "EUR" in page
    assert words("as_of.kept_codes") not in page


def test_the_csv_by_period_adds_up(project):
    """A reason's weeks add up to its whole time."""
    rows = read_csv(write_as_of(project, date(2026, 11, 23)).with_name("reasons_by_period.csv"))
    theirs = [row for row in rows if row["Code"] == "101"]
    assert sum(int(row["Calls"]) for row in theirs if row["Period"] == "Week") == 7
    assert {row["Period"] for row in theirs} == {"All", "Month", "Week"}


@pytest.mark.parametrize(
    ("day", "line"),
    [(date(2026, 11, 20), "on or before 2026-11-20. Name one of these days or later: 2026-11-21, 2026-11-23."),
     (date(1, 1, 1), "2026-11-21")],
)  # fmt: skip
def test_a_day_before_the_first_record_is_told_which_days_there_are(project, day, line):
    """One line, exit code 2."""
    with pytest.raises(InputError, match=line) as caught:
        write_as_of(project, day)
    assert caught.value.exit_code == 2


def test_without_any_record_the_line_says_how_to_get_one(tmp_path):
    """A project that never reported."""
    with pytest.raises(InputError, match=r"Nothing was reported yet\. `callreasons run`"):
        write_as_of(make_project(tmp_path, ()), date(2026, 11, 21))


def test_many_days_are_not_all_listed(tmp_path):
    """Ten days and the last one."""
    project = make_project(tmp_path, CALLS[:1])
    folder = project.state / "reported"
    folder.mkdir(parents=True)
    for day in range(1, 16):
        (folder / f"2026-11-{day:02}.parquet").touch()
    with pytest.raises(InputError, match=r"2026-11-10 and 5 more, the last 2026-11-15\.$"):
        write_as_of(project, date(2026, 10, 1))


def test_the_command_prints_where_the_page_lies(project):
    """`report --as-of` writes no other report; a day that is none is refused."""
    folder = str(project.root)
    shown = CliRunner().invoke(app, ["report", "--as-of", "2026-11-22", "--project", folder])
    assert shown.stdout.strip().endswith("en/as_of/2026-11-21/report.html")
    refused = CliRunner().invoke(app, ["report", "--as-of", "yesterday", "--project", folder])
    assert isinstance(refused.exception, CallReasonsError)
    assert "2026-11-20; got 'yesterday'" in str(refused.exception)
    assert not project.store.root.exists()


def test_a_name_is_only_ever_text(tmp_path):
    """Markup in an owner's or a code's name is shown, and a formula in the CSV is not run."""
    project = make_project(tmp_path, (Invented("a", 0, (Said("101", "nothing came"),)),))
    path = project.taxonomy / "reason_codes.yaml"
    path.write_text(path.read_text().replace("owner: logistics", f"owner: '={HOSTILE}'"))
    record_on(project)
    page = write_as_of(project, NOW.date())
    assert "<script" not in page.read_text("utf-8")
    assert f"'={HOSTILE}" in {row["Owner"] for row in read_csv(page.with_name("reasons.csv"))}
