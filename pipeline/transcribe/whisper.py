"""Whisper: the speech model, by faster-whisper, hearing many chunks at once.

faster-whisper's own batches stay inside one file and one language. This one takes chunks of any recordings, finds each
one's language among the project's, and gives the encoder no more silence than a chunk needs: Whisper pads every chunk
to 30 s, which is most of the work when calls are short.

Errors: ModelError when the folder holds no speech model.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.audio import SAMPLE_RATE_HZ, Signal
from pipeline.errors import ModelError
from pipeline.models import count_cores

FRAMES_PER_S = 100
CONTEXT_STEP_FRAMES = 250  # contexts are multiples of this, so that chunks of like length share a batch
CONTEXT_TAIL_FRAMES = 100  # silence that the model hears after each chunk
MIN_CONTEXT_FRAMES, MAX_CONTEXT_FRAMES = 1_000, 3_000  # in less than 10 s Whisper gets lost
TOKENS_PER_S = 14  # nobody speaks faster; stops a loop early
CHINESE_PROMPT = "以下是普通话的句子。"  # makes Whisper write Simplified characters and punctuation
TEMPERATURES = (0.2, 0.4, 0.6, 0.8)
SEED = 0
OPENING, CLOSING = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"  # go with the word after, and before
MAX_WORKERS = 4  # batches decoded side by side, each by its share of the threads: faster than all threads on one


@dataclass(frozen=True)
class HeardWord:
    """A word and when it was said, in seconds from the start of its chunk."""

    start_s: float
    end_s: float
    text: str
    probability_ratio: float


@dataclass(frozen=True)
class Heard:
    """What the model heard in one chunk."""

    language: str
    text: str
    words: tuple[HeardWord, ...]
    mean_log_probability: float
    no_speech_ratio: float


@dataclass(frozen=True, eq=False)
class Encoded:
    """A chunk as the encoder left it, with the probability of each language."""

    state: NDArray[np.float32]
    duration_s: float
    language_ratios: Mapping[str, float]


class SpeechModel(Protocol):
    """Turns sounds into words."""

    name: str
    n_workers: int

    def find_context(self, duration_s: float) -> int:
        """Choose how much room the encoder gets; sounds with the same room can share a batch."""

    def encode(self, sounds: Sequence[Signal]) -> list[Encoded]:
        """Encode each sound, and find its language."""

    def decode(self, encoded: Sequence[Encoded], language: str) -> list[Heard]:
        """Write down what was said, all sounds in one language."""

    def decode_widely(self, sound: Signal, language: str) -> Heard:
        """Write down one doubtful sound in the model's full context."""

    def decode_freely(self, sound: Signal, language: str) -> Heard:
        """Write down one sound that the model got lost in, at rising temperatures."""


@dataclass(frozen=True)
class SpeechOptions:
    """What is spoken, how many readings are followed at once, and names to listen for."""

    languages: tuple[str, ...]
    beam_size: int = 5
    hot_words: str = ""


