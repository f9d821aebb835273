"""Listening forms: a page a call, filled in from it, and a blank one."""

from pathlib import Path

import pytest
from conftest import NOW, SilentProgress
from invented_calls import LATE, TWICE, Invented, make_project
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.config import Project
from pipeline.errors import InputError
from pipeline.measure import run
from pipeline.report.forms import read_form, write_form
from pipeline.words import read_words
from pipeline.work import Work


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    """Two calls of one customer, the second with two reasons and a threat to leave; and one with an odd id."""
    calls = (
        Invented("a", 0, (LATE,), customer="anna"),
        Invented("b", 30, (LATE, TWICE), customer="anna", label="negative", signals=("threat_to_leave",)),
        Invented("../c", 60, (LATE,), channel="chat"),
    )
    project = make_project(tmp_path_factory.mktemp("project"), calls)
    run(Work(project, "measure", "rows-v1", SilentProgress(), NOW))
    return project


def test_a_form_knows_what_the_call_said(project: Project):
    """Reasons in order with their words and seconds, feelings, a repeat, and the signals that are there."""
    form = read_form(project, "b")
    assert [(one.number, one.name, one.start_s) for one in form.reasons] == [
        ("102", "My delivery is late", 11.0),
        ("103", "I was charged twice", 8.0),
    ]
    assert form.labels[:2] == ("negative", "negative")
    assert form.is_repeat
    assert {one.signal: one.is_present for one in form.signals}["threat_to_leave"]
    assert not read_form(project, "a").is_repeat


def test_a_form_is_one_page_in_the_reports_language(project: Project):
    """The page shows the customer's words and asks whether they were understood."""
    page = write_form(project, "b").read_text(encoding="utf-8")
    words = read_words("en")
    for expected in (LATE.text, TWICE.text, words("form.right"), words("signal.threat_to_leave"), words("form.notes")):
        assert expected in page


def test_a_blank_form_has_room_for_reasons(project: Project):
    """Nothing is filled in."""
    page = write_form(project).read_text(encoding="utf-8")
    assert page.count('class="empty"') == 3
    assert 'class="box yes"' not in page


def test_a_forms_name_stays_in_its_folder(project: Project):
    """A call's id is no path."""
    assert write_form(project, "../c").parent == project.reports / "en" / "forms"


def test_there_is_no_form_of_a_call_that_is_not_there(project: Project):
    """The message says where calls are listed."""
    with pytest.raises(InputError, match="no call 'x'"):
        read_form(project, "x")


def test_the_command_says_where_the_form_lies(project: Project):
    """`show call ID --form` prints the path, in the language asked for."""
    (project.root / "pipeline.toml").write_text("")
    shown = CliRunner().invoke(app, ["show", "call", "a", "--form", "--language", "zh", "--project", str(project.root)])
    path = Path(shown.stdout.strip())
    assert path.name == "a.html"
    assert read_words("zh")("form.title") in path.read_text(encoding="utf-8")
