"""Redact: what names a person goes, what makes a reason stays."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config import ModelSettings, RedactSettings
from pipeline.errors import SettingsError
from pipeline.redact import Redactor, describe_entities, make_redactor, name_redactor
from pipeline.redact.redactor import Span, merge_spans, replace_spans

MARK = re.compile(r"<([A-Z_]+):([^<>]*)>")
FOLDER = Path(__file__).parent


def read_examples(name: str, *, set_aside: bool) -> list[str]:
    """Read a file of invented sentences: the two thirds that were tuned on, or the third that was not."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    examples = [line for line in lines if line and not line.startswith("#")]
    return [line for index, line in enumerate(examples) if (index % 3 == 2) == set_aside]


@pytest.fixture(scope="session")
def redactor() -> Redactor:
    """A redactor without the English entity model."""
    return make_redactor(RedactSettings(), ("zh",))


@pytest.fixture(scope="session")
def full_redactor() -> Redactor:
    """A redactor with the English entity model."""
    return make_redactor(RedactSettings(), ("zh", "en"), models=ModelSettings())


@pytest.mark.parametrize("marked", read_examples("redact_personal.txt", set_aside=False))
def test_what_names_a_person_goes(redactor: Redactor, marked: str):
    """Each marked value, and nothing else, is replaced by its type."""
    redacted = redactor.redact(MARK.sub(r"\2", marked))
    assert redacted.text == MARK.sub(r"[\1]", marked)


@pytest.mark.parametrize("text", read_examples("redact_reasons.txt", set_aside=False))
def test_what_makes_a_reason_stays(redactor: Redactor, text: str):
    """Amounts, times, products, verbs and negation survive untouched."""
    assert redactor.redact(text).text == text


@pytest.mark.model
def test_sentences_set_aside_are_redacted_well(full_redactor: Redactor):
    """Of values never tuned on at least 95 % go whole; of reasons never tuned on at most 2 % change."""
    values = n_gone = 0
    for marked in read_examples("redact_personal.txt", set_aside=True):
        text = full_redactor.redact(MARK.sub(r"\2", marked)).text
        for _, value in MARK.findall(marked):
            values, n_gone = values + 1, n_gone + (value not in text)
    reasons = read_examples("redact_reasons.txt", set_aside=True)
    n_changed = sum(full_redactor.redact(text).text != text for text in reasons)
    assert n_gone / values >= 0.95, f"{n_gone} of {values} values gone"
    assert n_changed / len(reasons) <= 0.02, f"{n_changed} of {len(reasons)} reasons changed"


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("This is Kowalczyk with two questions.", "This is [NAME] with two questions."),
        ("My Samsung Galaxy from Best Buy is broken.", "My Samsung Galaxy from Best Buy is broken."),
        ("Hi Darcey. Where is my refund?", "Hi [NAME]. Where is my refund?"),
    ],
)
def test_the_entity_model_needs_support(full_redactor: Redactor, text: str, redacted: str):
    """A capital letter alone makes no name; the model's word and the place it stands in together do."""
    assert full_redactor.redact(text).text == redacted


FRAGMENTS = st.sampled_from(
    [
        *(
            "my name is",
            "John Smith",
            "Garcia",
            "thanks",
            "[NAME]",
            "[PHONE]",
            "[ACCOUNT]",
            "three weeks late",
            "and",
            "then",
            ",",
        ),
        *(
            "four one one one",
            "double seven",
            "oh",
            "555-0199",
            "12",
            "3",
            "order number",
            "at",
            "dot",
            "gmail",
            "com",
            "Elm Street",
        ),
        *(
            "我叫",
            "张伟",
            "先生",
            "一三八零零",
            "幺",
            "号",
            "手机号是",
            "北京市朝阳区",
            "建国路",
            "88",
            "室",
            "三百块",
            "没收到",
            ".",
            " ",
        ),
        *("born on", "March 3rd 1985", "S M I", "T H", "plate", "AB12", "CDE", "SW1A", "2AA", "x7", "k", "five"),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(FRAGMENTS, max_size=12), st.sets(st.sampled_from(["NAME", "PHONE", "ADDRESS", "ACCOUNT"])))
def test_redacting_twice_is_redacting_once(redactor: Redactor, pieces: list[str], asked_for: set[str]):
    """A redacted text has nothing left to redact."""
    once = redactor.redact(" ".join(pieces), asked_for=asked_for)
    assert redactor.redact(once.text, asked_for=asked_for).text == once.text


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_can_be_redacted(redactor: Redactor, text: str):
    """Whatever comes, placeholders replace stretches of it and the rest stays as it was."""
    redacted = redactor.redact(text)
    position = 0
    for entity in redacted.entities:
        assert position <= entity.start < entity.end
        position = entity.end
    assert replace_spans(text, [Span(one.type, one.start, one.end) for one in redacted.entities]) == redacted


def test_entities_say_where_never_what(redactor: Redactor):
    """An entity holds its type and places in both texts; the value is nowhere."""
    text = "I am John Smith, call 555-0134 please."
    redacted = redactor.redact(text)
    name, phone = redacted.entities
    assert text[name.start : name.end] == "John Smith"
    assert redacted.text[phone.replacement_start : phone.replacement_end] == "[PHONE]"
    assert describe_entities(redacted)[0] == {"type": "NAME", "start": 5, "end": 11}


def test_only_wanted_types_are_replaced():
    """`entities` names the types to replace; all others stay."""
    redactor = make_redactor(RedactSettings(entities=("PHONE",)), ("zh",))
    assert redactor.redact("I am John Smith, call 555-0134").text == "I am John Smith, call [PHONE]"


def test_words_to_keep_are_kept():
    """A firm's own name is no person when `keep_words` says so."""
    redactor = make_redactor(RedactSettings(keep_words=("Martha",)), ("zh",))
    assert redactor.redact("thanks Martha").text == "thanks Martha"


def test_an_unknown_type_is_the_users_mistake():
    """The message names the wrong type and the right ones."""
    with pytest.raises(SettingsError, match="'PHONES' is no type"):
        make_redactor(RedactSettings(entities=("PHONES",)), ("en",))


def test_the_name_changes_with_the_settings():
    """Transcripts made with other settings are redacted anew."""
    assert name_redactor(RedactSettings(), ("en",)) != name_redactor(RedactSettings(keep_words=("x",)), ("en",))
    assert name_redactor(RedactSettings(), ("en", "zh")) == name_redactor(RedactSettings(), ("zh", "en"))


def test_an_answer_is_read_by_what_was_asked(redactor: Redactor):
    """Three digits and a bare surname are personal only as an answer."""
    assert redactor.redact("it's one three eight").text == "it's one three eight"
    assert redactor.redact("it's one three eight", asked_for=("PHONE",)).text == "it's [PHONE]"
    assert redactor.redact("Kowalczyk", asked_for=("NAME",)).text == "[NAME]"


def test_overlaps_take_the_surest_type():
    """Spans that overlap become one of the surest type."""
    spans = [Span("ACCOUNT", 0, 6, 0.6), Span("CARD", 4, 10, 0.9)]
    assert merge_spans("0123456789", spans) == [Span("CARD", 0, 10, 0.9)]


def test_placeholders_are_cut_out_of_spans():
    """What an older redactor left is never touched, nor blanks around it."""
    assert merge_spans("a [NAME] b", [Span("NAME", 0, 10, 0.9)]) == [Span("NAME", 0, 1, 0.9), Span("NAME", 9, 10, 0.9)]
