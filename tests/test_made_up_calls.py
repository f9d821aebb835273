"""Made-up calls: what is planted in them comes out of the measures, and nothing is lost on the way."""

from benchmarks.made_up_calls import make_store
from benchmarks.measures import find_planted, run_part
from pipeline.config import Project, Settings


def test_what_is_planted_comes_out(tmp_path, capsys):
    """A code that costs twice, a department that doubled and a repeat pattern are found in a year of made-up calls."""
    n_calls = make_store(tmp_path, 40_000)
    run_part("measure", tmp_path)
    capsys.readouterr()
    store = Project(tmp_path, Settings()).store
    for one in find_planted(store):
        assert one.is_found, f"{one.what}: planted {one.planted}, found {one.found:.3f}"
    steps = {row["step"]: row["n_calls"] for row in store.read("funnel").to_pylist()}
    assert steps["offered"] == n_calls
    (total,) = [row for row in store.read("period_metrics").to_pylist() if row["period"] == "all"]
    assert total["n_calls"] == n_calls
