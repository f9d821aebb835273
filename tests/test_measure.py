"""Measure: every formula of docs/measures.md on calls whose answers a person can work out."""

from datetime import date
from pathlib import Path

import pytest
from conftest import NOW, SilentProgress
from invented_calls import CALLS, CRASH, LATE, NEVER, SILENT, TWICE, Invented, make_project
from measuring import find_reason, measure

from pipeline.errors import MissingTableError, TaxonomyError
from pipeline.measure import run
from pipeline.measure.rules import name_reasons
from pipeline.tables import TABLES, make_table
from pipeline.taxonomy import Taxonomy
from pipeline.work import Work


def make_work(project, **options) -> Work:
    """Tell a stage to run."""
    return Work(project, "measure", "rows-v1", SilentProgress(), NOW, **options)


def test_a_reason_has_calls_share_feelings_time_repeats_hours_and_cost():
    """Seven calls about 101, worked out by hand, come out as docs/measures.md says."""
    row = find_reason(measure(CALLS), "101")
    assert (row["n_calls"], row["n_negative"], row["n_neutral"], row["n_positive"]) == (7, 6, 1, 0)
    assert row["share_ratio"] == pytest.approx(7 / 30)
    assert row["handle_time_s"] == pytest.approx((300 + 300 + 120 + 300 + 720 + 95 + 60) / 7)
    assert (row["n_handle_time_estimated"], row["n_repeat_calls"], row["n_said_called_before"]) == (2, 2, 1)
    assert row["hours"] == pytest.approx((300 + 300 + 120 + 300 + 720 * (9.5 - 4.5) / (60 - 4.5) + 95 + 60) / 3600)
    assert row["cost"] == pytest.approx(row["hours"] * 30 + 7 * 12.5)
    assert (row["name_en"], row["name_zh"], row["owner"]) == ("My delivery never arrived", "货一直没收到", "logistics")


def test_a_candidate_is_named_in_the_language_of_the_report_where_members_speak_it() -> None:
    """Where none does, the name that there is stands in both."""
    candidates = [("c-2", "一直没送到", "It never arrived"), ("c-1", "Charged twice", None)]
    rows = [
        row for row in name_reasons(Taxonomy(()), (), candidates, ()).to_pylist() if row["reason_kind"] == "candidate"
    ]
    assert [(row["reason_id"], row["name_en"], row["name_zh"]) for row in rows] == [
        ("c-1", "Charged twice", "Charged twice"),
        ("c-2", "It never arrived", "一直没送到"),
    ]


def test_the_funnel_counts_how_far_calls_came():
    """Offered, recorded, heard, said why and coded stand in this order and never grow."""
    steps = measure(CALLS)["funnel"].to_pylist()
    assert [row["step"] for row in steps] == ["offered", "recorded", "heard", "said_why", "coded"]
    assert [row["n_calls"] for row in steps] == [34, 32, 30, 29, 21]


def test_a_funnel_of_no_calls_is_all_zero():
    """No call at all is five steps of nothing, not a missing table."""
    assert measure([])["funnel"]["n_calls"].to_pylist() == [0, 0, 0, 0, 0]


def test_offered_calls_are_counted_or_dropped():
    """Rows in = rows out + dropped, each with its reason."""
    tables = measure(CALLS)
    counted = set(tables["reason_calls"]["call_id"].to_pylist())
    dropped = {row["call_id"]: row["reason"] for row in tables["dropped"].to_pylist()}
    assert counted | dropped.keys() == {call.call_id for call in CALLS}
    assert not counted & dropped.keys()
    assert dropped == {"x01": "abandoned", "x02": "not_recorded", "x03": "not_transcribed"}


def test_a_call_that_waits_is_not_one_that_failed():
    """A recording that nobody listened to yet is said to wait; only a failure could not be listened to."""
    dropped = measure(CALLS, failed=())["dropped"].to_pylist()
    assert {row["call_id"]: row["reason"] for row in dropped}["x03"] == "not_listened"


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ((NEVER, NEVER), ["101"]),
        ((NEVER, TWICE), ["101", "103"]),
        ((CRASH, NEVER), ["c-crash", "101"]),
        ((CLOSE_OTHER := CALLS[25].said[0], NEVER), ["101"]),
        ((CALLS[26].said[0], CLOSE_OTHER), ["undecided"]),
        ((SILENT,), ["not_said"]),
    ],
)
def test_a_call_counts_once_for_each_of_its_reasons(said, counted):
    """Codes and candidates count once each; only a call with neither counts under a kind of no-code."""
    rows = measure([Invented("a", 0, said)])["reason_calls"].to_pylist()
    assert [row["reason_id"] for row in rows] == counted


