"""Made-up calls: what is planted in them comes out of the measures, and nothing is lost on the way."""

import pytest

from benchmarks.made_up_calls import make_store
from benchmarks.measures import find_planted, run_part
from benchmarks.measures_in_pandas import compare, reckon
from benchmarks.planted import expect_returns, find_calls_a_base, find_code_ratio
from pipeline.config import Project, Settings


def test_the_expected_returns_follow_from_the_rule():
    """Nearly all that is planted comes back where customers seldom call, less where they would have come anyway."""
    assert sum(find_code_ratio(code) for code in range(101, 141)) == pytest.approx(1)
    seldom = expect_returns(44_000, window_days=0)  # nobody comes by chance; 67 of 1,000 calls only name it second
    assert seldom == pytest.approx(0.4 * 0.933, abs=0.001)
    by_chance = 1 - 2.718281828 ** -(3.053 * 7 / 364)  # three calls a customer and what is planted on them
    assert expect_returns(44_000, window_days=7) == pytest.approx(seldom * (1 - by_chance), abs=0.0005)


def test_what_is_planted_comes_out(tmp_path, capsys):
    """A code that costs twice, a department that doubled and a repeat pattern are found in a year of made-up calls."""
    n_calls = make_store(tmp_path, 40_000)
    assert n_calls == pytest.approx(40_000 * find_calls_a_base(), rel=0.01)
    run_part("measure", tmp_path)
    capsys.readouterr()
    store = Project(tmp_path, Settings()).store
    for one in find_planted(store):
        assert one.is_found, f"{one.what}: planted {one.planted}, found {one.found:.3f}"
    steps = {row["step"]: row["n_calls"] for row in store.read("funnel").to_pylist()}
    assert steps["offered"] == n_calls
    (total,) = [row for row in store.read("period_metrics").to_pylist() if row["period"] == "all"]
    assert total["n_calls"] == n_calls
    apart = compare(tmp_path, reckon(tmp_path))
    assert max(apart.values()) < 1e-9, f"pandas reckons otherwise: {apart}"
