"""Report, cuts: when and where a reason comes up, each share with its range, beside all reasons."""

import base64

import pytest
from invented_calls import LATE, NEVER, Invented, make_project
from reporting import Reader, in_language, read_page, run

from pipeline.report.cuts import find_range, make_bars
from pipeline.words import read_words


def test_a_share_has_its_range():
    """Two calls of ten from the north: 20 %, between 5.7 and 51.0 % by Wilson's formula, worked by hand."""
    rows = [{"dimension": "region", "value": value, "n_calls": n} for value, n in (("north", 2), ("south", 8))]
    usual = {("region", "north"): 0.5, ("region", "south"): 0.4, ("region", "west"): 0.1}
    south, north, west = make_bars(rows, usual)
    z, n, share = 1.959964, 10, 0.2
    middle, half = share + z * z / (2 * n), z * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5
    low, high = ((middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n))
    assert (round(low, 3), round(high, 3)) == (0.057, 0.51)
    assert (north.low_ratio, north.high_ratio) == (pytest.approx(low), pytest.approx(high))
    assert (north.share_ratio, north.usual_ratio) == (0.2, 0.5)
    assert (south.value, west.n_calls, west.share_ratio) == ("south", 0, 0)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_reasons_page_says_when_and_where(tmp_path, language):
    """Hours, weekdays and regions with names, and every number in one CSV; no season within a month."""
    calls = [
        Invented(f"r{n}", 24 * n, (NEVER if n % 3 else LATE,), known=(("region", "north" if n % 2 else "west"),))
        for n in range(10)
    ]
    project = in_language(make_project(tmp_path, tuple(calls)), language)
    run(project)
    words = read_words(language)
    section = read_page(project).partition('id="code-101"')[2].partition("</section>")[0]
    for expected in ("weekdays.1", "cuts.by_weekday", "cuts.by_region", "cuts.title"):
        assert words(expected) in section
    assert words("cuts.by_season") not in section
    (link,) = [one["href"] for one in Reader(section).find("a") if one.get("download") == "code-101-cuts.csv"]
    lines = base64.b64decode(link.partition(",")[2]).decode("utf-8-sig").splitlines()
    assert f"{words('dimension.region')},north,3,0.5,0.187616,0.812384,0.5" in "\n".join(lines)


@pytest.mark.parametrize(("n_calls", "n_all"), [(0, 1), (1, 1), (3, 10), (50, 100), (1, 100_000), (99_999, 100_000)])
def test_the_range_of_a_share_is_that_of_statsmodels(n_calls, n_all):
    """Wilson's interval, at both ends of the scale too."""
    from statsmodels.stats.proportion import proportion_confint

    assert find_range(n_calls, n_all) == pytest.approx(proportion_confint(n_calls, n_all, method="wilson"), abs=1e-15)
