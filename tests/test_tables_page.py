"""The tables' page says what the tables are."""

import re
import runpy
from pathlib import Path

import duckdb
import pytest

from pipeline.tables import TABLES, Store, make_table

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


def test_an_outside_reader_sees_what_counts(page, tmp_path, monkeypatch):
    """The page's SQL reads the rows of the current fingerprints, and no older or half-made ones."""
    store = Store(tmp_path / "store")
    row = {"period": "all", "reason_kind": "code", "name_en": "late", "n_calls": 5, "cost": 2.706, "currency": "EUR"}
    store.write_whole("reason_metrics", "now", make_table("reason_metrics", [row]))
    store.write("reason_metrics", "at_work", make_table("reason_metrics", [{**row, "n_calls": 9}]), {"*": "at_work"})
    monkeypatch.chdir(tmp_path)
    query = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)[0]
    assert duckdb.connect().execute(query).fetchall() == [("late", 5, 2.71, "EUR")]
    assert store.read("reason_metrics")["n_calls"].to_pylist() == [5]


def test_an_outside_reader_sees_every_current_fingerprint(page, tmp_path, monkeypatch):
    """After `--only-new` rows of two fingerprints count together, as the product itself reads them."""
    store = Store(tmp_path / "store")
    for name, call_id in (("old", "a"), ("new", "b")):
        store.write("calls", name, make_table("calls", [{"call_id": call_id}]), {call_id: name})
    store.set_current("calls", ["new", "old"])
    monkeypatch.chdir(tmp_path)
    (macro,) = re.findall(r"create macro.*?;", page, re.DOTALL)
    connection = duckdb.connect()
    connection.execute(macro)
    seen = connection.execute("select call_id from current_rows('calls') order by call_id").fetchall()
    assert seen == [("a",), ("b",)]
    assert sorted(store.read("calls")["call_id"].to_pylist()) == ["a", "b"]
