"""Editing: a change is made whole, with its decision, or not at all."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import NOW

from pipeline.decisions import read_decisions
from pipeline.errors import TaxonomyError
from pipeline.taxonomy import TAXONOMY_FILE, Code, Taxonomy, read_taxonomy
from pipeline.taxonomy.editing import make_edit, preview_edit

CONTENT = "# ours\ncodes:\n  - number: 101\n    owner: a   # who\n    examples: [late]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A taxonomy of one code."""
    (tmp_path / TAXONOMY_FILE).write_text(CONTENT)
    return tmp_path


def add(number: str):
    """Add a code."""
    return lambda taxonomy: replace(taxonomy, codes=(*taxonomy.codes, Code(number, examples=("x",))))


def test_an_edit_is_written_and_recorded(folder):
    """The file keeps its comments and the decision says who, when, what, before and after."""
    changes = make_edit(folder, add("102"), what="add", who="li", now=NOW)
    assert [(one.code, one.what) for one in changes] == [("102", "added"), ("102", "example_added")]
    assert (folder / TAXONOMY_FILE).read_text().startswith(CONTENT)
    decision = read_decisions(folder / "decisions.jsonl")[0]
    assert (decision.what, decision.who, decision.at, decision.before) == ("add", "li", NOW, {"102": None})
    assert decision.after == {"102": {"number": 102, "examples": ["x"]}}


def test_a_preview_changes_nothing(folder):
    """It says what the edit would say."""
    assert [one.what for one in preview_edit(folder, add("102"))] == ["added", "example_added"]
    assert [path.name for path in folder.iterdir()] == [TAXONOMY_FILE]
    assert (folder / TAXONOMY_FILE).read_text() == CONTENT


def test_an_edit_that_changes_nothing_is_not_recorded(folder):
    """Neither the file nor the record is touched."""
    assert make_edit(folder, lambda taxonomy: taxonomy, what="import", who="li", now=NOW) == ()
    assert read_decisions(folder / "decisions.jsonl") == []
    assert (folder / TAXONOMY_FILE).read_text() == CONTENT


def test_a_rule_that_would_break_is_said_and_nothing_is_written(folder):
    """A merge into a number that is not there is refused."""

    def merge(taxonomy: Taxonomy) -> Taxonomy:
        return replace(taxonomy, codes=(replace(taxonomy.codes[0], merged_into="9"),))

    with pytest.raises(TaxonomyError, match="merged_into 9 is not in the file"):
        make_edit(folder, merge, what="merge", who="li", now=NOW)
    assert read_decisions(folder / "decisions.jsonl") == []
    assert (folder / TAXONOMY_FILE).read_text() == CONTENT


def test_a_project_without_a_taxonomy_is_told_so(tmp_path):
    """Neither a preview nor an edit makes a file."""
    with pytest.raises(TaxonomyError, match="is missing"):
        make_edit(tmp_path, add("1"), what="add", who="li", now=NOW)
    with pytest.raises(TaxonomyError, match="is missing"):
        preview_edit(tmp_path, add("1"))
    assert list(tmp_path.iterdir()) == []


def test_an_edit_cut_short_can_be_made_again(folder, monkeypatch):
    """A crash between record and file leaves the file as it was, which the next edit notices; that one is whole."""

    def crash(path: Path, content: bytes) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.taxonomy.editing.write_atomically", crash)
        with pytest.raises(OSError, match="power cut"):
            make_edit(folder, add("102"), what="add", who="li", now=NOW)
    assert (folder / TAXONOMY_FILE).read_text() == CONTENT
    make_edit(folder, add("102"), what="add", who="li", now=NOW)
    first, noticed, second = read_decisions(folder / "decisions.jsonl")
    assert (first.before, first.after) == (second.before, second.after)
    assert (noticed.who, noticed.before) == ("file", first.after)
    assert noticed.after == {"102": {"number": None, "examples": None}}
    assert len(read_taxonomy(folder / TAXONOMY_FILE).codes) == 2


def test_what_was_written_by_hand_is_recorded_before_the_next_edit(folder):
    """A field that decisions speak of, changed in the file, is an edit by `file`; what they never spoke of is not."""
    make_edit(folder, add("102"), what="add", who="li", now=NOW)
    path = folder / TAXONOMY_FILE
    path.write_text(path.read_text().replace("- x", "- y").replace("owner: a", "owner: b"))
    make_edit(folder, add("103"), what="add", who="li", now=NOW)
    by_hand = read_decisions(folder / "decisions.jsonl")[1]
    assert (by_hand.what, by_hand.who) == ("edit", "file")
    assert (by_hand.before, by_hand.after) == ({"102": {"examples": ["x"]}}, {"102": {"examples": ["y"]}})


def test_two_curators_at_once_lose_nothing(folder):
    """One act ends before the next begins."""
    with ThreadPoolExecutor(4) as pool:
        numbers = [str(number) for number in range(200, 208)]
        list(pool.map(lambda number: make_edit(folder, add(number), what="add", who=number, now=NOW), numbers))
    assert {code.number for code in read_taxonomy(folder / TAXONOMY_FILE).codes} == {"101", *numbers}
    assert {decision.who for decision in read_decisions(folder / "decisions.jsonl")} == set(numbers)


def test_what_a_hand_writes_while_an_edit_is_worked_out_is_not_written_over(folder):
    """An editor holds nothing: the edit is refused, and made again it finds what was written."""
    path = folder / TAXONOMY_FILE

    def edit_slowly(taxonomy):
        path.write_text(path.read_text().replace("owner: a", "owner: b"))
        return add("102")(taxonomy)

    with pytest.raises(TaxonomyError, match="by hand at this moment"):
        make_edit(folder, edit_slowly, what="add", who="li", now=NOW)
    assert read_decisions(folder / "decisions.jsonl") == []
    make_edit(folder, add("102"), what="add", who="li", now=NOW)
    assert [one.owner for one in read_taxonomy(path).codes] == ["b", ""]
