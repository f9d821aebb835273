"""Bad metadata, as the documentation shows it."""

from pathlib import Path

import pytest

from benchmarks.bad_metadata import MISSING, draw_table, ingest, list_cases

PAGE = Path(__file__).parents[1] / "docs" / "bad-inputs.md"


def test_the_page_says_what_happens_today():
    """Every mistake in docs/bad-inputs.md gets the lines that the page shows."""
    assert PAGE.read_text(encoding="utf-8").endswith(draw_table()), "run `make bad-inputs`"


@pytest.mark.parametrize("case", list_cases(), ids=lambda case: case.about)
def test_nothing_is_lost_without_a_line(case):
    """A manifest whose rows are not all calls says so."""
    n_rows = case.content.count(b"\n") - 1
    n_calls, said = ingest(case.content)
    assert n_calls == n_rows or "two lines" in case.about or [line for line in said if not line.startswith(MISSING)]
