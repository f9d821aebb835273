"""Repeats, triggers, feelings that turn and every part of the cost, worked out by hand on a few calls."""

import pytest
from invented_calls import LATE, LOGIN, NEVER, SILENT, TWICE, Invented, Said
from measuring import find_reason, find_total, measure

HOUR = (3600.0, 0.0, 0.0)
END = Invented("z", 24 * 60, (SILENT,))  # two months on, so that every window before it is over


def test_a_repeat_about_another_reason_is_shown_apart():
    """Late, then two days on charged twice: one repeat of another reason, none of the same."""
    calls = [Invented("a", 0, (LATE,), customer="anna"), Invented("b", 48, (TWICE,), customer="anna"), END]
    tables = measure(calls)
    assert (find_reason(tables, "103")["n_repeat_calls"], find_reason(tables, "103")["n_repeats_of_other"]) == (0, 1)
    assert find_reason(tables, "102")["n_repeats_of_other"] == 0
    assert (find_total(tables)["n_repeat_calls"], find_total(tables)["n_repeats_of_other"]) == (0, 1)


def test_a_call_is_resolved_when_no_repeat_follows_it():
    """Of three calls about 102 one is followed by the same, one by another reason: one third is resolved."""
    calls = [
        Invented("a1", 0, (LATE,), customer="anna"),
        Invented("a2", 24, (LATE,), customer="anna"),
        Invented("a3", 72, (TWICE,), customer="anna"),
        Invented("b1", 0, (LATE,), customer="bo"),
        END,
    ]
    row = find_reason(measure(calls), "102")
    assert (row["n_over"], row["n_followed_by_same"], row["n_followed_by_other"]) == (3, 1, 1)
    assert row["resolved_ratio"] == pytest.approx(1 / 3)


def test_the_last_days_are_not_over_yet():
    """A call less than seven days before the last one could still be repeated, so it counts for neither side."""
    calls = [Invented("a", 0, (LATE,), customer="anna"), Invented("b", 6 * 24, (TWICE,), customer="bo")]
    row = find_reason(measure(calls), "102")
    assert (row["n_over"], row["resolved_ratio"]) == (0, None)


def test_a_transfer_is_one_contact():
    """Two calls ten minutes apart are one contact: the second is a transfer, and one repeat follows both."""
    calls = [
        Invented("a1", 0, (LATE,), customer="anna"),
        Invented("a2", 1 / 6, (LATE,), customer="anna"),
        Invented("a3", 24, (LATE,), customer="anna"),
        END,
    ]
    row = find_reason(measure(calls), "102")
    assert (row["n_calls"], row["n_transfers"], row["n_repeat_calls"]) == (3, 1, 1)
    assert (row["n_over"], row["n_followed_by_same"]) == (2, 1)


def test_a_customers_calls_about_one_reason_are_one_case():
    """5, 10 and 15 minutes of Anna's, put through and called again, and one call of Bo's of 20: cases of 30 and 20."""
    calls = [
        Invented("a1", 0, (LATE,), customer="anna", handle_s=(300.0, 0.0, 0.0)),
        Invented("a2", 1 / 6, (LATE,), customer="anna", handle_s=(600.0, 0.0, 0.0)),
        Invented("a3", 24, (LATE,), customer="anna", handle_s=(900.0, 0.0, 0.0)),
        Invented("b1", 0, (LATE, TWICE), customer="bo", handle_s=(1200.0, 0.0, 0.0)),
        Invented("n1", 0, (LATE,), handle_s=(9000.0, 0.0, 0.0)),  # nobody knows whose it is
    ]
    tables = measure(calls)
    late = find_reason(tables, "102")
    assert (late["n_cases"], late["case_time_s"], late["n_customer_known"]) == (2, 25 * 60, 4)
    assert find_total(tables)["n_cases"] == 2
    assert find_reason(measure(calls[-1:]), "102")["n_cases"] is None


def test_the_matrix_says_what_customers_came_back_about():
    """A repeat counts for its own reason, or in equal parts for the reasons of the contact before."""
    calls = [
        Invented("a1", 0, (LATE, TWICE), customer="anna"),
        Invented("a2", 24, (NEVER,), customer="anna"),
        Invented("a3", 48, (NEVER,), customer="anna"),
    ]
    rows = measure(calls)["repeat_matrix"].to_pylist()
    assert {(row["trigger_id"], row["reason_id"]): row["n_repeats"] for row in rows} == {
        ("101", "101"): 1,
        ("102", "101"): 0.5,
        ("103", "101"): 0.5,
    }


