"""Transcribe: chunks of many recordings are heard at once, each in its language, and what nobody said is left out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from pipeline.audio import SAMPLE_RATE_HZ, Audio, Signal
from pipeline.languages import simplify
from pipeline.transcribe import ListenSettings, Recording, RecordingFailure, RecordingTranscript, transcribe_recordings
from pipeline.transcribe.chunks import Sound, choose_languages, hear_sounds
from pipeline.transcribe.doubts import find_doubt, find_left_out_s, is_repetition
from pipeline.transcribe.echoes import find_repeated, trim_echo
from pipeline.transcribe.regions import MAX_CHUNK_S, Chunk, Region, join_regions
from pipeline.transcribe.segments import keep_text, make_segments
from pipeline.transcribe.whisper import Encoded, Heard, HeardWord, find_context
from pipeline.transcripts import Segment
from tests.test_audio import write_tones


@dataclass
class FakeModel:
    """Hears what a sound's first sample says: an index into `texts`; each is in one language."""

    texts: Sequence[str]
    ratios: Sequence[dict[str, float]] = ({"en": 1.0},)
    better: str = ""
    name: str = "fake"
    n_workers: int = 2
    batches: list[int] = field(default_factory=list)

    def find_context(self, duration_s: float) -> int:
        """Give all the same room."""
        return 1000

    def encode(self, sounds: Sequence[Signal]) -> list[Encoded]:
        """Keep the index."""
        marks = [round(float(sound[0]) * 32768) for sound in sounds]
        ratios = [self.ratios[mark % len(self.ratios)] for mark in marks]
        return [
            Encoded(np.full((1, 1), mark, np.float32), len(sound) / SAMPLE_RATE_HZ, one)
            for mark, sound, one in zip(marks, sounds, ratios, strict=True)
        ]

    def decode(self, encoded: Sequence[Encoded], language: str) -> list[Heard]:
        """Write down the text that the index names."""
        self.batches.append(len(encoded))
        return [make_heard(self.texts[int(one.state[0, 0])], language) for one in encoded]

    def decode_widely(self, sound: Signal, language: str) -> Heard:
        """Hear the same again."""
        return make_heard(self.texts[0], language)

    def decode_freely(self, sound: Signal, language: str) -> Heard:
        """Write down the better text."""
        return make_heard(self.better, language)


def make_heard(
    text: str, language: str = "en", *, log_probability: float = -0.2, no_speech_ratio: float = 0.0
) -> Heard:
    """Spread a text's words over two seconds."""
    words = text.split()
    step_s = 2.0 / max(1, len(words))
    timed = tuple(HeardWord(i * step_s, (i + 1) * step_s, f" {word}", 0.9) for i, word in enumerate(words))
    return Heard(language, text, timed, log_probability, no_speech_ratio)


def make_sounds(n: int, *, n_regions: int = 1) -> list[Sound]:
    """Make two-second sounds, the first sample of each its index."""
    sounds = []
    for index in range(n):
        samples = np.random.default_rng(index).integers(-50, 50, (1, 2 * SAMPLE_RATE_HZ)).astype(np.int16)
        samples[0, ::SAMPLE_RATE_HZ] = index
        regions = (Region(0, 0.0, 2.0),) if n_regions == 1 else (Region(0, 0.0, 1.0), Region(0, 1.0, 2.0))
        sounds.append(Sound(index, Audio(samples), Chunk(regions)))
    return sounds


def test_chunks_of_several_calls_share_a_batch_and_keep_their_order():
    """Five calls are heard in two batches, and each gets its own words back."""
    model = FakeModel(["first call", "second call", "third call", "fourth call", "fifth call"])
    heard = hear_sounds(make_sounds(5), model=model, batch_size=4)
    assert [one.heard.text for one in heard] == list(model.texts)
    assert sorted(model.batches) == [1, 4]


def test_batches_hold_one_language():
    """Chinese and English chunks are never decoded with one prompt."""
    model = FakeModel(["a", "b", "c", "d"], ratios=({"en": 0.99, "zh": 0.01}, {"en": 0.02, "zh": 0.98}))
    heard = hear_sounds(make_sounds(4), model=model, batch_size=4)
    assert [one.heard.language for one in heard] == ["en", "zh", "en", "zh"]
    assert model.batches == [2, 2]