class WhisperSpeech:
    """A Whisper model, loaded."""

    def __init__(self, model: Any, *, name: str, n_workers: int, options: SpeechOptions) -> None:  # noqa: ANN401
        self.name = name
        self.n_workers = n_workers
        self._model = model
        self._languages = options.languages
        self._beam_size = options.beam_size
        self._hot_words = options.hot_words or None

    def find_context(self, duration_s: float) -> int:
        """Choose how many frames the encoder sees of a chunk of this length."""
        return find_context(duration_s)

    def encode(self, sounds: Sequence[Signal]) -> list[Encoded]:
        """Encode each sound in the shortest context that holds all of them, and find its language."""
        n_frames = find_context(max(len(sound) for sound in sounds) / SAMPLE_RATE_HZ)
        size = 1 if self._model.model.device == "cpu" else len(sounds)  # one at a time stays in a CPU's cache
        parts = [self._encode(sounds[start : start + size], n_frames) for start in range(0, len(sounds), size)]
        return [one for part in parts for one in part]

    def _encode(self, sounds: Sequence[Signal], n_frames: int) -> list[Encoded]:
        durations = [len(sound) / SAMPLE_RATE_HZ for sound in sounds]
        features = [self._model.feature_extractor(sound)[..., :-1] for sound in sounds]
        output = self._model.encode(np.stack([_pad(one, n_frames) for one in features]))
        ratios = self._find_languages(output, len(sounds))
        states = np.array(output.to_device(_cpu()) if output.device != "cpu" else output)
        return [Encoded(*one) for one in zip(states, durations, ratios, strict=True)]

    def decode(self, encoded: Sequence[Encoded], language: str) -> list[Heard]:
        """Write down what was said, all sounds in one language and of one context."""
        from faster_whisper.transcribe import get_ctranslate2_storage

        tokenizer = self._make_tokenizer(language)
        output = get_ctranslate2_storage(np.stack([one.state for one in encoded]))
        prompt = self._make_prompt(tokenizer, language)
        results = self._model.model.generate(
            output,
            [prompt] * len(encoded),
            beam_size=self._beam_size,
            max_length=_limit(prompt, max(one.duration_s for one in encoded)),
            suppress_tokens=_find_suppressed(tokenizer),
            return_scores=True,
            return_no_speech_prob=True,
        )
        tokens = [list(result.sequences_ids[0]) for result in results]
        scores = [result.scores[0] * len(one) / (len(one) + 1) for result, one in zip(results, tokens, strict=True)]
        silences = [float(result.no_speech_prob) for result in results]
        words = self._align(output, tokenizer, tokens, [one.duration_s for one in encoded])
        return [
            Heard(language, tokenizer.decode(one).strip(), *rest)
            for one, *rest in zip(tokens, words, scores, silences, strict=True)
        ]

    def decode_widely(self, sound: Signal, language: str) -> Heard:
        """Write down one doubtful sound in the model's full context."""
        return self.decode(self._encode([sound], MAX_CONTEXT_FRAMES), language)[0]

    def decode_freely(self, sound: Signal, language: str) -> Heard:
        """Write down one sound that the model got lost in, at rising temperatures."""
        import ctranslate2

        ctranslate2.set_random_seed(SEED)
        segments, _ = self._model.transcribe(
            sound,
            language=language,
            beam_size=self._beam_size,
            temperature=TEMPERATURES,
            condition_on_previous_text=False,
            without_timestamps=True,
            initial_prompt=CHINESE_PROMPT if language == "zh" else None,
            hotwords=self._hot_words,
            word_timestamps=True,
        )
        found = list(segments)
        words = tuple(
            HeardWord(word.start, word.end, word.word, word.probability) for one in found for word in one.words or ()
        )
        return Heard(
            language,
            "".join(one.text for one in found).strip(),
            words,
            float(np.mean([one.avg_logprob for one in found])) if found else 0.0,
            max((one.no_speech_prob for one in found), default=1.0),
        )

    def _find_languages(self, output: Any, n_sounds: int) -> list[dict[str, float]]:  # noqa: ANN401
        if len(self._languages) == 1 or not self._model.model.is_multilingual:
            return [{self._languages[0]: 1.0}] * n_sounds
        found = []
        for one in self._model.model.detect_language(output):
            ratios = {token[2:-2]: ratio for token, ratio in one if token[2:-2] in self._languages}
            total = sum(ratios.values()) or 1.0
            found.append({language: ratio / total for language, ratio in ratios.items()})
        return found

    def _make_tokenizer(self, language: str) -> Any:  # noqa: ANN401
        from faster_whisper.tokenizer import Tokenizer

        return Tokenizer(
            self._model.hf_tokenizer, self._model.model.is_multilingual, task="transcribe", language=language
        )

    def _make_prompt(self, tokenizer: Any, language: str) -> list[int]:  # noqa: ANN401
        before = tokenizer.encode(CHINESE_PROMPT) if language == "zh" else []
        prompt = self._model.get_prompt(tokenizer, before, without_timestamps=True, hotwords=self._hot_words)
        return list(prompt)

    def _align(
        self,
        output: Any,  # noqa: ANN401
        tokenizer: Any,  # noqa: ANN401
        tokens: list[list[int]],
        durations: list[float],
    ) -> list[tuple[HeardWord, ...]]:
        """Find when each word was said."""
        segments: list[list[dict[str, Any]]] = [
            [{"seek": 0, "start": 0.0, "end": duration_s, "tokens": one}]
            for one, duration_s in zip(tokens, durations, strict=True)
        ]
        sizes = [max(1, round(duration_s * FRAMES_PER_S)) for duration_s in durations]
        self._model.add_word_timestamps(segments, tokenizer, output, sizes, OPENING, CLOSING, 0.0)
        return [
            tuple(
                HeardWord(word["start"], word["end"], word["word"], float(word["probability"]))
                for word in segment[0].get("words", ())
            )
            for segment in segments
        ]


def find_context(duration_s: float) -> int:
    """Choose how many frames the encoder sees of a chunk of this length."""
    needed = max(MIN_CONTEXT_FRAMES, duration_s * FRAMES_PER_S + CONTEXT_TAIL_FRAMES)
    return min(MAX_CONTEXT_FRAMES, int(np.ceil(needed / CONTEXT_STEP_FRAMES)) * CONTEXT_STEP_FRAMES)


def load_whisper(
    folder: Path,
    *,
    name: str,
    device: tuple[str, str],
    threads: int,
    options: SpeechOptions,
) -> WhisperSpeech:
    """Load a Whisper model.

    Args:
        folder: Holds the model's files in CTranslate2's format.
        name: What transcripts call it.
        device: cpu or cuda, and the number format.
        threads: 0 for one a core.
        options: What is spoken and how much care is taken.

    Raises:
        ModelError: The folder holds no speech model.
    """
    from faster_whisper import WhisperModel

    n_threads = threads or count_cores()
    n_workers = min(n_threads, MAX_WORKERS) if device[0] == "cpu" else 1
    try:
        model = WhisperModel(
            str(folder),
            device=device[0],
            compute_type=device[1],
            cpu_threads=n_threads // n_workers,
            num_workers=n_workers,
            local_files_only=True,
        )
    except (RuntimeError, ValueError, OSError):
        raise ModelError(
            f"'{folder}' holds no speech model that can be loaded on {device[0]}. Fetch it again with"
            " `callreasons models fetch`, or name another one in [models] speech."
        ) from None
    return WhisperSpeech(model, name=name, n_workers=n_workers, options=options)


def _find_suppressed(tokenizer: Any) -> Sequence[int]:  # noqa: ANN401
    from faster_whisper.transcribe import get_suppressed_tokens

    return tuple(get_suppressed_tokens(tokenizer, [-1]))


def _limit(prompt: list[int], duration_s: float) -> int:
    return int(min(448, len(prompt) + 16 + TOKENS_PER_S * duration_s))


def _pad(features: NDArray[np.float32], n_frames: int) -> NDArray[np.float32]:
    from faster_whisper.audio import pad_or_trim

    padded: NDArray[np.float32] = pad_or_trim(features, n_frames)
    return padded


def _cpu() -> Any:  # noqa: ANN401
    import ctranslate2

    return ctranslate2.Device.cpu
