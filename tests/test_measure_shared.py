"""Numbers that many people share, worked out by hand."""

from datetime import timedelta

import pytest
from conftest import NOW, SilentProgress
from invented_calls import LATE, MONDAY, SILENT, Invented, Said, make_project
from measuring import find_reason, find_total, measure

from pipeline import measure as stage
from pipeline.work import Work

END = Invented("z", 24 * 90, (SILENT,))


def _call(n_calls, gap_h, customer="switchboard"):
    return [Invented(f"{customer}{n}", n * gap_h, (LATE,), customer=customer) for n in range(n_calls)]


def test_a_shared_number_is_in_every_count_and_in_no_repeat():
    """Four calls within a day at a limit of three: four calls, no repeat, and the customer is not known."""
    row = find_reason(measure([*_call(4, 6), *_call(2, 24, "anna"), END], shared_customer_calls=3), "102")
    assert (row["n_calls"], row["n_repeat_calls"], row["n_customer_known"]) == (6, 1, 2)
    assert (row["n_over"], row["n_followed_by_same"]) == (2, 1)


@pytest.mark.parametrize(
    ("n_calls", "gap_h", "limit", "n_repeats"),
    [
        (3, 24, 3, 2),  # as many as the limit
        (4, 24, 3, None),  # one more, within the window
        (4, 24 * 14, 3, 0),  # one more, but never four within seven days
        (4, 56, 3, None),  # the first and the fourth exactly seven days apart
        (4, 24, 0, 3),  # no limit
    ],
)
def test_the_limit_is_calls_within_the_window(n_calls, gap_h, limit, n_repeats):
    """A faithful customer of many years is one person; so is one who calls as often as the limit."""
    row = find_reason(measure([*_call(n_calls, gap_h), END], shared_customer_calls=limit), "102")
    assert row["n_calls"] == n_calls
    assert (row["n_repeat_calls"] if row["n_customer_known"] else None) == n_repeats


def test_a_shared_numbers_customers_are_lost_one_by_one():
    """Those who threaten to leave over a switchboard are several people, who leave one each."""
    calls = [Invented(f"s{n}", n, (LATE,), customer="switchboard", signals=("threat_to_leave",)) for n in range(4)]
    settings = {"lifetime_value": 100.0, "threat_leaving_ratio": 0.5, "shared_customer_calls": 3}
    assert find_total(measure([*calls, END], **settings))["leaving_cost"] == pytest.approx(4 * 50)
    assert find_total(measure([*calls[:3], END], **settings))["leaving_cost"] == pytest.approx(50)


def test_ten_thousand_calls_of_one_number_are_named_by_hash(tmp_path):
    """The run says the hash and how many calls; the rest of the calls are measured as ever."""
    calls = (*(Invented(f"s{n}", n / 60, (Said("102"),), customer="switchboard") for n in range(10_000)),
             *_call(2, 24, "anna"))  # fmt: skip
    project = make_project(tmp_path, calls)
    outcome = stage.run(Work(project, "measure", "f1", SilentProgress(), NOW + timedelta(days=1)))
    ids = {row["customer_id"] for row in project.store.read("calls").to_pylist() if row["call_id"].startswith("s")}
    (warning,) = outcome.warnings
    assert warning.startswith(f"Customer {ids.pop()} has 10000 calls, more than 50 of them within 7 days")
    (row,) = [row for row in project.store.read("period_metrics").to_pylist() if row["period"] == "all"]
    assert (row["n_calls"], row["n_customer_known"], row["n_repeat_calls"]) == (10_002, 2, 1)
    assert MONDAY.date() in {one["period_start"] for one in project.store.read("period_metrics").to_pylist()}
