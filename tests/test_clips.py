"""Clips: what was redacted cannot be heard, all else can."""

from dataclasses import replace

import av
import numpy as np
import pytest

from pipeline.audio import SAMPLE_RATE_HZ, Audio, hash_content, make_flac, read_audio
from pipeline.errors import RecordingError
from pipeline.immersion.clips import MARGIN_S, cut_clip, find_mutes, write_clip
from pipeline.report.recordings import Recording
from pipeline.transcripts import Dropped, Part, Redaction, Segment, Transcript

DURATION_S = 10.0


def make_audio(n_channels: int) -> Audio:
    """Make a recording whose every sample can be heard."""
    return Audio(np.full((n_channels, round(DURATION_S * SAMPLE_RATE_HZ)), 8000, np.int16))


def make_transcript(*redactions: Redaction, text: str = "my number is [PHONE] thanks", dropped=()) -> Transcript:
    """Make a call whose one spoken segment lasts from 2 to 6 seconds; the note after it was never spoken."""
    segments = (
        Segment(text, "en", channel=1, start_s=2.0, end_s=6.0),
        Segment("[NAME] rang", "en", source="note"),
    )
    return Transcript("a", "", "phone", "", segments=segments, redactions=redactions, dropped=dropped)


def name_heard(sha256: str) -> dict[str, object]:
    """Say in a transcript's metadata which recording was listened to."""
    return {"sources": [{"kind": "note", "sha256": "1"}, {"kind": "recording", "sha256": sha256}]}


def find_silences(samples: np.ndarray) -> list[tuple[float, float]]:
    """Find from which to which second nothing can be heard."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], samples == 0, [0]]).astype(int)))
    return [(start / SAMPLE_RATE_HZ, end / SAMPLE_RATE_HZ) for start, end in edges.reshape(-1, 2)]


@pytest.mark.parametrize("n_channels", [1, 2, 3])
def test_exactly_the_redacted_words_are_muted(n_channels):
    """The words from 3 to 4 seconds with their margin, on every channel of a mono and of a stereo call."""
    mutes = find_mutes(make_transcript(Redaction("PHONE", 0, 3.0, 4.0)), 0)
    clip = cut_clip(make_audio(n_channels), mutes, 1.0, 9.0)
    assert find_silences(clip) == [(2.0 - MARGIN_S, 3.0 + MARGIN_S)]
    assert set(np.unique(clip)) == {0, 8000}
    assert len(clip) == 8 * SAMPLE_RATE_HZ


@pytest.mark.parametrize(
    "redactions",
    [(Redaction("PHONE", 0, None, None),), ()],
    ids=["no seconds", "a placeholder that no redaction tells of"],
)
def test_a_span_without_word_times_mutes_its_segment(redactions):
    """From 2 to 6 seconds; what the note says was never spoken and mutes nothing."""
    mutes = find_mutes(make_transcript(*redactions, Redaction("NAME", 1, None, None)), 0)
    assert find_silences(cut_clip(make_audio(2), mutes, 0, DURATION_S)) == [(2.0 - MARGIN_S, 6.0 + MARGIN_S)]


def test_a_segment_without_seconds_mutes_everything():
    """Nobody knows where it was said."""
    transcript = Transcript("a", "", "phone", "", segments=(Segment("[NAME]", "en"),))
    assert not cut_clip(make_audio(1), find_mutes(transcript, 0), 0, DURATION_S).any()


def test_a_mute_reaches_over_the_clips_edges():
    """A span that began before the clip is muted from its first sample."""
    mutes = find_mutes(make_transcript(Redaction("PHONE", 0, 3.0, 4.0)), 0)
    assert find_silences(cut_clip(make_audio(2), mutes, 3.5, 5.0)) == [(0.0, 0.5 + MARGIN_S)]


def test_other_parts_spans_mute_nothing():
    """The second recording of a call has its own seconds."""
    assert find_mutes(make_transcript(Redaction("PHONE", 0, 3.0, 4.0)), 1) == ()


def test_what_was_not_understood_is_muted_on_its_channel():
    """The other side goes on, half as loud in the mix; an echo's words stand with whom they are from."""
    dropped = (Dropped("low_probability", 0, 0, 7.0, 8.0), Dropped("echo", 0, 0, 1.0, 2.0))
    both = replace(make_transcript(text="hello", dropped=dropped), parts=(Part(0, DURATION_S, 2),))
    clip = cut_clip(make_audio(2), find_mutes(both, 0), 0, DURATION_S)
    assert np.flatnonzero(clip == 4000).tolist() == list(range(7 * SAMPLE_RATE_HZ, 8 * SAMPLE_RATE_HZ))
    assert (clip > 0).all()


def test_what_was_not_understood_in_a_mono_call_is_muted_wherever_it_lies():
    """A mono call that was saved as stereo is heard as one channel: its stretch goes from both tracks."""
    transcript = make_transcript(text="hello", dropped=(Dropped("low_probability", 0, 0, 7.0, 8.0),))
    mono = replace(transcript, parts=(Part(0, DURATION_S, 1),))
    assert find_silences(cut_clip(make_audio(2), find_mutes(mono, 0), 0, DURATION_S)) == [(7.0, 8.0)]


@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_a_written_clip_is_as_silent_as_a_cut_one(tmp_path, layout):
    """FLAC loses nothing: after writing and decoding, the same samples are silent."""
    source, n_channels = tmp_path / "call.wav", 1 if layout == "mono" else 2
    with av.open(str(source), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=SAMPLE_RATE_HZ, layout=layout)
        samples = np.ascontiguousarray(make_audio(n_channels).samples.T.reshape(1, -1))
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout=layout)
        frame.rate = SAMPLE_RATE_HZ
        container.mux([*stream.encode(frame), *stream.encode(None)])
    recording = Recording(0, "audio/a-0.wav", source)
    heard = replace(make_transcript(Redaction("PHONE", 0, 3.0, 4.0)), metadata=name_heard(hash_content(source)))
    write_clip(tmp_path / "clip.flac", recording, heard, 1.0, 9.0)
    written = read_audio(tmp_path / "clip.flac").samples
    assert written.shape == (1, 8 * SAMPLE_RATE_HZ)
    assert find_silences(written[0]) == [(2.0 - MARGIN_S, 3.0 + MARGIN_S)]


def test_another_recording_under_the_same_name_is_not_cut(tmp_path):
    """Its words are at other seconds, so that nothing would be muted where it should be."""
    source = tmp_path / "call.flac"
    source.write_bytes(make_flac(make_audio(1).samples[0]))
    with pytest.raises(RecordingError, match="not the one that was listened to"):
        heard = replace(make_transcript(), metadata=name_heard("0" * 64))
        write_clip(tmp_path / "clip.flac", Recording(0, "", source), heard, 0, 1)
    assert not (tmp_path / "clip.flac").exists()
