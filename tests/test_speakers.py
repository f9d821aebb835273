"""Speakers: voices in a mono recording are told apart, and words go to who said them."""

import numpy as np
import pytest

from pipeline.audio import SAMPLE_RATE_HZ, Audio
from pipeline.config import ModelSettings
from pipeline.models import fetch_model
from pipeline.speakers import separate_speakers
from pipeline.speakers.network import load_voices
from pipeline.speakers.units import cut_units
from pipeline.speakers.voices import find_voices
from pipeline.transcripts import Segment, Word


def make_segment(text: str, start_s: float, *, gap_s: float = 0.0) -> Segment:
    """Make a segment whose words take half a second each, with a pause between them."""
    words, at_s = [], start_s
    for one in text.split():
        words.append(Word(round(at_s, 2), round(at_s + 0.5, 2), one, 0.9))
        at_s += 0.5 + gap_s
    return Segment(text, "en", channel=0, start_s=start_s, end_s=words[-1].end_s, words=tuple(words))


def make_voices(who: list[int], *, spread: float = 0.05, likeness: float = 0.5) -> np.ndarray:
    """Make embeddings of voices whose centres have this cosine."""
    rng = np.random.default_rng(0)
    basis = np.eye(64)[:4]
    centres = np.sqrt(likeness) * basis[3] + np.sqrt(1 - likeness) * basis[:3]
    embeddings = centres[who] + rng.normal(0, spread, (len(who), 64))
    return (embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)).astype(np.float32)


def label(who: list[int], durations: list[float] | None = None, *, likeness: float = 0.5, n_most: int = 3) -> list[int]:
    """Label made-up stretches by the voices found in them."""
    embeddings = make_voices(who, likeness=likeness)
    voices = find_voices(embeddings, np.array(durations or [2.0] * len(who)), max_speakers=n_most)
    return list((embeddings @ voices.T).argmax(axis=1))


def count_same(one: list[int], other: list[int]) -> int:
    """Count the groups that two labellings make together; as many as each has when they agree."""
    return len(set(zip(one, other, strict=True)))


@pytest.mark.parametrize("who", [[0, 1, 0, 1, 1, 0], [0, 0, 0, 0, 0, 1, 1], [0, 1] * 10])
def test_two_voices_are_told_apart(who):
    """Stretches of one voice get one label."""
    assert len(set(label(who))) == count_same(label(who), who) == 2


def test_a_clear_third_voice_is_a_third_speaker():
    """A transfer to a second agent is seen, unless the settings allow two only."""
    who = [0, 1, 0, 1, 2, 1, 2, 1, 2]
    assert len(set(label(who, likeness=0.2))) == count_same(label(who, likeness=0.2), who) == 3
    assert len(set(label(who, likeness=0.2, n_most=2))) == 2


def test_one_voice_is_one_speaker():
    """A voice mail is not split in two."""
    assert set(label([0] * 12)) == {0}


def test_a_short_sound_founds_no_speaker():
    """A cough between two voices goes to one of them."""
    assert len(set(label([0, 1, 0, 1, 2, 0], [2.0, 2.0, 2.0, 2.0, 0.3, 2.0]))) == 2


def test_units_end_at_pauses_and_sentences():
    """A change of speaker is looked for where one can be."""
    segments = [make_segment("how can I help? my lamp broke", 0.0), make_segment("oh no", 9.0, gap_s=0.4)]
    units = [" ".join(word.text for word in unit.words) for unit in cut_units(segments)]
    assert units == ["how can I help?", "my lamp broke", "oh", "no"]


def make_talk(turns_s: list[float]) -> Audio:
    """Make a talk in which two speakers take turns of these lengths, one above zero and one below."""
    parts = [np.full(round(turn_s * SAMPLE_RATE_HZ), 3000 * (-1) ** n) for n, turn_s in enumerate(turns_s)]
    return Audio(np.concatenate(parts).astype(np.int16)[None])


def embed_by_sign(sounds: list[np.ndarray]) -> np.ndarray:
    """Tell the speakers of `make_talk` apart; a window across both is in between."""
    shares = np.array([[np.mean(sound > 0), np.mean(sound < 0)] for sound in sounds], dtype=np.float32)
    return shares / np.linalg.norm(shares, axis=1, keepdims=True)


def test_a_segment_is_cut_where_the_speaker_changes():
    """Each part keeps its words, its text and its times."""
    segment = make_segment("how can I help? my lamp broke", 0.0)
    parts = separate_speakers(make_talk([2.0, 2.0]), [segment], embed_by_sign, max_speakers=3)
    assert [(one.speaker, one.text) for one in parts] == [("S0", "how can I help?"), ("S1", "my lamp broke")]
    assert (parts[1].start_s, parts[1].end_s, len(parts[1].words)) == (2.0, 3.5, 3)


def test_a_change_without_a_pause_is_found_too():
    """Where no pause parts two speakers, their voices do, give or take a word."""
    segments = [make_segment("hello there.", 0.0), make_segment("so it never came oh I am so sorry", 2.0)]
    parts = separate_speakers(make_talk([1.5, 2.5, 2.0]), segments, embed_by_sign, max_speakers=2)
    assert [one.speaker for one in parts] == ["S0", "S1", "S0"]
    assert parts[1].end_s == pytest.approx(4.0, abs=0.5)


def test_chinese_segments_are_cut_without_spaces():
    """The text between the words is kept as it was written."""
    words = tuple(Word(float(i), i + 1.0, one, 0.9) for i, one in enumerate(["请", "问？", "没", "收到。"]))
    segment = Segment("请问？没收到。", "zh", channel=0, start_s=0.0, end_s=4.0, words=words)
    parts = separate_speakers(make_talk([2.0, 2.0]), [segment], embed_by_sign, max_speakers=2)
    assert [one.text for one in parts] == ["请问？", "没收到。"]


def test_silence_has_no_speakers():
    """A recording without a word comes back as it is."""
    audio = Audio(np.zeros((1, SAMPLE_RATE_HZ), dtype=np.int16))
    assert separate_speakers(audio, [], lambda sounds: make_voices([0]), max_speakers=2) == []


@pytest.mark.model
def test_the_real_network_tells_a_high_voice_from_a_low_one():
    """Two stretches of one made-up voice are more alike than stretches of two."""
    embed = load_voices(fetch_model(ModelSettings().speaker, ModelSettings()))
    sounds = [make_buzz(pitch_hz, seed) for pitch_hz in (110, 230) for seed in (0, 1)]
    embeddings = embed(sounds)
    alike = embeddings @ embeddings.T
    assert min(alike[0, 1], alike[2, 3]) > alike[:2, 2:].max() + 0.1


def make_buzz(pitch_hz: float, seed: int) -> np.ndarray:
    """Make a voice-like buzz that goes up and down a little."""
    rng = np.random.default_rng(seed)
    times = np.arange(3 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    pitches_hz = pitch_hz * (1 + 0.1 * np.sin(2 * np.pi * (1 + seed) * times))
    phase = 2 * np.pi * np.cumsum(pitches_hz) / SAMPLE_RATE_HZ
    buzz = sum(np.sin(k * phase) / k for k in range(1, 20))
    return (0.05 * buzz + 0.001 * rng.normal(size=len(times))).astype(np.float32)
