"""Groups: any mix of what calls can be grouped by gives the figures that the tables of measure give."""

import json
from pathlib import Path

import pytest
from conftest import NOW, SilentProgress
from invented_calls import LATE, TWICE, Invented, make_project
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.config import Project
from pipeline.errors import SettingsError
from pipeline.measure import run
from pipeline.measure.groups import group_calls
from pipeline.measure.sums import DIMENSIONS
from pipeline.work import Work


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    """The invented calls, measured."""
    made = make_project(tmp_path_factory.mktemp("project"), measure={"show_agents": True})
    run(Work(made, "measure", "rows-v1", SilentProgress(), NOW))
    return made


def test_all_calls_together_are_the_total(project: Project):
    """Grouped by nothing there is one row, and it is that of the whole time."""
    (row,) = group_calls(project, []).to_pylist()
    (total,) = [one for one in project.store.read("period_metrics").to_pylist() if one["period"] == "all"]
    assert {name: row[name] for name in row if name != "calls"} == pytest.approx(
        {name: total[name] for name in row if name != "calls"}
    )


def test_reasons_by_week_are_those_of_the_table(project: Project):
    """By reason and week every figure is that of reason_metrics."""
    weeks = [one for one in project.store.read("reason_metrics").to_pylist() if one["period"] == "week"]
    known = {(one["reason_id"], one["period_start"]): one for one in weeks}
    rows = group_calls(project, ["reason", "week"]).to_pylist()
    assert len(rows) == len(known)
    for row in rows:
        table = known[row["reason_id"], row["week"]]
        for name in ("n_calls", "n_negative", "handle_time_s", "n_repeat_calls", "n_over", "hours", "cost"):
            assert row[name] == pytest.approx(table[name]), name


@pytest.mark.parametrize("name", [name for name in DIMENSIONS if name != "owner"])
def test_every_dimension_parts_the_calls(project: Project, name: str):
    """Whatever calls are grouped by, each is in one group and no cost is lost."""
    (total,) = group_calls(project, []).to_pylist()
    rows = group_calls(project, [name]).to_pylist()
    assert sum(row["n_calls"] for row in rows) == total["n_calls"]
    assert sum(row["cost"] for row in rows) == pytest.approx(total["cost"])


def test_where_each_reason_is_charged_all_a_call_is_still_charged_once(tmp_path: Path):
    """An hour with two reasons costs an hour in all, and an hour for each reason, under the rule `full`."""
    call = Invented("a", 0, (LATE, TWICE), handle_s=(3600.0, None, None))
    project = make_project(tmp_path, (call,), measure={"several_reasons": "full"})
    run(Work(project, "measure", "rows-v1", SilentProgress(), NOW))
    assert group_calls(project, ["day"])["hours"].to_pylist() == [1]
    assert group_calls(project, ["reason"])["hours"].to_pylist() == [1, 1]


def test_an_unknown_dimension_is_named(project: Project):
    """The message says what there is to group by."""
    with pytest.raises(SettingsError, match=r"grouped by 'moon'\. Name one or several of reason, day"):
        group_calls(project, ["moon"])


def test_agents_are_compared_only_when_a_setting_asks(tmp_path: Path):
    """There is no league table of agents by accident."""
    with pytest.raises(SettingsError, match="show_agents"):
        group_calls(make_project(tmp_path), ["agent"])


def test_the_command_prints_and_writes_groups(project: Project, tmp_path: Path):
    """`show measures` gives JSON lines and a CSV with every measure."""
    (project.root / "pipeline.toml").write_text("[measure]\nshow_agents = true\n")
    shown = CliRunner().invoke(app, ["show", "measures", "--by", "owner", "--json", "--project", str(project.root)])
    assert {json.loads(line)["owner"] for line in shown.stdout.splitlines()} == {"logistics", "billing", None}
    path = tmp_path / "made.csv"
    CliRunner().invoke(app, ["show", "measures", "--by", "week", "--csv", str(path), "--project", str(project.root)])
    heading, *rows = path.read_text(encoding="utf-8-sig").splitlines()
    assert heading.startswith("week,n_calls")
    assert len(rows) == 2
