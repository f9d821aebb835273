"""Clauses: cut what somebody says into the pieces that each say one thing, in Chinese and English, offsets kept.

Spoken turns have little punctuation and many fillers, so beside sentence ends the words that open a new thought
("and also", "另外") cut, and a pause (a space between Chinese characters) and a comma do once a piece is long enough.

Errors: none of its own. A text without a word has no clause.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.languages import count_words, find_language

if TYPE_CHECKING:
    from spacy.language import Language

# A piece shorter than this joins its neighbour; one longer than that is cut at its weakest joint. In words.
MIN_WORDS = {"en": 3, "zh": 5}
MAX_WORDS = {"en": 30, "zh": 40}

# Words that bring up another matter, and words that go on with the same one. The cut falls before both.
ANOTHER_MATTER = {
    "en": (
        r"(?:and |but |oh |so )*(?:also,? (?:i|my|the|can|could|there)\b|another (?:thing|question|issue|problem)|"
        r"(?:the )?other thing|one more (?:thing|question)|on top of that|besides that|"
        r"second(?:ly)?,? (?:thing|i|my|the)\b|plus,? (?:i|my|the)\b|while i have you)"
    ),
    "zh": r"另外|还有(?=[一就我个，,\s那])|再有|再就是|还想|顺便|对了|第二个",
}
SAME_MATTER = {
    "en": r"and then\b|but (?:i|it|my|the|now|when)\b|so (?:i|my|now)\b|and (?:now|i|i'm|my|it)\b",
    "zh": r"而且|然后|但是|可是|不过|所以",
}
OPENERS = {
    "en": re.compile(rf"\b(?:{ANOTHER_MATTER['en']}|{SAME_MATTER['en']})", re.IGNORECASE),
    "zh": re.compile(rf"{ANOTHER_MATTER['zh']}|{SAME_MATTER['zh']}"),
}
# "my name is robert davis what are your hours": after the name something new begins, without a pause to say so.
INTRODUCTION = re.compile(
    r"\bmy name(?:'s| is) [\w'-]+(?: [\w'-]+)?(?=,?\s+(?:and )?"
    r"(?:i|i'm|i'd|i've|i'll|we|we're|my|our|what|what's|can|could|would|do|does|is|are|how|where|when|why)\b)",
    re.IGNORECASE,
)
NEW_MATTER = re.compile(rf"(?:{ANOTHER_MATTER['en']}|{ANOTHER_MATTER['zh']})", re.IGNORECASE)
# The speaker says that there will be more than one.
SEVERAL_MATTERS = re.compile(
    r"\b(?:two|three|four|several|couple of|a few) (?:\w+ )?(?:things|questions|issues|problems|matters|requests)\b|"
    r"(?:两|三|几)(?:个|件|点)(?:事|问题|情况|需求)",
    re.IGNORECASE,
)
# Joints of a piece that is too long, strongest first.
JOINTS = {
    "en": (re.compile(r"[,;:]\s+"), re.compile(r"\s+(?=(?:and|but|because|so|or|when|which)\b)", re.IGNORECASE)),
    "zh": (re.compile(r"[，,、；;：:]\s*|\s+"), re.compile(r"(?=因为|结果|就是|那个|我想|我要|现在|你们)")),
}
# Between Chinese characters a comma or a pause parts two things said. A comma of half width, which Whisper writes at
# every breath, does not: what it parts is too short to be judged (one planted reason of the demo fewer).
ZH_PAUSE = re.compile(r"[，；]\s*|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
ZH_SENTENCE_END = re.compile(r"[。！？…!?\n]+[”’」』)）]*\s*")
LINE_END = re.compile(r"\n+")
LEADING = " \t\r\n,，、;；:：.。!！?？"
TRAILING = " \t\r\n,，、;；:："


@dataclass(frozen=True)
class Clause:
    """A piece of a text: `text[start:end]`."""

    text: str
    start: int
    end: int

    @property
    def opens_matter(self) -> bool:
        """It begins with words that bring up another matter."""
        return NEW_MATTER.match(self.text) is not None


def announces_several(text: str) -> bool:
    """Say whether somebody says that they bring several matters: "two things really", 有两个问题."""
    return SEVERAL_MATTERS.search(text) is not None


def split_clauses(text: str, language: str) -> list[Clause]:
    """Cut a text into clauses, in order.

    Args:
        text: What somebody said or wrote.
        language: zh or en, what most of it is in; any other name is looked up in the text.
    """
    language = language if language in MIN_WORDS else find_language(text)
    sentences = _split_sentences(text, language)
    pieces = [piece for sentence in sentences for piece in _split_openers(text, *sentence, language)]
    if language == "zh":
        pieces = [part for piece in pieces for part in _cut_at(text, piece, ZH_PAUSE)]
    pieces = _join_short(text, pieces, language)
    cut = [part for piece in pieces for part in _cut_long(text, piece, language)]
    trimmed = (_trim(text, *piece) for piece in cut)
    return [Clause(text[start:end], start, end) for start, end in trimmed if count_words(text[start:end])]


@cache
def _load_sentencizer() -> "Language":
    import spacy

    english = spacy.blank("en")
    english.add_pipe("sentencizer")
    english.max_length = 10_000_000
    return english


def _split_sentences(text: str, language: str) -> Iterator[tuple[int, int]]:
    if language == "zh":
        yield from _cut_at(text, (0, len(text)), ZH_SENTENCE_END)
    else:
        for start, end in _cut_at(text, (0, len(text)), LINE_END):
            for sentence in _load_sentencizer()(text[start:end]).sents:
                yield start + sentence.start_char, start + sentence.end_char


def _split_openers(text: str, start: int, end: int, language: str) -> Iterator[tuple[int, int]]:
    openers = [match.start() for match in OPENERS[language].finditer(text, start, end)]
    introductions = [match.end() for match in INTRODUCTION.finditer(text, start, end)]
    cuts = [start, *sorted({*openers, *introductions}), end]
    yield from ((one, other) for one, other in pairwise(cuts) if other > one)


def _cut_at(text: str, piece: tuple[int, int], joint: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    start, end = piece
    cuts = [start, *(match.end() for match in joint.finditer(text, start, end)), end]
    yield from ((one, other) for one, other in pairwise(cuts) if other > one)


def _join_short(text: str, pieces: list[tuple[int, int]], language: str) -> list[tuple[int, int]]:
    """Join a piece of too few words to the one before it; an opening word or the text's start to the next."""
    joined: list[tuple[int, int]] = []
    waits = False
    for start, end in pieces:
        piece = text[start:end]
        is_short = count_words(piece) < MIN_WORDS[language]
        opens = not joined or OPENERS[language].match(piece.strip()) is not None
        if joined and (waits or (is_short and not opens)):
            joined[-1] = (joined[-1][0], end)
            waits = waits and count_words(text[slice(*joined[-1])]) < MIN_WORDS[language]
        else:
            joined.append((start, end))
            waits = is_short
    return joined


def _cut_long(text: str, piece: tuple[int, int], language: str) -> Iterator[tuple[int, int]]:
    """Halve a piece that is too long at the joint nearest its middle, until none is too long or none has a joint."""
    start, end = piece
    if count_words(text[start:end]) <= MAX_WORDS[language]:
        yield piece
        return
    cut = _find_middle_joint(text, start, end, language)
    if not start < cut < end:
        yield piece
        return
    yield from _cut_long(text, (start, cut), language)
    yield from _cut_long(text, (cut, end), language)


def _find_middle_joint(text: str, start: int, end: int, language: str) -> int:
    middle = (start + end) / 2
    margin = (end - start) / 6
    for joint in JOINTS[language]:
        cuts = [
            match.end() for match in joint.finditer(text, start, end) if start + margin < match.end() < end - margin
        ]
        if cuts:
            return min(cuts, key=lambda cut: abs(cut - middle))
    return -1


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in LEADING:
        start += 1
    while end > start and text[end - 1] in TRAILING:
        end -= 1
    return start, end
