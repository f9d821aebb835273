"""Curate, turns: a call's words are found while a run replaces the files that they lie in, or the page says to wait."""

import pytest
from reporting import Reader
from test_curate_rules import log_in

from pipeline.curate.web import snapshot, turns
from pipeline.curate.web.turns import read_turns
from pipeline.tables import make_table
from pipeline.words import read_words

CALLS = ("a", "b", "c")


@pytest.fixture
def placed(project):
    """Three calls in a file each, as the snapshot of the pages knows them."""
    for call_id in CALLS:
        project.store.add("turns", "f", say(call_id), {call_id: "1"})
    project.store.set_current("turns", ["f"])
    assert list_texts(project) == ["hello from a"]
    yield project
    snapshot.OPENED.pop(project.root)


def say(*call_ids):
    """Make one turn a call."""
    rows = [{"call_id": one, "turn_index": 0, "role": "customer", "text": f"hello from {one}"} for one in call_ids]
    return make_table("turns", rows)


def list_texts(project, call_id="a"):
    """List what a call's turns say; None when they are busy."""
    rows = read_turns(project, call_id)
    return rows if rows is None else [row["text"] for row in rows]


def remove_files(project):
    """Remove every file of turns; list their names."""
    paths = list((project.store.root / "turns" / "f").glob("*.parquet"))
    for path in paths:
        path.unlink()
    return [path.name for path in paths]


def be_at_work(monkeypatch):
    """Let another process be at work on the project."""
    monkeypatch.setattr(turns, "is_running", lambda project: True)


def test_words_are_found_in_the_file_that_they_were_put_into(placed):
    """Small files are put together while the pages still know the old ones."""
    remove_files(placed)
    placed.store.add("turns", "f", say(*CALLS), dict.fromkeys(CALLS, "1"))
    assert [list_texts(placed, one) for one in CALLS] == [[f"hello from {one}"] for one in CALLS]


def test_words_are_found_under_the_name_that_counts_now(placed):
    """A run made all turns again with other settings; calls that it left are found under the older name."""
    remove_files(placed)
    placed.store.add("turns", "g", say("a"), {"a": "2"})
    placed.store.add("turns", "f", say("b"), {"b": "1"})
    placed.store.set_current("turns", ["g", "f"])
    assert (list_texts(placed, "a"), list_texts(placed, "b")) == (["hello from a"], ["hello from b"])


def test_words_are_found_where_their_file_is_rewritten_without_them(placed):
    """Turns of a call that are made anew lie in another file; its old file is still there, for others."""
    for path in (placed.store.root / "turns" / "f").glob("*.parquet"):
        path.unlink()
        placed.store.add("turns", "f", say(), {path.stem: "1"}).rename(path)
    placed.store.add("turns", "f", say("a"), {"a": "2"})
    assert list_texts(placed) == ["hello from a"]


def test_it_is_looked_twice_before_a_call_is_busy(placed, monkeypatch):
    """A file that goes between listing and reading is found under its new name; one that stays away is not."""
    (name, *_), listed = remove_files(placed), []

    def list_files(store, fingerprint):
        listed.append(fingerprint)
        return [str(store.root / "turns" / "f" / name)]  # gone by now

    monkeypatch.setattr(turns, "_list_files", list_files)
    assert list_texts(placed) is None
    assert listed == ["f", "f"]


def test_a_call_whose_words_are_being_made_is_busy_and_not_empty(placed, monkeypatch):
    """While a run is at work it is busy; when none is, a call that has no words any more has none."""
    remove_files(placed)
    placed.store.add("turns", "f", say("b"), {"b": "1"})
    assert list_texts(placed) == []
    be_at_work(monkeypatch)
    assert list_texts(placed) is None
    assert list_texts(placed, "b") == ["hello from b"]
    assert list_texts(placed, "never there") == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_busy_call_says_so_on_every_page(page, monkeypatch, language):
    """Its own page, its panel and the page on which it is coded ask to load again; nobody codes it as not heard."""
    from auditing import keep_calls

    keep_calls(page, {"e01": 0.5})
    for room in ("calls", "questions"):
        monkeypatch.setattr(f"pipeline.curate.web.{room}.read_turns", lambda project, call_id: None)
    words = read_words(language)
    for role, url in (("look", "/calls/e01"), ("curate", "/audit/resolve/1/e01"), ("audit", "/audit/calls/1/e01")):
        content = log_in(role, name=role).get(url, headers={"accept-language": language}).content.decode()
        shown = " ".join(Reader(content).shown)
        assert words("web.busy_turns") in shown, url
        assert words("web.audit.no_words") not in shown and words("web.no_turns") not in shown
        assert 'class="answering"' not in content
