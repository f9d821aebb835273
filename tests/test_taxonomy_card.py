"""Card: every active code on paper, in one language, from one file."""

import re
from datetime import date
from pathlib import Path

import pytest

from pipeline.errors import TaxonomyError
from pipeline.taxonomy import Code, Taxonomy, read_taxonomy
from pipeline.taxonomy.card import choose_examples, list_entries, write_card

DAY = date(2026, 11, 22)
LATE = Code("101", {"en": "It is late", "zh": "晚了"}, "logistics", examples=("late", "<b>two</b> days", "晚了两天"))
TAXONOMY = Taxonomy((LATE, Code("102", status="retired"), Code("103", merged_into="101")))


def make(tmp_path: Path, language: str) -> str:
    """Write a card and read it."""
    write_card(tmp_path / "cards" / "card.html", TAXONOMY, language, DAY)
    return (tmp_path / "cards" / "card.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Reason codes", "It is late", "“late”", "22 Nov 2026", "1 code")), ("zh", ("来电原因编号", "晚了两天"))],
)
def test_a_card_speaks_one_language(tmp_path, language, words):
    """Names and examples are in the language of the card, and the owner stands below."""
    page = make(tmp_path, language)
    assert [word for word in (*words, "101", "logistics", f'lang="{language}') if word not in page] == []


def test_only_codes_that_can_be_taken_are_on_it():
    """Retired and merged codes are not."""
    assert [one.number for one in list_entries(TAXONOMY, "en")] == ["101"]


def test_nothing_on_it_runs_or_is_fetched(tmp_path):
    """Words are escaped, and no script, link or picture is named."""
    page = make(tmp_path, "en")
    assert "&lt;b&gt;two&lt;/b&gt;" in page
    assert re.findall(r"<script|<link|<img|src=|href=|https?:", page) == []


def test_examples_of_another_language_are_better_than_none():
    """A code that nobody described in a language shows what there is; a long second sentence is left out."""
    assert choose_examples(Code("1", examples=("late", "x " * 80, "so late")), "zh") == ("late", "so late")
    assert choose_examples(Code("1"), "en") == ()


def test_the_demo_has_a_card_in_both_languages(tmp_path):
    """Every active code of the default file has a number, a name and two examples."""
    taxonomy = read_taxonomy(Path("taxonomy/reason_codes.yaml"))
    for language in ("en", "zh"):
        entries = list_entries(taxonomy, language)
        assert len(entries) == len(taxonomy.active)
        assert all(len(one.examples) == 2 and one.owner for one in entries)


def test_an_empty_taxonomy_has_no_card(tmp_path):
    """The message says what to do."""
    with pytest.raises(TaxonomyError, match="taxonomy import"):
        write_card(tmp_path / "card.html", Taxonomy(), "en", DAY)
