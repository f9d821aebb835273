"""Audio: recordings of every format are opened, channels apart, and what is no audio is refused in words."""

from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.audio import SAMPLE_RATE_HZ, Audio, find_loud_channels, hold_same, probe_audio, read_audio
from pipeline.errors import RecordingError

TONES_HZ = (440, 880)


def write_tones(path: Path, codec: str, rate_hz: int = 8000, n_channels: int = 2, duration_s: float = 2.0) -> Path:
    """Write a recording with another tone in each channel."""
    times = np.arange(round(rate_hz * duration_s)) / rate_hz
    tones = np.stack([np.sin(2 * np.pi * hz * times) for hz in TONES_HZ[:n_channels]])
    layout = "stereo" if n_channels == 2 else "mono"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate_hz, layout=layout)
        resampler = av.AudioResampler(format=stream.format, layout=layout, rate=rate_hz)
        samples = np.ascontiguousarray((tones * 8000).astype(np.int16).T.reshape(1, -1))
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout=layout)
        frame.rate = rate_hz
        for one in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(stream.encode(one))
        container.mux(stream.encode(None))
    return path


def find_pitch_hz(samples: np.ndarray) -> float:
    """Find the loudest frequency."""
    spectrum = np.abs(np.fft.rfft(samples[: SAMPLE_RATE_HZ // 2].astype(float)))
    return float(spectrum.argmax() * 2)


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz"),
    [
        ("pcm.wav", "pcm_s16le", 8000),
        ("mu-law.wav", "pcm_mulaw", 8000),
        ("a-law.wav", "pcm_alaw", 8000),
        ("float.wav", "pcm_f32le", 44100),
        ("a.flac", "flac", 8000),
        ("a.mp3", "libmp3lame", 16000),
        ("a.ogg", "libopus", 48000),
        ("a.m4a", "aac", 16000),
        ("a.webm", "libopus", 48000),
    ],
)
def test_every_format_keeps_its_channels_apart(tmp_path, name, codec, rate_hz):
    """Each channel holds its own tone, at 16 kHz, for as long as it lasted."""
    audio = read_audio(write_tones(tmp_path / name, codec, rate_hz))
    assert audio.n_channels == 2
    assert audio.duration_s == pytest.approx(2.0, abs=0.15)
    middles = audio.samples[:, SAMPLE_RATE_HZ // 2 :]
    assert [find_pitch_hz(one) for one in middles] == pytest.approx(TONES_HZ, abs=6)


def test_gsm_is_decoded(tmp_path):
    """GSM 6.10 in WAV, which only libsndfile can write here, is opened like the others."""
    soundfile = pytest.importorskip("soundfile")
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(16000) / 8000)
    soundfile.write(tmp_path / "a.wav", tone, 8000, subtype="GSM610")
    assert probe_audio(tmp_path / "a.wav").codec == "gsm_ms"
    assert find_pitch_hz(read_audio(tmp_path / "a.wav").samples[0][8000:]) == pytest.approx(440, abs=6)


@pytest.mark.parametrize(
    "name", ["two words.wav", 'it\'s "quoted".wav', "客户 13800138000.wav", "new\nline.wav", "-x.wav"]
)
def test_any_file_name_is_opened(tmp_path, name):
    """Spaces, quotes, Chinese, a newline or a dash in a name change nothing."""
    assert read_audio(write_tones(tmp_path / name, "pcm_s16le")).n_channels == 2


def bad_files(folder: Path) -> dict[str, Path]:
    """Write files that hold no sound."""
    good = write_tones(folder / "good.wav", "pcm_s16le").read_bytes()
    contents = {"zero bytes": b"", "a text": b"to whom it may concern\n" * 50, "half a header": good[:30]}
    contents |= {"only a header": good[:44], "random bytes": np.random.default_rng(0).bytes(5000)}
    paths = {what: folder / f"secret-{index}.wav" for index, what in enumerate(contents)}
    for what, path in paths.items():
        path.write_bytes(contents[what])
    return paths | {"no file": folder / "secret-none.wav", "a folder": folder}


@pytest.mark.parametrize(
    "what", ["zero bytes", "a text", "half a header", "only a header", "random bytes", "no file", "a folder"]
)
def test_what_is_no_audio_is_refused_without_its_name(tmp_path, what):
    """The message says what to do, and never the file's name, which may hold a phone number."""
    path = bad_files(tmp_path)[what]
    with pytest.raises(RecordingError, match=r"\. [A-Z].*\.$") as caught:
        read_audio(path)
    assert path.name not in str(caught.value)


def test_a_film_without_sound_is_refused(tmp_path):
    """A file with pictures alone says so."""
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10, width=32, height=32, pix_fmt="yuv420p")
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
        container.mux(stream.encode(None))
    with pytest.raises(RecordingError, match="only pictures"):
        read_audio(path)


def test_what_is_there_of_a_cut_off_recording_is_read(tmp_path):
    """A WAV whose end is missing is heard up to there."""
    path = write_tones(tmp_path / "a.wav", "pcm_s16le")
    path.write_bytes(path.read_bytes()[:20_000])
    assert 0.5 < read_audio(path).duration_s < 1.0


def test_a_silent_channel_is_seen():
    """A channel of digital silence is left out; faint speech is not."""
    samples = np.zeros((3, SAMPLE_RATE_HZ), dtype=np.int16)
    samples[1] = 3000
    samples[2, 8000:9000] = 200
    assert find_loud_channels(Audio(samples)) == [1, 2]


def test_mono_saved_as_stereo_is_seen():
    """Channels that hold the same sound but for rounding are one; two voices are two."""
    rng = np.random.default_rng(0)
    voice, other = (rng.normal(0, 3000, SAMPLE_RATE_HZ).astype(np.int16) for _ in range(2))
    assert hold_same(Audio(np.stack([voice, voice + 1])), 0, 1)
    assert not hold_same(Audio(np.stack([voice, other])), 0, 1)