@pytest.mark.parametrize(
    ("ratios", "expected"),
    [
        ([0.99, 0.6, 0.95], ["zh", "zh", "zh"]),  # an unclear chunk takes its channel's language
        ([0.99, 0.05, 0.95], ["zh", "en", "zh"]),  # a clear one keeps its own
        ([0.02, 0.6, 0.1], ["en", "en", "en"]),
    ],
)
def test_an_unclear_chunk_takes_its_channels_language(ratios, expected):
    """Two languages in one channel are allowed; a guess is not."""
    assert choose_languages([{"zh": one, "en": 1 - one} for one in ratios], [(0, 0)] * 3) == expected


def test_a_chunk_in_two_languages_is_heard_region_by_region():
    """A chunk whose language is not clear comes back as one piece a region."""
    model = FakeModel(["hello there"], ratios=({"en": 0.5, "zh": 0.5},))
    heard = hear_sounds(make_sounds(1, n_regions=2), model=model, batch_size=4)
    assert [one.sound.chunk.start_s for one in heard] == [0.0, 1.0]


@pytest.mark.parametrize(
    "text",
    [
        "thank you thank you thank you thank you thank you thank you thank you thank you thank you",
        "I would like to return it I would like to return it I would like to return it I would like to return it",
        "对对对对对对对对对对对对",
        "我们的订单我们的订单我们的订单我们的订单我们的订单我们的订单",
    ],
)
def test_loops_are_seen(text):
    """A phrase that follows itself again and again was said by nobody."""
    assert is_repetition(text)


@pytest.mark.parametrize(
    "text",
    [
        "No, no, no, that is not what I ordered.",
        "对对对对，就是这个意思。",
        "It is one one one four, double two, two two nine.",
        "Yes, yes. I know, I know, but it still has not come and I have waited for three weeks now.",
        "我昨天打过电话，前天也打过电话，大前天也打过电话。",
    ],
)
def test_people_repeat_themselves(text):
    """What customers do say twice is kept."""
    assert not is_repetition(text)


@pytest.mark.parametrize(
    ("heard", "voice_ratio", "expected"),
    [
        (make_heard("where is my parcel"), 0.8, ""),
        (make_heard("where is my parcel", log_probability=-1.3), 0.8, "low_probability"),
        (make_heard("thanks for watching", log_probability=-0.8, no_speech_ratio=0.8), 0.8, "silence"),
        (make_heard("thanks for watching", log_probability=-0.8), 0.05, "silence"),
        (make_heard("thank you", no_speech_ratio=0.8), 0.8, ""),
        (make_heard("以下是普通话的句子。", "zh"), 0.8, "silence"),
        (make_heard(" ".join(f"word{i}" for i in range(40))), 0.8, "repetition"),
    ],
)
def test_what_nobody_can_have_said_is_doubted(heard, voice_ratio, expected):
    """Evidence decides: the sound, the speed, the model's own doubt; a polite phrase alone is no proof."""
    assert find_doubt(heard, 2.0, lambda: voice_ratio) == expected


def test_doubtful_chunks_are_decoded_again_then_dropped():
    """A loop that a second decoding cures is replaced; one that it does not is marked."""
    loop = "go on " * 20
    cured = hear_sounds(make_sounds(1), model=FakeModel([loop], better="go on then please"), batch_size=4)
    assert (cured[0].heard.text, cured[0].doubt) == ("go on then please", "")
    stuck = hear_sounds(make_sounds(1), model=FakeModel([loop], better=loop), batch_size=4)
    assert stuck[0].doubt == "repetition"


def test_speech_without_words_is_noticed():
    """Two seconds of words in a chunk with eight seconds of speech leave six out."""
    chunk = Chunk((Region(0, 10.0, 18.0),))
    assert find_left_out_s(chunk, make_heard("so I called you")) == pytest.approx(5.7)


def test_a_long_pause_parts_chunks_and_a_short_one_does_not():
    """Turns stay whole."""
    regions = [Region(0, 0.0, 2.0), Region(0, 2.5, 4.0), Region(0, 12.0, 14.0)]
    assert [len(chunk.regions) for chunk in join_regions(regions)] == [2, 1]


def test_long_speech_is_cut_at_its_pauses():
    """No chunk is longer than the model takes, and none is lost."""
    regions = [Region(0, 3.0 * i, 3.0 * i + 2.6) for i in range(30)]
    chunks = join_regions(regions)
    assert max(chunk.duration_s for chunk in chunks) <= MAX_CHUNK_S
    assert [region for chunk in chunks for region in chunk.regions] == regions


@pytest.mark.parametrize(("duration_s", "n_frames"), [(1.0, 1000), (9.5, 1250), (20.0, 2250), (30.0, 3000)])
def test_the_encoder_gets_no_more_room_than_a_chunk_needs(duration_s, n_frames):
    """Ten seconds at least, thirty at most."""
    assert find_context(duration_s) == n_frames