@pytest.mark.parametrize(
    ("rule", "hours", "cost"),
    [("equal", [0.5, 0.5], [15 + 12.5, 15]), ("full", [1, 1], [30 + 12.5, 30]), ("first", [1, 0], [30 + 12.5, 0])],
)
def test_several_reasons_share_a_call_by_the_rule(rule, hours, cost):
    """An hour with two reasons is halved, charged to each, or to the first; a unit cost is always owed whole."""
    call = Invented("a", 0, (NEVER, TWICE), handle_s=(3600.0, None, None))
    rows = measure([call], several_reasons=rule)["reason_calls"].to_pylist()
    assert [row["hours"] for row in rows] == hours
    assert [row["cost"] for row in rows] == cost


@pytest.mark.parametrize("rule", ["equal", "first"])
def test_reasons_add_up_to_the_total(rule):
    """Hours and cost of all reasons are those of all calls, in every period."""
    tables = measure(CALLS, several_reasons=rule)
    for total in tables["period_metrics"].to_pylist():
        key = ("period", "period_start")
        parts = [row for row in tables["reason_metrics"].to_pylist() if all(row[k] == total[k] for k in key)]
        assert sum(row["hours"] for row in parts) == pytest.approx(total["hours"])
        assert sum(row["cost"] for row in parts) == pytest.approx(total["cost"])


@pytest.mark.parametrize("period", ["week", "day"])
def test_periods_add_up_to_all(period):
    """Every count of a week or a day sums to the count over all calls."""
    rows = measure(CALLS)["period_metrics"].to_pylist()
    (everything,) = [row for row in rows if row["period"] == "all"]
    for name in [name for name in everything if name.startswith("n_")] + ["hours", "cost"]:
        assert sum(row[name] or 0 for row in rows if row["period"] == period) == pytest.approx(everything[name])


@pytest.mark.parametrize(
    ("handle_s", "duration_s", "channel", "expected", "is_estimated"),
    [
        ((200.0, 40.0, 60.0), 230.0, "phone", 300.0, False),
        ((200.0, None, None), 230.0, "phone", 200.0, False),
        ((None, None, None), 230.0, "phone", 230.0, True),
        ((None, 40.0, 60.0), 230.0, "phone", 290.0, True),
        ((-5.0, None, None), 230.0, "phone", 230.0, True),
        ((None, None, None), None, "chat", None, False),
        ((200.0, 0.0, 60.0), None, "chat", 260.0, False),
    ],
)
def test_handle_time_comes_from_the_manifest_else_from_the_recording(
    handle_s, duration_s, channel, expected, is_estimated
):
    """Talk, hold and wrap where they are; the recording stands in, marked; a chat without them has none."""
    call = Invented("a", 0, (LATE,), handle_s=handle_s, duration_s=duration_s, channel=channel)
    (row,) = measure([call])["reason_calls"].to_pylist()
    assert (row["handle_time_s"], row["is_handle_time_estimated"]) == (expected, is_estimated)


@pytest.mark.parametrize(
    ("after_h", "repeats"),
    [
        ((0, 24), [False, True]),
        ((0, 7 * 24), [False, True]),
        ((0, 7 * 24 + 0.1), [False, False]),
        ((0, 0.25), [False, False]),
        ((0, 0.26), [False, True]),
        ((0, 0.2, 0.4), [False, False, False]),
        ((0, 0.2, 30), [False, False, True]),
    ],
)
def test_a_repeat_is_the_same_reason_again_and_no_transfer(after_h, repeats):
    """Within seven days counts, within fifteen minutes of the call before is a transfer."""
    calls = [Invented(f"a{n}", hours, (LATE,), customer="anna") for n, hours in enumerate(after_h)]
    assert measure(calls)["reason_calls"]["is_repeat"].to_pylist() == repeats