def test_a_repeat_is_charged_to_what_caused_it():
    """An hour about 103 that comes back to 102 is taken from 103 and put to 102; together nothing changes."""
    calls = [
        Invented("a1", 0, (LATE,), customer="anna", handle_s=HOUR),
        Invented("a2", 24, (TWICE,), customer="anna", handle_s=HOUR),
        Invented("b1", 0, (TWICE,), customer="bo", handle_s=HOUR),
    ]
    tables = measure(calls)
    late, twice = find_reason(tables, "102"), find_reason(tables, "103")
    assert (late["cost"], late["caused_cost"]) == (30, 60)
    assert (twice["cost"], twice["caused_cost"]) == (60, 30)


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ((Said("102", "late", 10.0), Said("103", "twice", 70.0)), [60 / 90, 30 / 90]),
        ((Said("102", "late", 10.0), Said("103", "twice", None)), [0.5, 0.5]),
        ((Said("102", "late", 10.0), Said("103", "twice", 40.0), Said("102", "late", 70.0)), [60 / 90, 30 / 90]),
    ],
)
def test_two_reasons_are_charged_by_the_time_spent_on_each(said, parts):
    """From where one is said to where the next is, in a call of 100 seconds; equally where a second is missing."""
    rows = measure([Invented("a", 0, said, duration_s=100.0)])["reason_calls"].to_pylist()
    assert [row["charged_ratio"] for row in rows] == pytest.approx(parts)


def test_the_parts_of_cost_add_up():
    """An hour at 30, 61 minutes of telephone at 0.1, a parcel at 12.5, and a fifth of a customer worth 100."""
    call = Invented(
        "a", 0, (NEVER,), customer="anna", handle_s=HOUR, signals=("threat_to_leave",), known=(("wait_s", 60.0),)
    )
    row = find_reason(measure([call], telephone_cost_per_minute=0.1, lifetime_value=100.0), "101")
    assert row["handling_cost"] == 30
    assert row["telephone_cost"] == pytest.approx(6.1)
    assert (row["unit_cost"], row["leaving_cost"]) == (12.5, 20)
    assert row["cost"] == pytest.approx(30 + 6.1 + 12.5 + 20)


def test_a_customer_is_lost_once():
    """Two threats of one customer and a cancellation of another: a fifth and four fifths of a customer."""
    calls = [
        Invented("a1", 0, (LATE,), customer="anna", signals=("threat_to_leave",)),
        Invented("a2", 300, (LATE,), customer="anna", signals=("threat_to_leave",)),
        Invented("b1", 0, (TWICE,), customer="bo", signals=("threat_to_leave",)),
    ]
    tables = measure(calls, lifetime_value=100.0, cancelling_codes=("103",))
    assert (find_reason(tables, "102")["leaving_cost"], find_reason(tables, "103")["leaving_cost"]) == (20, 80)


def test_feelings_that_turn_are_counted():
    """Three began badly; two of them did not end so."""
    calls = [
        Invented("a", 0, (LATE,), label="negative", end_label="neutral"),
        Invented("b", 1, (LATE,), label="negative", end_label="positive"),
        Invented("c", 2, (LATE,), label="negative"),
        Invented("d", 3, (LATE,), label="neutral"),
    ]
    row = find_reason(measure(calls), "102")
    assert (row["n_started_negative"], row["n_recovered"]) == (3, 2)


def test_surveys_are_means_of_those_who_answered():
    """CSAT 2 and 5 are 3.5; one promoter and one detractor of four answers are an NPS of 0; nobody said effort."""
    answers = ((2, 10), (5, 3), (None, 7), (None, 8), (None, None))
    calls = [Invented(f"a{n}", n, (LATE,), known=(("csat", c), ("nps", p))) for n, (c, p) in enumerate(answers)]
    row = find_reason(measure(calls), "102")
    assert (row["n_csat"], row["csat"], row["n_nps"], row["nps"], row["ces"]) == (2, 3.5, 4, 0, None)


def test_times_have_a_middle_and_a_slow_end():
    """Of eleven calls of 0 to 1,000 seconds the middle is 500 and nine tenths stay below 900."""
    calls = [Invented(f"a{n:02}", n, (LOGIN,), handle_s=(100.0 * n, 0.0, 0.0)) for n in range(11)]
    row = find_reason(measure(calls), "104")
    assert (row["handle_time_s"], row["handle_time_median_s"], row["handle_time_p90_s"]) == (500, 500, 900)


def test_the_wait_of_those_who_gave_up_is_shown():
    """Two of three contacts hung up, after 30 and 90 seconds."""
    calls = [
        Invented("a", 0, has_source=False, is_abandoned=True, known=(("wait_s", 30.0),)),
        Invented("b", 1, has_source=False, is_abandoned=True, known=(("wait_s", 90.0),)),
        Invented("c", 2, (LATE,), known=(("wait_s", 5.0),)),
    ]
    row = find_total(measure(calls))
    assert (row["n_offered"], row["n_abandoned"], row["abandoned_wait_s"]) == (3, 2, 60)


def test_a_customer_with_ten_thousand_calls_is_counted_like_any_other_where_nobody_is_shared():
    """Half an hour apart, without a limit each but the first is a repeat of the one before, and nothing is lost."""
    calls = [Invented(f"a{n:05}", n / 2, (LATE,), customer="robot") for n in range(10_000)]
    tables = measure(calls, shared_customer_calls=0)
    row = find_reason(tables, "102")
    assert (row["n_calls"], row["n_repeat_calls"], row["n_transfers"]) == (10_000, 9_999, 0)
    assert tables["repeat_calls"].num_rows == 9_999
