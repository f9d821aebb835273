"""Words: the two catalogues say the same things, each in its own language."""

import re
from datetime import date, datetime
from pathlib import Path

import pytest

import pipeline
from pipeline.languages import has_chinese
from pipeline.words import LANGUAGES, read_words

SAME_IN_BOTH = re.compile(r"[\s\d{}a-zA-Z_≈:,.–]*")  # a placeholder, a number or a sign is nobody's language
PACKAGE = Path(pipeline.__file__).parent
TEMPLATES = PACKAGE / "report" / "templates"
PAGES = PACKAGE / "curate" / "web" / "templates"


def test_both_languages_have_the_same_keys():
    """What can be said in one can be said in the other."""
    assert read_words("en").entries.keys() == read_words("zh").entries.keys()


def test_both_languages_fill_in_the_same_values():
    """No sentence loses a number or a name in translation, nor asks for one that the other does not know."""
    for key, english in read_words("en").entries.items():
        chinese = read_words("zh").entries[key]
        assert set(re.findall(r"\{(\w+)\}", english)) == set(re.findall(r"\{(\w+)\}", chinese)), key


def test_the_chinese_catalogue_is_chinese():
    """Nothing was left in English but numbers, formats and what has no other name."""
    left = {key for key, text in read_words("zh").entries.items() if not has_chinese(text)}
    assert {key for key in left if not key.startswith(("format.", "months."))} == set()
    assert not [key for key, text in read_words("en").entries.items() if has_chinese(text)]


@pytest.mark.parametrize("path", sorted((*TEMPLATES.glob("*.html"), *PAGES.glob("*.html"))), ids=lambda path: path.name)
def test_no_template_has_a_word_of_its_own(path):
    """Outside tags and expressions there is no letter, and no attribute that people read has one."""
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    spoken = re.findall(r"""(?:title|alt|aria-label|placeholder|data-\w+)="([^"]*)\"""", text)
    shown = re.sub(r"<[^>]*>", "", text)
    assert re.findall(r"[^\W\d_]", shown + "".join(spoken)) == []


def test_the_script_has_no_word_of_its_own():
    """What the page's script shows comes from the page."""
    files = PACKAGE / "curate" / "web" / "files"
    for path in (TEMPLATES / "report.js", files / "curate.js", files / "audit.js"):
        script = path.read_text(encoding="utf-8")
        assert re.findall(r'(?:textContent|aria-label") = "([^"]*[A-Za-z][^"]*)"', script) == []


def test_every_key_that_the_code_names_exists():
    """A template or a module asks for no key that the catalogues lack."""
    rooms = (PACKAGE / "report", PACKAGE / "immersion", PACKAGE / "curate" / "web")
    templates = (*TEMPLATES.glob("*.html"), *PAGES.glob("*.html"))
    sources = [*templates, *(path for room in rooms for path in room.glob("*.py"))]
    for path in sources:
        text = path.read_text(encoding="utf-8")
        for key in re.findall(r"\bw(?:ords)?\(['\"]([\w.]+)['\"][,)]", text):
            assert key in read_words("en").entries, f"{path.name}: {key}"
        for key in re.findall(r"\bw(?:ords)?\.count\(['\"]([\w.]+)['\"],", text):
            assert f"{key}.one" in read_words("en").entries, f"{path.name}: {key}"


def test_an_unknown_key_or_language_is_refused():
    """A mistake in a template is seen at once."""
    with pytest.raises(ValueError, match=r"no 'nothing.here'"):
        read_words("en")("nothing.here")
    with pytest.raises(ValueError, match="language should be one of"):
        read_words("fr")


@pytest.mark.parametrize(
    ("language", "one", "two", "day", "money", "moment"),
    [
        ("en", "1 call", "1,200 calls", "3 Nov 2026", "EUR 12.50", "3 Nov 2026, 09:05"),
        ("zh", "1 通", "1,200 通", "2026年11月3日", "12.50 EUR", "2026年11月3日 09:05"),
    ],
)
def test_numbers_and_days_follow_the_language(language, one, two, day, money, moment):
    """Each language writes counts, days and money its own way."""
    words = read_words(language)
    assert (words.count("count.calls", 1), words.count("count.calls", 1200)) == (one, two)
    assert (words.day(date(2026, 11, 3)), words.money(12.5, "EUR", 2)) == (day, money)
    assert words.moment(datetime(2026, 11, 3, 9, 5)) == moment  # noqa: DTZ001


@pytest.mark.parametrize(("ratio", "text"), [(None, "–"), (0.0, "0%"), (0.004, "<1%"), (0.233, "23%"), (1.0, "100%")])
def test_a_small_share_is_not_nothing(ratio, text):
    """A share that rounds to nothing still shows that there is one."""
    assert read_words("en").share(ratio) == text


def test_a_place_in_a_recording_is_never_past_it():
    """9.9 seconds are at 0:09, but last 0:10."""
    words = read_words("en")
    assert (words.position(9.9), words.minutes(9.9), words.minutes(None)) == ("0:09", "0:10", "–")
    assert LANGUAGES == ("en", "zh")
