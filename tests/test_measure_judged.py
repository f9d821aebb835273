"""What takes statistics or judgement: forecasts, targets, values, satisfaction, chances; by hand on a few calls."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from invented_calls import LATE, NEVER, TWICE, Invented
from measuring import INVENTED_TAXONOMY, find_reason, measure

from pipeline.errors import TaxonomyError
from pipeline.measure.chances import compare_weeks, find_what_is_behind
from pipeline.measure.forecasts import list_full_weeks
from pipeline.measure.targets import check_targets
from pipeline.measure.values import propose_for_company, propose_for_customer
from pipeline.taxonomy import Target, Taxonomy

WEEK = 7 * 24
HOUR = (3600.0, 0.0, 0.0)
MONDAY = date(2026, 11, 2)
WEEKS = [MONDAY + timedelta(weeks=n) for n in range(9)]


def promise(number: str, target: Target, **fields: object) -> Taxonomy:
    """Give one code of the invented taxonomy a target, or other fields."""
    codes = [replace(one, target=target, **fields) if one.number == number else one for one in INVENTED_TAXONOMY.codes]
    return replace(INVENTED_TAXONOMY, codes=tuple(codes))


def in_weeks(*n_calls: int, said=LATE, **fields: object) -> list[Invented]:
    """Make so many calls in each week, the first on its Monday and one more on the last Sunday."""
    calls = [
        Invented(f"w{week}-{n}", week * WEEK + n / 10, (said,), **fields)
        for week, n_in_week in enumerate(n_calls)
        for n in range(n_in_week)
    ]
    return [*calls, Invented("last", len(n_calls) * WEEK - 20, (NEVER,))]


@pytest.mark.parametrize(
    ("first_day", "last_day", "n_weeks"),
    [
        (MONDAY, MONDAY + timedelta(days=6), 1),
        (MONDAY, MONDAY + timedelta(days=5), 0),
        (MONDAY + timedelta(days=1), MONDAY + timedelta(days=13), 1),
        (MONDAY, MONDAY, 0),
    ],
)
def test_a_full_week_has_all_its_days(first_day, last_day, n_weeks):
    """A week that began before the calls or is not over is none."""
    weeks = list_full_weeks(first_day, last_day)
    assert len(weeks) == n_weeks
    assert all(week.weekday() == 0 for week in weeks)


def test_a_year_costs_what_the_last_weeks_cost():
    """Weeks of 30, 60, 60 and 90 are 60 on average; t with 3 degrees of freedom is 3.182, the error 12.247."""
    (row,) = [
        row
        for row in measure(in_weeks(1, 2, 2, 3, handle_s=HOUR))["reason_forecasts"].to_pylist()
        if row["reason_id"] == "102"
    ]
    assert (row["n_weeks"], row["weekly_cost"]) == (4, 60)
    assert row["yearly_cost"] == pytest.approx(60 * 365.25 / 7)
    half = 3.182446 * 12.247449
    assert row["yearly_cost_low"] == pytest.approx((60 - half) * 365.25 / 7)
    assert row["yearly_cost_high"] == pytest.approx((60 + half) * 365.25 / 7)


@pytest.mark.parametrize("n_weeks", [1, 2, 3])
def test_few_weeks_forecast_no_year(n_weeks):
    """They give a mean of a week, and nothing to tell how sure it is; less than a week gives no row."""
    rows = measure(in_weeks(*(range(1, n_weeks + 1)), handle_s=HOUR))["reason_forecasts"].to_pylist()
    assert {row["n_weeks"] for row in rows} == {n_weeks} and all(row["weekly_cost"] for row in rows)
    assert {row[name] for row in rows for name in ("yearly_cost", "yearly_cost_low", "yearly_cost_high")} == {None}
    assert measure([Invented("a", 0, (LATE,))])["reason_forecasts"].num_rows == 0


@pytest.mark.parametrize(
    ("target", "baseline", "now", "state"),
    [
        (Target("calls", 2, "week", date(2027, 11, 1)), 4, 2, "reached"),
        (Target("calls", 1, "week", date(2027, 11, 1)), 4, 2, "on_track"),
        (Target("calls", 1, "week", date(2026, 12, 28)), 4, 2, "behind"),
        (Target("calls", 1, "week", date(2026, 12, 1)), 4, 2, "missed"),
        (Target("calls", 1, "week", date(2027, 11, 1), baseline=1.5), 1.5, 2, "behind"),
        (Target("calls", 500, "1000 calls", date(2027, 11, 1)), 1000, 1000 * 8 / 9, "on_track"),
        (Target("csat", 4, "", date(2027, 11, 1)), None, None, "unknown"),
    ],
)
def test_a_target_is_followed(target, baseline, now, state):
    """Eight weeks: four calls in each of the first four, two in the last four."""
    tables = measure(in_weeks(4, 4, 4, 4, 2, 2, 2, 2), promise("102", target))
    (row,) = tables["target_progress"].to_pylist()
    assert (row["code"], row["state"]) == ("102", state)
    assert row["baseline"] == pytest.approx(baseline)
    assert row["now"] == pytest.approx(now)
    if state == "on_track" and target.per == "week":
        assert row["progress_ratio"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(("name", "per"), [("call", "week"), ("calls", "month")])
def test_a_target_on_what_is_not_measured_is_refused(name, per):
    """The message says what could be meant."""
    with pytest.raises(TaxonomyError, match=r"code 102: target: (measure|per) is '(call|month)'"):
        check_targets(promise("102", Target(name, 1, per)))


@pytest.mark.parametrize(
    ("counts", "customer", "company"),
    [
        ({"n_negative": 3, "n_positive": 1}, "irritant", "irritant"),
        ({"n_negative": 1, "n_positive": 2}, "value", "irritant"),
        ({"n_effort": 6}, "irritant", "irritant"),
        ({"n_chance_to_sell": 2}, "value", "value"),
    ],
)
def test_a_blank_corner_is_proposed_from_the_calls(counts, customer, company):
    """Of ten calls: more bad than well, or effort in most, irritates; chances to sell are worth something."""
    names = ("n_negative", "n_positive", "n_said_called_before", "n_effort", "n_chance_to_sell")
    row = {"n_calls": 10, **dict.fromkeys(names, 0), **counts}
    assert (propose_for_customer(row), propose_for_company(row)) == (customer, company)


def test_what_the_taxonomy_says_counts():
    """A code that people put into a corner stays there, whatever the calls say."""
    taxonomy = promise("102", Target("calls", 1), customer="value", company="value")
    rows = measure([Invented("a", 0, (LATE,), label="negative")], taxonomy)["reason_values"].to_pylist()
    assert [(row["action"], row["is_customer_proposed"], row["is_company_proposed"]) for row in rows] == [
        ("keep", False, False)
    ]


@pytest.mark.parametrize(("n_calls", "n_rows"), [(1, 0), (2, 0), (3, 1)])
def test_nothing_is_proposed_from_one_or_two_calls(n_calls, n_rows):
    """They say how they went; also where people named one side alone the other is not made up."""
    calls = [Invented(f"a{n}", n, (LATE,), label="negative") for n in range(n_calls)]
    for taxonomy in ((), (promise("102", Target("calls", 1), customer="value"),)):
        assert measure(calls, *taxonomy)["reason_values"].num_rows == n_rows


def test_what_a_point_of_csat_goes_with_is_that_of_statsmodels():
    """Slope and interval are those of ordinary least squares with HC1 errors."""
    from statsmodels.api import OLS, add_constant

    random = np.random.default_rng(1)
    scores = random.integers(1, 6, 80).astype(float)
    seconds = 600 - 40 * scores + random.normal(0, 30, 80) * scores
    calls = [
        Invented(f"a{n:02}", n, (LATE,), handle_s=(float(s), 0.0, 0.0), known=(("csat", float(x)),))
        for n, (x, s) in enumerate(zip(scores, seconds, strict=True))
    ]
    rows = {row["outcome"]: row for row in measure(calls)["csat_effects"].to_pylist()}
    fitted = OLS(seconds, add_constant(scores)).fit(cov_type="HC1", use_t=True)
    row = rows["handle_time_s"]
    assert (row["n_calls"], row["per_point"]) == (80, pytest.approx(fitted.params[1]))
    assert (row["per_point_low"], row["per_point_high"]) == pytest.approx(tuple(fitted.conf_int()[1]))


def test_few_answers_say_nothing():
    """With fewer than thirty scores there is no line."""
    calls = [Invented(f"a{n}", n, (LATE,), known=(("csat", float(n % 5 + 1)),)) for n in range(29)]
    assert measure(calls)["csat_effects"].num_rows == 0


def test_a_rise_is_told_from_chance():
    """Twenty calls after eight weeks of five have risen; nine have not, nor have four after none."""
    before = dict.fromkeys(WEEKS[:8], 5)
    counts = {
        ("code", "1"): {**before, WEEKS[8]: 20},
        ("code", "2"): {**before, WEEKS[8]: 9},
        ("code", "3"): {WEEKS[8]: 4},
    }
    changes = compare_weeks(counts, WEEKS)
    assert [changes["code", one]["change"] for one in "123"] == ["rose", "same", "same"]
    assert (changes["code", "1"]["observed"], changes["code", "1"]["expected"]) == (20, 5)


@pytest.mark.parametrize(("n_others", "change"), [(1, "fell"), (9, "same")])
def test_a_fall_is_told_from_chance(n_others, change):
    """Two calls after eight weeks of ten: 0.0040 by hand, under 1 % over two reasons and not over ten."""
    by_hand = (8 / 9) ** 82 * (1 + 82 / 8 + 82 * 81 / (2 * 8**2))
    fallen = {**dict.fromkeys(WEEKS[:8], 10), WEEKS[8]: 2}
    others = {("code", str(n)): dict.fromkeys(WEEKS, 10) for n in range(n_others)}
    changes = compare_weeks({("code", "fallen"): fallen, **others}, WEEKS)
    assert changes["code", "fallen"]["p_value"] == pytest.approx(by_hand)
    assert changes["code", "fallen"]["change"] == change
    assert {changes[key]["change"] for key in others} == {"same"}


def test_few_calls_never_fall():
    """None after eight weeks of four is no news, however unlikely."""
    counts = {("code", "1"): dict.fromkeys(WEEKS[:8], 4)}
    assert compare_weeks(counts, WEEKS)["code", "1"]["change"] == "same"


def test_no_rise_without_weeks_to_compare():
    """One week before the last is too little to say what is usual."""
    assert compare_weeks({("code", "1"): {WEEKS[1]: 50}}, WEEKS[:2]) == {}


def test_the_region_behind_a_rise_is_named():
    """Eleven calls more, nine of them from the north: nine elevenths."""
    rows = [
        {"week": week, "dimension": "region", "value": value, "n_calls": n}
        for week in WEEKS
        for value, n in (("north", 11 if week == WEEKS[8] else 2), ("south", 4 if week == WEEKS[8] else 2))
    ]
    assert find_what_is_behind(rows, WEEKS) == ("region", "north", pytest.approx(9 / 11))
    assert find_what_is_behind([{**row, "value": "north"} for row in rows], WEEKS) is None


def test_chances_come_out_of_calls():
    """A reason that rises from two to twenty calls a week in one region is named with it."""
    calls = [
        replace(call, known=(("region", "north" if call.after_h >= 4 * WEEK else "south"),))
        for call in in_weeks(2, 2, 2, 2, 20)
    ]
    (row,) = measure(calls)["chances"].to_pylist()
    assert (row["reason_id"], row["observed"], row["expected"]) == ("102", 20, 2)
    assert (row["dimension"], row["value"]) == ("region", "north")


def test_logged_is_set_beside_heard():
    """Of four calls logged, one agrees, one is another code, one says nothing, and one has no code."""
    logged = (("102", LATE), ("103", LATE), ("general", TWICE), ("104", replace(LATE, reason="none_of_these")))
    calls = [
        Invented(f"a{n}", n, (said,), known=(("logged_code", code), ("queue", "orders")))
        for n, (code, said) in enumerate(logged)
    ]
    tables = measure(calls)
    (row,) = tables["logged_agreement"].to_pylist()
    told = {"source": "code", "queue": "orders", "n_logged": 4, "n_coded": 3, "n_agreed": 1, "n_general": 1}
    assert row.items() >= told.items()
    pairs = {(one["logged_code"], one["reason_id"]): one["n_calls"] for one in tables["logged_reasons"].to_pylist()}
    assert pairs == {("102", "102"): 1, ("103", "102"): 1, ("general", "103"): 1, ("104", "none_of_these"): 1}


def test_an_owner_is_billed_for_each_call_once():
    """A call with two reasons of one department is one call of two reasons' cost; shares are of all calls."""
    calls = [
        Invented("a", 0, (LATE, NEVER), handle_s=HOUR, label="negative"),
        Invented("b", 1, (TWICE,), handle_s=HOUR),
    ]
    bills = {row["owner"]: row for row in measure(calls)["owner_metrics"].to_pylist() if row["period"] == "all"}
    assert (bills["logistics"]["n_calls"], bills["logistics"]["n_negative"]) == (1, 1)
    assert bills["logistics"]["cost"] == pytest.approx(30 + 12.5)
    assert bills["logistics"]["share_ratio"] == 0.5
    assert bills["billing"]["cost"] == 30


def test_cuts_are_parts_of_the_whole():
    """Each reason by hour, weekday or region adds up to the reason; a call without a region is in none."""
    calls = [
        Invented("a", 0, (LATE,), known=(("region", "north"),)),
        Invented("b", 25, (LATE,), known=(("region", "south"),)),
        Invented("c", 26, (LATE,)),
    ]
    tables = measure(calls)
    cuts = {(row["dimension"], row["value"]): row["n_calls"] for row in tables["reason_cuts"].to_pylist()}
    assert find_reason(tables, "102")["n_calls"] == 3
    assert (cuts["region", "north"], cuts["region", "south"], cuts["weekday", "1"], cuts["weekday", "2"]) == (
        1,
        1,
        1,
        2,
    )
    assert (cuts["hour", "9"], cuts["hour", "10"], cuts["hour", "11"], cuts["season", "autumn"]) == (1, 1, 1, 3)
