"""Chunks: hear many at once, each in its own language, and hear the doubtful ones again.

Chunks of like length share a batch, whatever recording or channel they come from. A chunk whose language is not clear
is heard region by region, and takes its channel's language where a region is not clear either.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import log
from typing import TypeVar

from pipeline.audio import Audio, Signal
from pipeline.transcribe.doubts import MAX_LEFT_OUT_S, find_doubt, find_left_out_s, is_shaky
from pipeline.transcribe.regions import Chunk, cut_chunk, find_voice_ratio
from pipeline.transcribe.whisper import Encoded, Heard, SpeechModel

SLICE_CHUNKS = 64  # encoded chunks held at a time
SURE_RATIO = 0.85  # a chunk whose likeliest language is less likely than this takes its channel's
LEAST_RATIO = 1e-3  # no single chunk decides a channel's language

Item = TypeVar("Item")
Made = TypeVar("Made")


@dataclass(frozen=True, eq=False)
class Sound:
    """A chunk of a recording; `owner` is the recording's position among those that are heard together."""

    owner: int
    audio: Audio
    chunk: Chunk

    def cut(self) -> Signal:
        """Cut its sound out."""
        return cut_chunk(self.audio, self.chunk)

    def split(self) -> list["Sound"]:
        """Split it into its regions."""
        return [Sound(self.owner, self.audio, Chunk((region,))) for region in self.chunk.regions]


@dataclass(frozen=True, eq=False)
class HeardSound:
    """A sound, what was heard in it, and why nobody can have said that; `doubt` is empty when all seems well."""

    sound: Sound
    heard: Heard
    doubt: str


def hear_sounds(sounds: Sequence[Sound], *, model: SpeechModel, batch_size: int) -> list[HeardSound]:
    """Hear sounds, in the same order; one in two languages comes back as several."""
    heard: list[HeardSound] = []
    with ThreadPoolExecutor(max_workers=model.n_workers) as executor:
        for start in range(0, len(sounds), SLICE_CHUNKS):
            heard += _hear_slice(sounds[start : start + SLICE_CHUNKS], model, batch_size, executor)
    return heard


def choose_languages(ratios: Sequence[Mapping[str, float]], owners: Sequence[tuple[int, int]]) -> list[str]:
    """Choose each sound's language: its own where that is clear, else the one that its channel speaks most.

    Args:
        ratios: Each sound's probability of each language.
        owners: The recording and the channel of each sound.
    """
    scores: dict[tuple[int, int], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for one, owner in zip(ratios, owners, strict=True):
        for language, ratio in one.items():
            scores[owner][language] += log(max(ratio, LEAST_RATIO))
    chosen = []
    for one, owner in zip(ratios, owners, strict=True):
        likeliest = max(one, key=lambda language: one[language])
        is_sure = one[likeliest] >= SURE_RATIO
        chosen.append(likeliest if is_sure else max(scores[owner], key=lambda language: scores[owner][language]))
    return chosen


def _hear_slice(
    sounds: Sequence[Sound], model: SpeechModel, batch_size: int, executor: ThreadPoolExecutor
) -> list[HeardSound]:
    sounds, encoded = _encode_clearly(sounds, model, batch_size, executor)
    owners = [(sound.owner, sound.chunk.channel) for sound in sounds]
    languages = choose_languages([one.language_ratios for one in encoded], owners)
    pairs = list(zip(encoded, languages, strict=True))
    heard = _in_batches(
        pairs,
        key=lambda pair: (pair[1], len(pair[0].state), pair[0].duration_s),
        make=lambda batch: model.decode([one for one, _ in batch], batch[0][1]),
        size=batch_size,
        executor=executor,
    )
    return list(executor.map(lambda sound, one: _judge(sound, one, model), sounds, heard))


def _encode_clearly(
    sounds: Sequence[Sound], model: SpeechModel, batch_size: int, executor: ThreadPoolExecutor
) -> tuple[list[Sound], list[Encoded]]:
    """Encode sounds, and those in which the language is not clear region by region."""
    encoded = _encode(sounds, model, batch_size, executor)
    unclear = [
        index
        for index, one in enumerate(encoded)
        if max(one.language_ratios.values()) < SURE_RATIO and len(sounds[index].chunk.regions) > 1
    ]
    splits = {index: sounds[index].split() for index in unclear}
    parts = [part for index in unclear for part in splits[index]]
    again = iter(_encode(parts, model, batch_size, executor))
    pairs: list[tuple[Sound, Encoded]] = []
    for index, (sound, one) in enumerate(zip(sounds, encoded, strict=True)):
        pairs += [(part, next(again)) for part in splits[index]] if index in splits else [(sound, one)]
    return [sound for sound, _ in pairs], [one for _, one in pairs]


def _encode(
    sounds: Sequence[Sound], model: SpeechModel, batch_size: int, executor: ThreadPoolExecutor
) -> list[Encoded]:
    return _in_batches(
        sounds,
        key=lambda sound: (model.find_context(sound.chunk.duration_s),),
        make=lambda batch: model.encode([sound.cut() for sound in batch]),
        size=batch_size,
        executor=executor,
    )


def _judge(sound: Sound, heard: Heard, model: SpeechModel) -> HeardSound:
    """Judge what was heard; where it is in doubt, hear it again with more care."""
    first = _doubt(sound, heard)
    if not first.is_doubtful:
        return HeardSound(sound, heard, "")
    wide = _doubt(sound, model.decode_widely(sound.cut(), heard.language))
    better = max(first, wide, key=lambda one: (not one.doubt, -max(one.left_out_s, MAX_LEFT_OUT_S), one.sureness))
    if better.doubt:
        better = _doubt(sound, model.decode_freely(sound.cut(), heard.language))
    return HeardSound(sound, better.heard, better.doubt)


@dataclass(frozen=True)
class Doubted:
    """What was heard, why nobody can have said it, and how much of the speech got no word."""

    heard: Heard
    doubt: str
    left_out_s: float

    @property
    def sureness(self) -> float:
        """How sure the model was."""
        return self.heard.mean_log_probability

    @property
    def is_doubtful(self) -> bool:
        """Whether it deserves a second, more careful decoding."""
        return bool(self.doubt) or is_shaky(self.heard) or self.left_out_s >= MAX_LEFT_OUT_S


def _doubt(sound: Sound, heard: Heard) -> Doubted:
    doubt = find_doubt(heard, sound.chunk.duration_s, lambda: find_voice_ratio(sound.cut()))
    return Doubted(heard, doubt, find_left_out_s(sound.chunk, heard))


def _in_batches(
    items: Sequence[Item],
    *,
    key: Callable[[Item], tuple[object, ...]],
    make: Callable[[list[Item]], Iterable[Made]],
    size: int,
    executor: ThreadPoolExecutor,
) -> list[Made]:
    """Make something of each item, in batches of items whose keys agree but for the last part, in the same order."""
    order = sorted(range(len(items)), key=lambda index: key(items[index]))
    batches: list[list[int]] = []
    for index in order:
        agrees = batches and key(items[batches[-1][0]])[:2] == key(items[index])[:2]
        if agrees and len(batches[-1]) < size:
            batches[-1].append(index)
        else:
            batches.append([index])
    made: dict[int, Made] = {}
    for batch, results in zip(
        batches, executor.map(lambda one: list(make([items[index] for index in one])), batches), strict=True
    ):
        made |= dict(zip(batch, results, strict=True))
    return [made[index] for index in range(len(items))]
