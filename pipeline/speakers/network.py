"""Network: stretches of speech become voice embeddings.

Errors: ModelError when the folder holds no weights.
Source: Wan et al., Generalized End-to-End Loss for Speaker Verification, 2018; weights and features as in Resemblyzer.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.audio import SAMPLE_RATE_HZ, Signal
from pipeline.errors import ModelError

WEIGHTS_FILE = "pretrained.pt"
N_MELS, N_FFT, HOP_SAMPLES = 40, 400, 160  # 25 ms every 10 ms
HIDDEN_SIZE, N_LAYERS = 256, 3
WINDOW_S, STEP_S = 1.6, 0.4  # the network was trained on windows of this length
LOUDNESS = 10 ** (-30 / 20)  # of full scale, to which quieter speech is raised
Embeddings = NDArray[np.float32]
Embed = Callable[[Sequence[Signal]], Embeddings]


@lru_cache(maxsize=1)
def load_voices(folder: Path) -> Embed:
    """Load the network that turns speech into voice embeddings.

    Raises:
        ModelError: The folder does not hold its weights.
    """
    import torch

    try:
        weights = torch.load(folder / WEIGHTS_FILE, map_location="cpu", weights_only=True)["model_state"]
        lstm = torch.nn.LSTM(N_MELS, HIDDEN_SIZE, N_LAYERS, batch_first=True)
        linear = torch.nn.Linear(HIDDEN_SIZE, HIDDEN_SIZE)
        lstm.load_state_dict(_take(weights, "lstm."))
        linear.load_state_dict(_take(weights, "linear."))
    except (OSError, RuntimeError, KeyError, ValueError):
        raise ModelError(
            f"'{folder}' holds no speaker model. Fetch it again with `callreasons models fetch`."
        ) from None
    return lambda sounds: _embed(sounds, lstm.eval(), linear.eval())


def _take(weights: dict[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}


def _embed(sounds: Sequence[Signal], lstm: Any, linear: Any) -> Embeddings:  # noqa: ANN401
    """Embed each sound: the mean over its windows, unit length."""
    import torch

    windows = [_cut_windows(_find_mels(sound)) for sound in sounds]
    made = []
    with torch.inference_mode():
        for batch in np.array_split(np.concatenate(windows), max(1, sum(map(len, windows)) // 64)):
            _, (hidden, _) = lstm(torch.from_numpy(batch))
            made.append(torch.nn.functional.normalize(torch.relu(linear(hidden[-1])), dim=1).numpy())
    ends = np.cumsum([len(one) for one in windows])[:-1]
    means = np.stack([one.mean(axis=0) for one in np.split(np.concatenate(made), ends)])
    embeddings: Embeddings = (means / np.linalg.norm(means, axis=1, keepdims=True)).astype(np.float32)
    return embeddings


def _find_mels(sound: Signal) -> NDArray[np.float32]:
    """Find a sound's mel spectrogram, shape (n_frames, 40); not its logarithm: the network was trained so."""
    from faster_whisper.feature_extractor import FeatureExtractor

    loudness = float(np.sqrt(np.mean(sound * sound))) if len(sound) else 0.0
    raised = sound * max(1.0, LOUDNESS / max(loudness, 1e-6))
    padded = np.pad(raised, N_FFT // 2)
    padded = np.pad(padded, (0, max(0, N_FFT - len(padded))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP_SAMPLES]
    power = np.abs(np.fft.rfft(frames * np.hanning(N_FFT + 1)[:-1], axis=1)) ** 2
    filters = FeatureExtractor.get_mel_filters(SAMPLE_RATE_HZ, N_FFT, n_mels=N_MELS)
    mels: NDArray[np.float32] = (power @ filters.T).astype(np.float32)
    return mels


def _cut_windows(mels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cut a spectrogram into overlapping windows; a short one is repeated until it fills a window."""
    size, step = round(WINDOW_S * 100), round(STEP_S * 100)
    if len(mels) < size:
        mels = np.tile(mels, (-(-size // len(mels)), 1))[:size]
    starts = range(0, len(mels) - size + 1, step)
    return np.stack([mels[start : start + size] for start in starts])