def test_segments_end_where_the_other_side_speaks():
    """Words before and after the other side's word are two segments, in the recording's seconds."""
    chunk = Chunk((Region(1, 10.0, 15.0),))
    words = [(0.0, 0.5, " I"), (0.5, 1.0, " called"), (1.5, 2.0, " again"), (2.0, 2.5, " today")]
    heard = Heard("en", "I called again today", tuple(HeardWord(a, b, text, 0.9) for a, b, text in words), -0.1, 0.0)
    segments = make_segments([(chunk, heard)], [Region(0, 11.2, 11.4)], part_index=0, to_text=keep_text)
    assert [(one.text, one.start_s, one.end_s) for one in segments] == [
        ("I called", 10.0, 11.0),
        ("again today", 11.5, 12.5),
    ]
    whole = make_segments([(chunk, heard)], [], part_index=0, to_text=keep_text)
    assert [one.text for one in whole] == ["I called again today"]


def test_chinese_is_written_in_simplified_characters():
    """The text and its words are rewritten alike."""
    heard = Heard(
        "zh", "還沒收到", tuple(HeardWord(i, i + 0.5, one, 0.9) for i, one in enumerate("還沒收到")), -0.1, 0.0
    )
    chunk = Chunk((Region(0, 0.0, 4.0),))
    segment = make_segments([(chunk, heard)], [], part_index=0, to_text=simplify)[0]
    assert segment.text == "还没收到"
    assert [word.text for word in segment.words] == list("还没收到")
    assert segment.language == "zh"


def make_leaking(gain: float, *, delay: int = 800, noise: float = 0.0) -> Audio:
    """Make a loud channel, and one that holds its echo, and another voice of that loudness."""
    rng = np.random.default_rng(1)
    voice, other = (rng.normal(0, 4000, 4 * SAMPLE_RATE_HZ) for _ in range(2))
    echo = gain * np.roll(voice, delay) + noise * other
    return Audio(np.stack([voice, echo]).astype(np.int16))


@pytest.mark.parametrize(
    ("audio", "expected"),
    [
        (make_leaking(0.1), True),
        (make_leaking(0.3, delay=1600, noise=0.1), True),
        (make_leaking(0.0, noise=0.3), False),  # somebody speaks softly at the same time
        (make_leaking(0.9), False),  # as loud as the other: not a leak
    ],
)
def test_leaks_from_the_other_side_are_told_from_speech(audio, expected):
    """An echo correlates with the louder channel; a second voice does not."""
    region = Region(1, 0.5, 3.5)
    assert trim_echo(audio, region) == (None if expected else region)


def test_an_answer_right_after_an_echo_is_kept():
    """Only the echo is cut off a region that holds both."""
    audio = make_leaking(0.1)
    audio.samples[1, 2 * SAMPLE_RATE_HZ :] = np.random.default_rng(2).normal(0, 4000, 2 * SAMPLE_RATE_HZ)
    left = trim_echo(audio, Region(1, 0.0, 4.0))
    assert left is not None
    assert left.start_s == pytest.approx(2.0, abs=0.5)
    assert left.end_s == 4.0


def test_the_same_words_at_the_same_time_are_kept_once():
    """The louder channel keeps them; the same words later are an answer."""
    audio = make_leaking(0.0, noise=0.2)
    one, other = (
        Segment(text="your order has left the house", language="en", channel=channel, start_s=0.5, end_s=3.0)
        for channel in (0, 1)
    )
    assert find_repeated(audio, [one, other]) == {1}
    later = Segment(text=one.text, language="en", channel=1, start_s=3.1, end_s=3.9)
    assert find_repeated(audio, [one, later]) == set()


def test_a_bad_recording_fails_alone_and_silence_is_no_failure(tmp_path):
    """Results come in the order of the recordings."""
    (tmp_path / "bad.wav").write_bytes(b"no audio")
    silence = tmp_path / "silence.wav"
    write_silence(silence)
    paths = [tmp_path / "bad.wav", silence, write_tones(tmp_path / "tones.wav", "pcm_s16le")]
    recordings = [Recording(path.stem, 0, path) for path in paths]
    results = list(transcribe_recordings(recordings, model=FakeModel(["x"] * 99), settings=ListenSettings()))
    assert [one.recording.call_id for one in results] == ["bad", "silence", "tones"]
    assert isinstance(results[0], RecordingFailure)
    assert isinstance(results[1], RecordingTranscript)
    assert (results[1].segments, results[1].part.duration_s) == ((), 2.0)


def write_silence(path: Path) -> None:
    """Write two seconds of digital silence."""
    import wave

    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(32_000))
