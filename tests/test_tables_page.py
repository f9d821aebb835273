"""The tables' page says what the tables are."""

import runpy
from pathlib import Path

import pytest

from pipeline.tables import TABLES

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def page() -> str:
    """The page as it would be drawn now."""
    return runpy.run_path(str(DOCS / "make_tables_page.py"))["draw_tables_page"]()


def test_the_page_is_up_to_date(page):
    """docs/tables.md is what docs/make_tables_page.py draws."""
    committed = (DOCS / "tables.md").read_text(encoding="utf-8")
    assert committed == page, "run `python docs/make_tables_page.py`"


def test_every_column_is_explained(page):
    """Each table and each of its columns has a line that says what it means."""
    for spec in TABLES.values():
        assert f"## {spec.name}\n" in page
        for column in spec.schema:
            about = column.metadata[b"about"].decode()
            assert about.endswith("."), f"{spec.name}.{column.name}"
            assert f"| `{column.name}` |" in page
