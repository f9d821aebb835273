"""Judging names: how well a clause would do as a reason's name, whatever cluster it is for.

A name says what is wanted or what is wrong: it has a word of content, does not point at something said before ("pay
that"), and is no half of a sentence ("if I cancel early").

Errors: none of its own.
"""

import re
from functools import lru_cache

# What takes something away from a name, and how much of its score is left.
EMPTY_RATIO, HALF_RATIO, POINTING_RATIO, NO_VERB_RATIO = 0.4, 0.5, 0.7, 0.75

# Words that say nothing of what a call is about, beside the usual stop words.
EMPTY = """
    let's lets go ahead want need like great yeah okay ok please know thing things get got getting call calling
    called today now help sure question questions wondering think thinking guess maybe right good fine thanks hello hi
    sorry actually really just able try trying tell day time lot bit way mean kind sort going gonna wanna decided yes
    hey work look looking check something anything um uh i'd i'm i've i'll that's it's don't can't"""
EMPTY_WORDS = frozenset(EMPTY.split())
# A word begun twice.
STUTTER = re.compile(r"\b(\w{1,4})-\1", re.IGNORECASE)
POINTING = {
    "en": re.compile(r"\b(?:it|that|this|them|those|these|there|one)$", re.IGNORECASE),
    "zh": re.compile(r"(?:这个|那个|它|这样|那样|这些|那些)$"),
}
HALF = {
    "en": re.compile(
        r"^(?:if|when|because|since|as|while|until|after|before|whether|and|or|but|so)\b(?!.*,)|^the\b.*\bnow$"
        r"|\b(?:and|or|but|because|so|to|the|a|my|with|for|if|of|in|on)$",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"^(?:如果|要是|假如|当|由于|因为|自从|虽然|既然)(?!.*[，,])|(?:的时候|之后|以后|后|时|中|的话|之前|以前|和|与|的)$"
    ),
}
ENGLISH_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?")
CHINESE_RUN = re.compile(r"[\u4e00-\u9fff]+")
# A question word or an adjective says what is wanted as well as a verb does.
SAYING_TAGS = ("v", "a", "r", "d", "z")


def judge_name(name: str, language: str) -> float:
    """Say how much of its score a name keeps, 0 to 1."""
    kept = HALF_RATIO if HALF[language].search(name) else 1.0
    kept *= HALF_RATIO if STUTTER.search(name) else 1.0
    kept *= POINTING_RATIO if POINTING[language].search(name) else 1.0
    if language == "zh":
        return kept * (1.0 if _has_verb(name) else NO_VERB_RATIO)
    return kept * (1.0 if _has_content(name) else EMPTY_RATIO)


def _has_content(name: str) -> bool:
    from spacy.lang.en.stop_words import STOP_WORDS

    words = [word.replace("’", "'") for word in ENGLISH_WORD.findall(name.lower())]
    return any(word not in STOP_WORDS and word not in EMPTY_WORDS for word in words)


@lru_cache(maxsize=50_000)
def _has_verb(name: str) -> bool:
    import jieba
    import jieba.posseg

    jieba.setLogLevel("WARNING")
    runs = CHINESE_RUN.findall(name)
    return any(pair.flag[:1] in SAYING_TAGS for run in runs for pair in jieba.posseg.cut(run))
