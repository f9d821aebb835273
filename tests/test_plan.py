"""Plans: which calls to listen to, how sure their shares are, and the playlist."""

import csv
import json
from pathlib import Path

import pytest
from conftest import NOW, SilentProgress
from invented_calls import CALLS, CLOSE, LATE, NEVER, OTHER, TWICE, Invented, make_project
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.config import Project
from pipeline.errors import InputError
from pipeline.immersion.piles import read_piles
from pipeline.immersion.plan import Plan, make_plan
from pipeline.immersion.plan_files import write_plan
from pipeline.immersion.precision import find_interval, list_hours
from pipeline.measure import run
from pipeline.tables import make_table
from pipeline.words import read_words
from pipeline.work import Work

OLD, WEEK_H = 20, 7 * 24


def measure(folder: Path, calls: tuple[Invented, ...]) -> Project:
    """Make a project of calls and measure it."""
    project = make_project(folder, calls)
    run(Work(project, "measure", "rows-v1", SilentProgress(), NOW))
    return project


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    """The invented calls of two weeks, of a minute each; some recordings are gone."""
    return measure(tmp_path_factory.mktemp("project"), CALLS)


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> Project:
    """Forty minutes about 101 and ten about 102 in the last week, twenty about 103 and two doubtful ones before."""
    calls = [Invented(f"n{i:02}", 400 + i, (NEVER,)) for i in range(40)]
    calls += [Invented(f"l{i:02}", 400 + i, (LATE,)) for i in range(10)]
    calls += [Invented(f"t{i:02}", i, (TWICE,)) for i in range(OLD)]
    calls += [Invented("u1", 401, (CLOSE,)), Invented("u2", 402, (OTHER,))]
    return measure(tmp_path_factory.mktemp("many"), tuple(calls))


def plan_minutes(project: Project, minutes: float, *, uncertain: float = 0.0, seed: int = 0) -> Plan:
    """Plan some minutes of listening."""
    return make_plan(project, hours=minutes / 60, uncertain_ratio=uncertain, seed=seed)


def test_every_reason_is_heard_and_no_call_twice(project: Project):
    """Codes and candidates are all there, and each call once."""
    plan = plan_minutes(project, 600)
    ids = [one.call.call_id for one in plan.calls]
    assert len(ids) == len(set(ids))
    assert {one.reason.reason_id for one in plan.reasons if one.n_planned} == {
        "101", "102", "103", "104", "c-crash", "c-invoice"
    }  # fmt: skip


def test_the_rest_is_shared_out_as_the_reasons_are(many: Project):
    """Of 24 minutes: one of each, two doubtful ones, a second of each, the rest 4 to 1."""
    plan, floor = plan_minutes(many, 24, uncertain=0.1), ["new", "new", "dear"]
    assert [one.why for one in plan.calls[:8]] == [*floor, "undecided", "none_of_these", *floor]
    assert {one.reason.reason_id: one.n_planned for one in plan.reasons} == {"101": 16, "102": 4, "103": 2}


def test_the_latest_week_comes_first(many: Project):
    """What the last week has is taken from it; the older reason is not in the pool and has only its floor."""
    plan = plan_minutes(many, 30)
    assert {one.call.weeks_ago for one in plan.calls if one.anchor != "code-103"} == {0}
    assert {one.reason.reason_id: one.n_pool for one in plan.reasons} == {"101": 40, "102": 10, "103": 0}
    assert plan.n_weeks == 1


def test_weeks_are_added_until_they_fill_the_hours(many: Project):
    """Sixty minutes are more than the last week has."""
    assert plan_minutes(many, 60).n_weeks == 3


def test_new_and_dear_reasons_come_before_the_others(tmp_path):
    """With time for one call only, it is about the reason that was never heard before this week."""
    calls = (*(Invented(f"a{i}", i, (NEVER,)) for i in range(3)), Invented("b0", WEEK_H + 5, (LATE,)))
    project = measure(tmp_path, (*calls, Invented("c0", WEEK_H + 6, (NEVER,))))
    (planned,) = plan_minutes(project, 1).calls
    assert (planned.call.call_id, planned.why) == ("b0", "new")
    assert [one.why for one in plan_minutes(project, 2).calls] == ["new", "dear"]


def test_the_same_seed_draws_the_same_calls(many: Project):
    """Another one draws others."""
    first, again, other = (plan_minutes(many, 12, seed=seed).calls for seed in (1, 1, 2))
    assert first == again
    assert {one.call.call_id for one in first} != {one.call.call_id for one in other}


