"""Audio: open any recording, channels kept apart, 16 kHz.

PyAV decodes WAV (PCM, mu-law, A-law, GSM 6.10), FLAC, MP3, Ogg Opus, M4A, WebM and whatever else FFmpeg knows, without
FFmpeg being installed. Samples are held as 16 bit integers, an hour of stereo is 230 MB, and become floats in pieces.

Errors: RecordingError when a file holds no sound that can be read; it never names the file, whose name may say whom
it is about.
"""

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import RecordingError

SAMPLE_RATE_HZ = 16_000
FULL_SCALE = 32_768.0  # of a 16 bit sample
GROUP_SAMPLES = 500_000  # decoded at a time
MIN_DURATION_S = 0.1  # less is no recording of anything
SILENT_RATIO = 0.001  # of full scale, -60 dB: nothing louder was said in the channel
BLOCK_SAMPLES = 60 * SAMPLE_RATE_HZ  # looked at at a time
SAME_RATIO = 0.02  # two channels that differ by less than this much of their energy hold the same sound

Samples = NDArray[np.int16]
Signal = NDArray[np.float32]


@dataclass(frozen=True)
class AudioInfo:
    """What a recording's header says; `duration_s` is 0 when it does not say."""

    duration_s: float
    n_channels: int
    sample_rate_hz: int
    codec: str


@dataclass(frozen=True, eq=False)
class Audio:
    """A decoded recording: `samples` of shape (n_channels, n), 16 bit, 16 kHz."""

    samples: Samples

    @property
    def n_channels(self) -> int:
        """How many tracks it has."""
        return int(self.samples.shape[0])

    @property
    def duration_s(self) -> float:
        """How long it is."""
        return float(self.samples.shape[1]) / SAMPLE_RATE_HZ

    def cut(self, channel: int, start_s: float, end_s: float) -> Signal:
        """Cut a stretch of one channel out, as floats in -1..1."""
        start, end = (max(0, round(at_s * SAMPLE_RATE_HZ)) for at_s in (start_s, end_s))
        return to_signal(self.samples[channel, start:end])


def to_signal(samples: Samples) -> Signal:
    """Turn 16 bit samples into floats in -1..1."""
    return samples.astype(np.float32) / np.float32(FULL_SCALE)


def hash_content(path: Path) -> str:
    """Name a recording by the SHA-256 of its content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def probe_audio(path: Path) -> AudioInfo:
    """Read what a recording's header says of it.

    Raises:
        RecordingError: The file holds no sound that can be read.
    """
    with _open_container(path) as container:
        stream = _find_stream(container)
        duration_s = float(stream.duration * stream.time_base) if stream.duration else (container.duration or 0) / 1e6
        return AudioInfo(duration_s, stream.channels, stream.rate, stream.codec_context.name)


def read_audio(path: Path) -> Audio:
    """Decode a recording whole, its channels apart.

    Raises:
        RecordingError: The file holds no sound that can be read.
    """
    with _open_container(path) as container:
        try:
            pieces = list(_decode(container, _find_stream(container)))
        except ValueError:
            raise RecordingError("The recording's format changes on the way. Convert it to WAV or FLAC.") from None
    if not pieces or sum(piece.shape[1] for piece in pieces) < MIN_DURATION_S * SAMPLE_RATE_HZ:
        raise RecordingError("The recording holds no sound: its header is there and the rest is not. Copy it again.")
    return Audio(np.concatenate(pieces, axis=1))


def make_flac(samples: Samples) -> bytes:
    """Write one channel of 16 bit, 16 kHz samples of shape (n,) as a FLAC file's content; nothing is lost."""
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=SAMPLE_RATE_HZ, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.reshape(1, -1)), format="s16", layout="mono")
        frame.rate = SAMPLE_RATE_HZ
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return file.getvalue()


def find_loud_channels(audio: Audio) -> list[int]:
    """List the channels in which anything at all can be heard."""
    return [channel for channel in range(audio.n_channels) if _peak(audio.samples[channel]) >= SILENT_RATIO]


def hold_same(audio: Audio, first: int, second: int) -> bool:
    """Say whether two channels hold the same sound, as in a mono call that was saved as stereo."""
    energy = difference = 0.0
    for start in range(0, audio.samples.shape[1], BLOCK_SAMPLES):
        one, other = (to_signal(audio.samples[channel, start : start + BLOCK_SAMPLES]) for channel in (first, second))
        energy += float(np.dot(one, one) + np.dot(other, other))
        difference += float(np.dot(one - other, one - other))
    return difference <= SAME_RATIO * energy


def _peak(samples: Samples) -> float:
    """Find how loud a channel's loudest twentieth of a second is, as a ratio of full scale."""
    step = SAMPLE_RATE_HZ // 20
    loudest = 0.0
    for start in range(0, len(samples), BLOCK_SAMPLES):
        block = to_signal(samples[start : start + BLOCK_SAMPLES])
        block = np.pad(block, (0, -len(block) % step)).reshape(-1, step)
        loudest = max(loudest, float(np.sqrt((block * block).mean(axis=1).max())))
    return loudest


def _open_container(path: Path) -> Any:  # noqa: ANN401  PyAV's types are not seen by mypy
    import av

    try:
        if path.stat().st_size == 0:
            raise RecordingError("The recording is empty (0 bytes). Copy it again from the recorder.")
        return av.open(str(path.absolute()), mode="r", metadata_errors="ignore")
    except FileNotFoundError:
        raise RecordingError("The recording is no longer there. Put it back, then run again.") from None
    except (IsADirectoryError, PermissionError):
        raise RecordingError("The recording may not be read. Give this user the right to read it.") from None
    except (av.error.FFmpegError, OSError, ValueError):
        raise RecordingError(
            "The file is no audio that can be read, or its header is cut off. Check that it plays, or copy it again."
        ) from None


def _find_stream(container: Any) -> Any:  # noqa: ANN401
    if not container.streams.audio:
        what = "only pictures" if container.streams.video else "no track of sound"
        raise RecordingError(f"The file holds {what}. Export the call with its sound.")
    stream = container.streams.audio[0]
    if not stream.codec_context or not stream.rate or not stream.channels:
        raise RecordingError("The file's sound is in a format that cannot be read. Convert it to WAV or FLAC.")
    return stream


def _decode(container: Any, stream: Any) -> Iterator[Samples]:  # noqa: ANN401
    """Decode in pieces of shape (n_channels, n); damaged packets are left out."""
    from av.audio.fifo import AudioFifo
    from av.audio.resampler import AudioResampler

    resampler, fifo = AudioResampler(format="s16p", rate=SAMPLE_RATE_HZ), AudioFifo()
    for frame in _read_frames(container, stream):
        frame.pts = None
        fifo.write(frame)
        if fifo.samples >= GROUP_SAMPLES:
            yield from _to_samples(resampler.resample(fifo.read()))
    if fifo.samples:
        yield from _to_samples(resampler.resample(fifo.read()))
        yield from _to_samples(resampler.resample(None))


def _to_samples(frames: Sequence[Any]) -> list[Samples]:
    return [np.asarray(frame.to_ndarray(), dtype=np.int16) for frame in frames]


def _read_frames(container: Any, stream: Any) -> Iterator[Any]:  # noqa: ANN401
    from av.error import FFmpegError, InvalidDataError

    frames = container.decode(stream)
    while True:
        try:
            yield next(frames)
        except InvalidDataError:
            continue
        except (StopIteration, FFmpegError):
            return
