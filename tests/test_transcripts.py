"""Transcripts."""

import pytest

from pipeline.errors import InputError
from pipeline.transcripts import (
    Dropped,
    Part,
    Redaction,
    Segment,
    Transcript,
    Word,
    find_transcripts,
    read_transcript,
    write_transcript,
)

TRANSCRIPT = Transcript(
    call_id="c1",
    started_at="2026-11-20T09:30:00+00:00",
    contact_channel="phone",
    source_sha256="abc",
    parts=(Part(0, 12.5, 2),),
    segments=(
        Segment("你好 [NAME]", "zh", channel=1, start_s=0.5, end_s=1.5, words=(Word(0.5, 1.0, "你好", 0.9),)),
        Segment("hello", "en", source="comment", role="customer"),
    ),
    redactions=(Redaction("NAME", 0, 1.0, 1.5),),
    dropped=(Dropped("repetition", 0, 1, 5.0, 9.0),),
    made_with={"speech_model": "m"},
    metadata={"queue": "orders"},
)


def test_a_transcript_comes_back_as_written(tmp_path):
    """A transcript file holds all of a transcript, below the folder of its day."""
    path = write_transcript(tmp_path, TRANSCRIPT)
    assert path == tmp_path / "2026-11-20" / "c1.json"
    assert read_transcript(path) == TRANSCRIPT


def test_a_call_has_one_transcript(tmp_path):
    """When a call's day is corrected its transcript moves."""
    write_transcript(tmp_path, TRANSCRIPT)
    other = Transcript("c1", "2026-11-21T00:00:00+00:00", "phone", "abc")
    path = write_transcript(tmp_path, other)
    assert find_transcripts(tmp_path) == {"c1": path}


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"schema_version": 1, "secret": 2}', '{"schema_version": 99}'])
def test_what_is_no_transcript_is_said(tmp_path, content):
    """A file that is no transcript, or of a newer program, is one line that says what to do."""
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(InputError, match=r"Move it away|Update the program") as caught:
        read_transcript(path)
    assert "secret" not in str(caught.value)


def test_demo_calls_are_not_transcripts(tmp_path):
    """Only folders named after a day hold transcripts."""
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "x.json").write_text("{}")
    assert find_transcripts(tmp_path) == {}