def test_a_narrowly_given_code_is_doubted(tmp_path):
    """The narrowest comes first, and a code given plainly is not among them."""
    project = measure(tmp_path, tuple(Invented(name, 0, (LATE,)) for name in ("b01", "b02", "b03")))
    second = {"b01": 0.5, "b02": 0.6, "b03": 0.1}
    rows = project.store.read("call_reasons").to_pylist()
    rows = [{**row, "score_ratio": 0.7, "second_score_ratio": second[row["call_id"]]} for row in rows]
    project.store.write_whole("call_reasons", "narrow", make_table("call_reasons", rows))
    pile = read_piles(project, seconds=3600, seed=0).doubts["low_margin"]
    assert [call.call_id for call in pile.calls] == ["b02", "b01"]


def test_a_recording_that_is_gone_is_said_and_not_played(project: Project):
    """The call of 95 seconds has no file any more; the page and the command say so, the playlist lacks it."""
    plan = plan_minutes(project, 600)
    assert [one.call_id for one in plan.gone] == ["a06"]
    files = write_plan(project, plan)
    assert "a06" in files.page.read_text(encoding="utf-8")
    assert "a06" not in files.playlist.read_text(encoding="utf-8")


def test_the_playlist_opens_and_names_no_number(project: Project):
    """Each path leads to the recording, and none shows the recording's own name."""
    plan = plan_minutes(project, 600)
    files = write_plan(project, plan)
    lines = files.playlist.read_text(encoding="utf-8").splitlines()
    paths = [line for line in lines if not line.startswith("#")]
    assert lines[0] == "#EXTM3U"
    assert len(paths) == len(plan.calls)
    assert all((files.playlist.parent / path).is_file() for path in paths)
    for file in vars(files).values():
        assert "5550100" not in file.read_text(encoding="utf-8-sig")


def test_the_page_and_the_csv_say_why_each_call_was_chosen(project: Project):
    """In the project's language; a call with a form links to it."""
    plan = plan_minutes(project, 10)
    forms = project.reports / "en" / "forms"
    forms.mkdir(parents=True, exist_ok=True)
    first = plan.calls[0].call.call_id
    (forms / f"{first}.html").write_text("")
    files = write_plan(project, plan)
    rows = list(csv.DictReader(files.csv.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["Call"] for row in rows] == [one.call.call_id for one in plan.calls]
    assert rows[0]["Why this call"] == read_words("en")(f"why.{plan.calls[0].why}")
    assert files.page.read_text(encoding="utf-8").count("../forms/") == 1


@pytest.mark.parametrize(("hours", "uncertain"), [(0, 0.2), (1, 1.1)])
def test_hours_and_shares_that_cannot_be_are_refused(project: Project, hours, uncertain):
    """The message names the option."""
    with pytest.raises(InputError, match="--hours"):
        make_plan(project, hours=hours, uncertain_ratio=uncertain, seed=0)


def test_without_a_recording_there_is_nothing_to_plan(tmp_path):
    """The message says what to do."""
    with pytest.raises(InputError, match="callreasons run"):
        plan_minutes(measure(tmp_path, (Invented("a", 0, (LATE,), channel="chat", duration_s=None),)), 60)


def test_the_interval_is_wilsons():
    """10 of 100 by hand: (0.1 + 1.96²/200 ± 1.96 √(0.1·0.9/100 + 1.96²/40000)) / (1 + 1.96²/100)."""
    middle, half, scale = 0.119208, 1.96 * 0.0315601, 1.038416
    found = find_interval(0.1, 100)
    assert (found.low_ratio, found.high_ratio) == pytest.approx(
        ((middle - half) / scale, (middle + half) / scale), abs=1e-4
    )
    assert (round(found.low_ratio, 3), round(found.high_ratio, 3)) == (0.055, 0.174)
    with pytest.raises(ValueError, match="share of at least one call"):
        find_interval(0.1, 0)


def test_more_hours_are_more_calls_and_a_narrower_interval():
    """Four hours of four-minute calls are sixty calls."""
    rows = list_hours(240.0, hours=3)
    assert [(row.hours, row.n_calls) for row in rows[:4]] == [(1, 15), (2, 30), (3, 45), (4, 60)]
    widths = [row.intervals[1].high_ratio - row.intervals[1].low_ratio for row in rows]
    assert widths == sorted(widths, reverse=True)


def test_the_command_prints_json_lines_or_where_the_plan_lies(project: Project):
    """An object a call; what is gone goes to stderr."""
    (project.root / "pipeline.toml").write_text("")
    command = ["show", "plan", "--hours", "10", "--project", str(project.root)]
    shown = CliRunner().invoke(app, [*command, "--json"])
    rows = [json.loads(line) for line in shown.stdout.splitlines()]
    assert {"call_id", "why", "audio"} <= rows[0].keys()
    assert "a06" in shown.stderr
    paths = CliRunner().invoke(app, [*command, "--language", "zh"]).stdout.splitlines()[1:]
    assert [Path(path).name for path in paths] == ["plan.html", "plan.csv", "plan.m3u8"]
    assert read_words("zh")("plan.title") in Path(paths[0]).read_text(encoding="utf-8")
