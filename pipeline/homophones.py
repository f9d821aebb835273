"""Homophones: write the word that was meant where a transcriber wrote other characters of the same sound.

A small speech model hears Chinese well and spells it badly: 烟政马 for 验证码. Each stretch of characters is read as
the likeliest row of known words that sound like it; a character that was heard surely costs more to exchange. Length
never changes, so every word keeps its time. Transcripts keep what was heard; turns are written with what was meant.

Errors: none of its own. Text without Chinese characters, or in Traditional ones, passes through unchanged.
Source: how often words are used is wordfreq's, sounds are pypinyin's, which words are names jieba's.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby

from pipeline.languages import CHINESE_CHARACTER, simplify
from pipeline.transcripts import Segment

MAX_LENGTH = 4  # characters of a word
# What it costs to exchange a character, in nats: something always, more when the sounds only are alike, and more the
# surer the transcriber was. The last is the log odds of being right, counted on spoken sentences of invented text.
EXCHANGE_COST = 2.0
ALIKE_COST = 1.0
RIGHT_ODDS = ((0.6, 0.2), (0.7, 0.7), (0.8, 1.15), (0.9, 1.75), (1.0, 2.9))  # probability up to, log odds
UNKNOWN_COST = 14.0  # of a character that is no word
MAX_COST = 15.0  # a rarer word is never written for another
UNSURE_RATIO = 0.75  # probability of a word that the transcriber gave none
# Sounds that speakers and transcribers mix up; fewer than `evidence` merges, for here another word is written.
MIXED_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"))
MIXED_FINALS = ("ang", "eng", "ing")
# A character that denies is neither put in nor taken out: 补上 must not become 不上.
DENYING = "不没沒未无無非别別勿"
# What a name sounds like is no evidence of what it is; the redactor looked for names in what was heard.
NAME_TAG = "nr"


@dataclass(frozen=True)
class Lexicon:
    """Words by cost, the negative log of how often they are used, and by how they sound."""

    costs: dict[str, float] = field(repr=False)
    by_sound: dict[tuple[str, ...], tuple[str, ...]] = field(repr=False)

    def find_alike(self, span: str) -> tuple[str, ...]:
        """Find the other words that sound like a span and deny as much."""
        words = self.by_sound.get(tuple(map(_merge_sound, span)), ())
        return tuple(word for word in words if word != span and _mask_rest(word) == _mask_rest(span))


def mend_segment(segment: Segment) -> str:
    """Write a segment's text with the words that were meant; the same number of characters.

    Text in Traditional characters stays: how often words are used is known of Simplified ones alone.
    """
    if simplify(segment.text) != segment.text:
        return segment.text
    probabilities = _spread_probabilities(segment)
    pieces = []
    for is_chinese, run in groupby(enumerate(segment.text), lambda pair: CHINESE_CHARACTER.match(pair[1]) is not None):
        positions = list(run)
        text = "".join(character for _, character in positions)
        pieces.append(_mend_run(text, [probabilities[at] for at, _ in positions]) if is_chinese else text)
    return "".join(pieces)


def _spread_probabilities(segment: Segment) -> list[float]:
    """Give each character of a segment's text its word's probability."""
    spoken = [(character, word.probability_ratio) for word in segment.words for character in "".join(word.text.split())]
    if [one for one, _ in spoken] != [character for character in segment.text if not character.isspace()]:
        return [UNSURE_RATIO] * len(segment.text)
    ratios = iter(ratio for _, ratio in spoken)
    return [1.0 if character.isspace() else next(ratios) for character in segment.text]


def _mend_run(run: str, probabilities: Sequence[float]) -> str:
    """Find the cheapest row of words for a run of Chinese characters."""
    odds = [_find_odds(ratio) for ratio in probabilities]
    best: list[tuple[float, str]] = [(0.0, ""), *[(math.inf, "")] * len(run)]
    for start in range(len(run)):
        for end in range(start + 1, min(start + MAX_LENGTH, len(run)) + 1):
            for word, cost in _list_words(run[start:end], odds[start:end]):
                total = best[start][0] + cost
                if total < best[end][0]:
                    best[end] = (total, best[start][1] + word)
    return best[-1][1]


def _list_words(span: str, odds: Sequence[float]) -> Iterator[tuple[str, float]]:
    lexicon = load_lexicon()
    if span in lexicon.costs:
        yield span, lexicon.costs[span]
    elif len(span) == 1:
        yield span, UNKNOWN_COST
    for word in lexicon.find_alike(span) if len(span) > 1 else ():
        exchanged = [
            EXCHANGE_COST + odd + ALIKE_COST * (_find_sound(one) != _find_sound(other))
            for one, other, odd in zip(span, word, odds, strict=True)
            if one != other
        ]
        yield word, lexicon.costs[word] + sum(exchanged)


def _mask_rest(word: str) -> list[str]:
    return [character if character in DENYING else "" for character in word]


def _find_odds(ratio: float) -> float:
    return next((odds for most, odds in RIGHT_ODDS if ratio <= most), RIGHT_ODDS[-1][1])


@cache
def load_lexicon() -> Lexicon:
    """Read how often words are used, and how they sound."""
    from pypinyin.constants import PHRASES_DICT
    from wordfreq import get_frequency_dict

    costs = {
        word: -math.log(ratio)
        for word, ratio in get_frequency_dict("zh", wordlist="large").items()
        if len(word) <= MAX_LENGTH and all(map(CHINESE_CHARACTER.match, word))
    }
    names = _read_names()
    by_sound: dict[tuple[str, ...], list[str]] = {}
    for word, cost in costs.items():
        if len(word) > 1 and cost <= MAX_COST and word not in names:
            by_character = tuple(map(_merge_sound, word))
            by_phrase = tuple(_merge(_strip_tone(one[0])) for one in PHRASES_DICT.get(word, ()))
            for sound in {by_character, by_phrase} - {()}:
                by_sound.setdefault(sound, []).append(word)
    return Lexicon(costs, {sound: tuple(words) for sound, words in by_sound.items()})


def _read_names() -> set[str]:
    """Read which words are people's names."""
    import jieba

    rows = (line.decode().split() for line in jieba.get_dict_file())
    return {row[0] for row in rows if row[-1].startswith(NAME_TAG)}


@cache
def _find_sound(character: str) -> str:
    """Find a character's usual syllable, without its tone."""
    from pypinyin.constants import PINYIN_DICT

    return _strip_tone(PINYIN_DICT.get(ord(character), character).split(",")[0])


@cache
def _strip_tone(syllable: str) -> str:
    from pypinyin.contrib.tone_convert import to_normal

    return str(to_normal(syllable))


@cache
def _merge_sound(character: str) -> str:
    return _merge(_find_sound(character))


@cache
def _merge(syllable: str) -> str:
    """Make sounds that are easily mixed up one."""
    for initial, other in MIXED_INITIALS:
        syllable = other + syllable[len(initial) :] if syllable.startswith(initial) else syllable
    is_mixed = syllable.endswith(MIXED_FINALS) and not syllable.endswith(("iang", "uang", "yang", "wang"))
    return syllable[:-1] if is_mixed else syllable
