"""Segments: questions, numbers that run on, and word times."""

from dataclasses import replace

import pytest

from pipeline.config import RedactSettings
from pipeline.redact import Redactor, make_redactor, redact_segments, redact_transcript, run
from pipeline.redact.asked import find_asked
from pipeline.transcripts import Segment, Transcript, Word, read_transcript, write_transcript
from pipeline.work import Work

AGENT, CUSTOMER = 0, 1


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    """A redactor without the English entity model."""
    return make_redactor(RedactSettings(), ("zh",))


def make_segments(*turns: tuple[int, str]) -> list[Segment]:
    """Make segments of 2 s each, with a word for each blank-separated piece."""
    return [
        Segment(
            text,
            "en",
            channel=channel,
            start_s=2.0 * index,
            end_s=2.0 * index + 2,
            words=tuple(
                Word(2.0 * index + 0.1 * place, 2.0 * index + 0.1 * place + 0.1, f" {word}", 0.9)
                for place, word in enumerate(text.split())
            ),
        )
        for index, (channel, text) in enumerate(turns)
    ]


def redact_texts(redactor: Redactor, *turns: tuple[int, str]) -> list[str]:
    """Redact turns and return their texts."""
    return [segment.text for segment in redact_segments(make_segments(*turns), redactor)[0]]


@pytest.mark.parametrize(
    ("question", "answer", "redacted"),
    [
        ("May I have your name, please?", "It's Kowalczyk.", "It's [NAME]."),
        ("Could you spell your last name for me?", "B O L", "[NAME]"),
        ("And your phone number?", "one three eight", "[PHONE]"),
        ("What are the last four digits of your card?", "4 8 2 1", "[CARD]"),
        ("Can you confirm your date of birth?", "the third of May 1989", "[DATE_OF_BIRTH]"),
        ("And what is your zip code?", "It's 9 4 1.", "It's [ADDRESS]."),
        ("What is the order number?", "K 7 9", "[ACCOUNT]"),
        ("您贵姓？", "周", "[NAME]"),
        ("请报一下您的手机号", "幺三八", "[PHONE]"),
        ("May I have your name, please?", "No, my delivery never came.", "No, my delivery never came."),
        ("And your phone number?", "I waited three weeks.", "I waited three weeks."),
        ("How can I help you today?", "one three eight", "one three eight"),
    ],
)
def test_a_question_raises_what_the_answer_holds(redactor: Redactor, question: str, answer: str, redacted: str):
    """The same words are personal after a question for them, and stay after another."""
    assert redact_texts(redactor, (AGENT, question), (CUSTOMER, answer))[1] == redacted


def test_a_nod_leaves_the_question_open(redactor: Redactor):
    """Nods such as "okay" between the parts of an answer change nothing."""
    turns = ((AGENT, "Your phone number?"), (CUSTOMER, "Okay."), (AGENT, "Mm-hm."), (CUSTOMER, "one three eight"))
    assert redact_texts(redactor, *turns)[3] == "[PHONE]"


def test_a_number_runs_on_in_the_next_segment(redactor: Redactor):
    """A number cut by a pause is one number: its pieces would each be too short."""
    turns = (
        (CUSTOMER, "my order is five five"),
        (AGENT, "Mm-hm."),
        (CUSTOMER, "three one six"),
        (CUSTOMER, "it is late"),
    )
    assert redact_texts(redactor, *turns) == ["my order is [ACCOUNT]", "Mm-hm.", "[ACCOUNT]", "it is late"]


def test_a_number_read_back_goes_too(redactor: Redactor):
    """The other side repeats the last digits of what was just read out."""
    turns = ((CUSTOMER, "it's 555 867 5309"), (AGENT, "so that ends in five three oh nine"))
    assert redact_texts(redactor, *turns)[1] == "so that ends in [PHONE]"


def test_words_inside_an_entity_become_one(redactor: Redactor):
    """The placeholder word spans the time of the words it replaces and keeps what stood around them."""
    segments, redactions = redact_segments(make_segments((CUSTOMER, "I am John Smith, my parcel is late")), redactor)
    words = segments[0].words
    assert [word.text for word in words] == [" I", " am", " [NAME],", " my", " parcel", " is", " late"]
    assert (words[2].start_s, words[2].end_s) == (0.2, 0.4)
    assert [(one.type, one.segment_index, one.start_s, one.end_s) for one in redactions] == [("NAME", 0, 0.2, 0.4)]


def test_words_that_do_not_spell_the_text_go(redactor: Redactor):
    """No word can keep what the text lost; a segment with nothing to replace keeps its words."""
    segment = replace(make_segments((CUSTOMER, "I am John Smith"))[0], text="I am John Smyth Smith")
    assert redact_segments([segment], redactor)[0][0].words == ()


def test_written_messages_have_no_times(redactor: Redactor):
    """A chat's segment is redacted whole; its redaction has no seconds."""
    segments, redactions = redact_segments([Segment("I am John Smith", "en", source="chat", role="customer")], redactor)
    assert segments[0].text == "I am [NAME]"
    assert (redactions[0].start_s, redactions[0].end_s) == (None, None)


def test_segments_redacted_twice_are_redacted_once(redactor: Redactor):
    """A second pass over a redacted call changes nothing."""
    turns = (
        (AGENT, "Your name and phone number?"),
        (CUSTOMER, "Kowalczyk, five five five"),
        (CUSTOMER, "oh one two two"),
    )
    once, found = redact_segments(make_segments(*turns), redactor)
    assert found
    assert redact_segments(once, redactor) == (once, ())


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Could I have your full name and address?", {"NAME", "ADDRESS"}),
        ("What's the e-mail on the account?", {"EMAIL"}),
        ("请问您的身份证号是多少", {"ID_NUMBER"}),
        ("How can I help you?", set()),
        ("My phone number has changed.", set()),
    ],
)
def test_questions_name_what_they_ask_for(text: str, asked: set[str]):
    """A turn that only mentions a thing asks for nothing."""
    assert find_asked(text) == asked


def make_transcript(text: str, redactor_name: str) -> Transcript:
    """Make the transcript of one turn."""
    segments = tuple(make_segments((CUSTOMER, text)))
    return Transcript(
        "c1", "2026-11-20T10:00:00+00:00", "phone", "", segments=segments, made_with={"redactor": redactor_name}
    )


def test_another_redactors_transcripts_are_redacted_anew(work: Work):
    """The stage rewrites what an older redactor made, once, and leaves its placeholders alone."""
    folder = work.project.transcripts
    path = write_transcript(folder, make_transcript("[NAME] here, call 555 867 5309", "old"))
    assert run(work).n_done == 1
    assert read_transcript(path).segments[0].text == "[NAME] here, call [PHONE]"
    assert run(work).n_kept == 1


def test_a_broken_transcript_is_a_failure(work: Work):
    """One file that is no transcript stops nothing and is named by its call."""
    path = write_transcript(work.project.transcripts, make_transcript("hello", "old"))
    path.write_text("{")
    outcome = run(work)
    assert [failure.item for failure in outcome.failures] == ["c1"]


def test_new_redactions_join_the_old(redactor: Redactor):
    """A transcript keeps what was found before."""
    first = redact_transcript(make_transcript("I am John Smith", "old"), redactor)
    assert redact_transcript(first, redactor) == first
    assert len(first.redactions) == 1