def test_another_customer_or_reason_is_no_repeat():
    """Only the same customer with the same reason repeats; a customer nobody knows is null, not no."""
    calls = [
        Invented("a", 0, (LATE,), customer="anna"),
        Invented("b", 20, (NEVER,), customer="anna"),
        Invented("c", 40, (LATE,), customer="bo"),
        Invented("d", 60, (LATE,)),
        Invented("e", 70, (SILENT,), customer="bo"),
        Invented("f", 80, (SILENT,), customer="bo"),
    ]
    assert measure(calls)["reason_calls"]["is_repeat"].to_pylist() == [False, False, False, None, None, None]


def test_repeats_are_unknown_where_no_customer_is_known():
    """Without a customer id there is no count of repeats, rather than none."""
    tables = measure([Invented("a", 0, (LATE,)), Invented("b", 9, (LATE,))])
    assert find_reason(tables, "102")["n_repeat_calls"] is None
    assert set(tables["period_metrics"]["n_repeat_calls"].to_pylist()) == {None}


def test_days_are_those_of_the_projects_time_zone():
    """A call late on Sunday in UTC is on Monday in Shanghai, and in the next week."""
    call = Invented("a", 7 * 24 - 5, (LATE,))
    days = [row["period_start"] for row in measure([call])["period_metrics"].to_pylist()]
    assert days == [date(2026, 11, day) for day in (9, 9, 1, 9)]


def test_a_code_that_left_the_taxonomy_keeps_its_number():
    """Calls of an unknown code are counted under its number, without owner or unit cost."""
    row = find_reason(measure([Invented("a", 0, (NEVER,))], Taxonomy()), "101")
    assert (row["name_en"], row["name_zh"], row["owner"]) == ("101", "101", None)


def test_every_table_has_a_unique_key():
    """No row is written twice under one key."""
    for name, table in measure(CALLS).items():
        keys = list(zip(*(table[column].to_pylist() for column in TABLES[name].key), strict=True))
        assert len(keys) == len(set(keys)), name


def test_the_order_of_rows_changes_nothing():
    """The same calls in another order give the same counts."""
    counts = ("reason_id", "period", "period_start", "n_calls", "n_repeat_calls", "n_negative")
    expected = measure(CALLS)["reason_metrics"].select(counts)
    assert measure(CALLS[::-1])["reason_metrics"].select(counts) == expected


def test_nothing_changed_nothing_done(tmp_path: Path):
    """A second run does no work; a changed call, rule or name makes everything again."""
    project = make_project(tmp_path)
    assert run(make_work(project)).n_done == len(CALLS)
    assert run(make_work(project)).n_done == 0
    assert run(make_work(project, force=True)).n_done == len(CALLS)
    project = make_project(tmp_path, measure={"wage_per_hour": 50.0})
    assert run(make_work(project)).n_done == len(CALLS)
    make_project(tmp_path, CALLS[:20])
    assert run(make_work(project)).n_done == 20
    assert project.store.read("dropped").num_rows == 0


def test_what_other_stages_dropped_stays(tmp_path: Path):
    """Measure replaces its own part of `dropped`, however often it runs, and leaves the others' alone."""
    project = make_project(tmp_path)
    noise = {"stage": "cluster", "call_id": "g01", "item": "utterance 0", "reason": "noise"}
    project.store.write("dropped", "cluster", make_table("dropped", [noise]), {"*": "cluster"})
    for wage in (30.0, 50.0):
        run(make_work(make_project(tmp_path, measure={"wage_per_hour": wage})))
        stages = sorted(project.store.read("dropped")["stage"].to_pylist())
        assert stages == ["cluster", "measure", "measure", "measure"]


def test_a_missing_table_says_what_to_run(tmp_path: Path):
    """Without the stages before there is one clear line."""
    project = make_project(tmp_path)
    (project.store.root / "call_signals" / "current.json").unlink()
    with pytest.raises(MissingTableError, match="call_signals"):
        run(make_work(project))


def test_costs_of_two_currencies_are_not_added(tmp_path: Path):
    """Unit costs in another currency than the wage are refused."""
    project = make_project(tmp_path, project={"currency": "USD"})
    with pytest.raises(TaxonomyError, match=r"'EUR', but pipeline.toml says 'USD'"):
        run(make_work(project))
