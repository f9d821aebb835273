"""Speech: speak Chinese and English texts with Kokoro-82M, by misaki's phonemes.

What is spoken once is kept in the user's cache. Needs the extra `demo`.

Errors: ValueError when a word has no known pronunciation, since it would go unspoken.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.config import ModelSettings
from pipeline.languages import CHINESE_CHARACTER
from pipeline.models import fetch_model

VOICE_HZ = 24000
MAX_TOKENS = 300  # a longer text is spoken in several breaths
ENGLISH_RUN = re.compile(r"[A-Za-z][A-Za-z' ,.?!-]*")

# Words that pypinyin reads otherwise: 没收 alone is "to confiscate".
PINYIN = {"没收到": [["méi"], ["shōu"], ["dào"]], "还没": [["hái"], ["méi"]]}
# English words that misaki's lexicon lacks, in its phonemes.
ENGLISH = {"Walsh": "wˈɔlʃ"}

Audio = NDArray[np.float32]
Mix = tuple[tuple[str, float], ...]  # shares of Kokoro's voices


@dataclass(frozen=True)
class Voice:
    """A loaded text-to-speech model."""

    speak_tokens: Callable[[Sequence[int], NDArray[np.float32]], Audio]
    tokens: dict[str, int]
    styles: dict[str, NDArray[np.float32]]


def speak(text: str, mix: Mix) -> Audio:
    """Speak a text at 24 kHz, or take it from the cache when it was spoken before."""
    from platformdirs import user_cache_path

    phonemes = split_breaths(find_phonemes(text))
    name = hashlib.sha256(f"{mix}|{phonemes}".encode()).hexdigest()[:24]
    path = user_cache_path("callreasons") / "demo-voice" / f"{name}.npy"
    if path.exists():
        return np.asarray(np.load(path), np.float32)
    pause = np.zeros(int(0.15 * VOICE_HZ), np.float32)
    pieces = [piece for breath in phonemes for piece in (speak_phonemes(breath, mix), pause)]
    sound = np.concatenate(pieces[:-1])
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.npy")
    np.save(part, sound.astype(np.float16))
    part.replace(path)
    return np.asarray(np.load(path), np.float32)


def speak_phonemes(phonemes: str, mix: Mix) -> Audio:
    """Speak phonemes in one breath, silence cut from both ends."""
    model = load_voice()
    unknown = set(phonemes) - model.tokens.keys()
    if unknown:
        raise ValueError(f"The voice has no phoneme {unknown}. Write the words otherwise.")
    tokens = [model.tokens[one] for one in phonemes]
    style = sum(model.styles[name][len(tokens) - 1] * np.float32(share) for name, share in mix)
    sound = model.speak_tokens([0, *tokens, 0], np.asarray(style).reshape(1, -1))
    heard = np.flatnonzero(np.abs(sound) > 0.01)
    edge = int(0.03 * VOICE_HZ)
    return sound[max(0, heard[0] - edge) : heard[-1] + edge]


@cache
def load_voice() -> Voice:
    """Load Kokoro."""
    import onnxruntime

    folder = fetch_model("kokoro-82m-int8", ModelSettings())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])

    def speak_tokens(tokens: Sequence[int], style: NDArray[np.float32]) -> Audio:
        inputs = {"tokens": np.array([tokens], np.int64), "style": style, "speed": np.ones(1, np.float32)}
        return np.asarray(session.run(None, inputs)[0], np.float32).ravel()

    tokens = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))["vocab"]
    with np.load(folder / "voices_ja.npz") as styles:
        return Voice(speak_tokens, tokens, {name: styles[name] for name in styles.files})


def find_phonemes(text: str) -> str:
    """Find a text's phonemes, its Chinese and English stretches each by their own rules."""
    if not CHINESE_CHARACTER.search(text):
        return find_english_phonemes(text)
    pieces, at = [], 0
    for run in ENGLISH_RUN.finditer(text):
        pieces += [find_chinese_phonemes(text[at : run.start()]), find_english_phonemes(run.group().strip())]
        at = run.end()
    return " ".join(piece for piece in (*pieces, find_chinese_phonemes(text[at:])) if piece)


def find_chinese_phonemes(text: str) -> str:
    """Find the phonemes of a Chinese text."""
    return load_chinese()(text)[0] if text.strip() else ""


def find_english_phonemes(text: str) -> str:
    """Find the phonemes of an English text; refuse a word that would go unspoken."""
    phonemes, words = load_english()(text)
    silent = [word.text for word in words if word.text.isalpha() and not word.phonemes]
    if silent:
        raise ValueError(f"The English lexicon lacks {silent}. Write other words, or add them to ENGLISH.")
    return phonemes


def split_breaths(phonemes: str) -> list[str]:
    """Cut phonemes after punctuation into stretches that the voice speaks well."""
    breaths = [""]
    for piece in re.findall(r"[^,.?!;:]+[,.?!;: ]*", phonemes):
        if breaths[-1] and len(breaths[-1]) + len(piece) > MAX_TOKENS:
            breaths.append("")
        breaths[-1] += piece
    return [breath.strip() for breath in breaths]


@cache
def load_chinese() -> Callable[[str], tuple[str, Any]]:
    """Load misaki's Chinese rules."""
    import jieba
    from misaki.zh import ZHG2P
    from pypinyin import load_phrases_dict

    load_phrases_dict(PINYIN)
    for word in PINYIN:
        jieba.add_word(word)
    rules: Callable[[str], tuple[str, Any]] = ZHG2P()
    return rules


@cache
def load_english() -> Callable[[str], tuple[str, list[Any]]]:
    """Load misaki's English rules; it would fetch spaCy's model by name, ours lies in a folder."""
    import spacy
    from misaki import en

    rules: Any = en.G2P.__new__(en.G2P)
    rules.version, rules.british, rules.fallback, rules.unk = None, False, None, ""
    rules.nlp = spacy.load(fetch_model("en-core-web-sm", ModelSettings()), enable=["tok2vec", "tagger"])
    rules.lexicon = en.Lexicon(british=False)
    rules.lexicon.golds.update(ENGLISH)
    spoken: Callable[[str], tuple[str, list[Any]]] = rules
    return spoken
