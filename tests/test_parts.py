"""Parts: one recording's share of a transcript is cut out and put together with others, and nothing of it changes."""

import pytest

from pipeline.parts import cut_recording, join_recordings, join_transcripts
from pipeline.sources import hash_sources
from pipeline.transcripts import Dropped, Part, Redaction, Segment, Transcript

CHAT = {"kind": "chat", "path": "chats.jsonl", "row_key": "1", "sha256": "chat"}
FRIEND = Segment("hi", "en", source="chat", role="customer")


def name_recording(sha256):
    """Describe a recording."""
    return {"kind": "recording", "path": f"{sha256}.wav", "row_key": None, "sha256": sha256}


def make_transcript(call_id, *recordings, written=()):
    """Make a transcript in which each recording says its name twice, once redacted, and drops a stretch."""
    segments, redactions = [], []
    for at, name in enumerate(recordings):
        segments += [Segment(f"{name} {n}", "en", part_index=at, start_s=float(n)) for n in (1, 2)]
        redactions.append(Redaction(f"{name}", len(segments) - 1, 2.0, 3.0))
    sources = [*map(name_recording, recordings), *(CHAT for _ in written)]
    return Transcript(
        call_id,
        "2026-11-20T10:00:00Z",
        "phone",
        hash_sources(sources),
        parts=tuple(Part(at, 9.0, 2) for at in range(len(recordings))),
        segments=(*segments, *written),
        redactions=(*redactions, *(Redaction("chat", len(segments), None, None) for _ in written)),
        dropped=tuple(Dropped("silence", at, 0, 3.0, 4.0) for at in range(len(recordings))),
        made_with={"redactor": "r1", "recordings": hash_sources(sources[: len(recordings)])},
        metadata={"call_id": call_id, "sources": sources},
    )


def describe(transcript):
    """Say what a transcript holds: what was said, where it was redacted, and what was dropped, by part."""
    said = [(one.part_index, one.text) for one in transcript.segments]
    redacted = {transcript.segments[one.segment_index].text: one.type for one in transcript.redactions}
    return said, redacted, [one.part_index for one in transcript.parts], [one.part_index for one in transcript.dropped]


def test_a_recording_is_cut_out_with_what_was_redacted_and_dropped():
    """The second of two: its redaction points to its own segment."""
    cut = cut_recording(make_transcript("x", "a", "b", written=(FRIEND,)), "b")
    assert describe(cut) == ([(1, "b 1"), (1, "b 2")], {"b 2": "b"}, [1], [1])
    assert cut_recording(make_transcript("x", "a"), "b") is None


def test_recordings_are_joined_in_any_order():
    """Each takes the position it is given."""
    whole = make_transcript("x", "a", "b")
    b, a = (cut_recording(whole, name) for name in "ba")
    joined = join_recordings(whole, [(0, b), (1, a)])
    assert describe(joined) == (
        [(0, "b 1"), (0, "b 2"), (1, "a 1"), (1, "a 2")], {"b 2": "b", "a 2": "a"}, [0, 1], [0, 1]
    )  # fmt: skip


@pytest.mark.parametrize("again", [False, True])
def test_two_transcripts_become_one(again):
    """In the order of the sources, what was written last; put together once more nothing comes twice."""
    old, other = make_transcript("o1", "a"), make_transcript("o2", "b", written=(FRIEND,))
    sources = [name_recording("b"), name_recording("a"), CHAT]
    joined = join_transcripts([old, other], "new", sources)
    if again:
        joined = join_transcripts([joined, other], "new", sources)
    said, redacted, parts, dropped = describe(joined)
    assert said == [(0, "b 1"), (0, "b 2"), (1, "a 1"), (1, "a 2"), (0, "hi")]
    assert (redacted, parts, dropped) == ({"b 2": "b", "a 2": "a", "hi": "chat"}, [0, 1], [0, 1])
    assert (joined.call_id, joined.metadata["call_id"], joined.metadata["sources"]) == ("new", "new", sources)
    assert joined.source_sha256 == hash_sources(sources)
    assert joined.made_with == {"redactor": "r1", "recordings": hash_sources(sources[:2])}


def test_what_was_not_heard_yet_is_left_to_hear():
    """A recording of neither leaves no stamp that would say it was, and keeps its position free."""
    sources = [name_recording("a"), name_recording("c"), name_recording("b")]
    joined = join_transcripts([make_transcript("o1", "a"), make_transcript("o2", "b")], "new", sources)
    assert describe(joined)[2] == [0, 2]
    assert (joined.source_sha256, joined.made_with["recordings"]) == ("", "")


def test_transcripts_of_two_redactors_are_redacted_again():
    """One of them may have been made by an older one."""
    old = make_transcript("o1", "a")
    old.made_with["redactor"] = "r0"
    joined = join_transcripts([old, make_transcript("o2", "b")], "new", [name_recording("a"), name_recording("b")])
    assert joined.made_with["redactor"] == ""
