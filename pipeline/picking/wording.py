"""Wording: what a text's words say about whether it states a reason, beside its embedding, in Chinese and English.

Answers to checks are mostly numbers, spelled letters and redacted values; reasons mostly want, ask or complain.
"""

import re
from collections.abc import Sequence

import numpy as np

from pipeline.examples import Floats
from pipeline.languages import WORD, count_words

# Numerals, and at least three spoken digits or spelled letters in a row, and what the redactor left of a value.
DIGIT = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double)"
DETAILS = re.compile(
    rf"\[[A-Z_]+\]|\b\w*\d\w*\b|\b(?:{DIGIT}\b[\s,-]*){{3,}}|\b(?:[b-hj-z]\b[\s,-]*){{3,}}|[零〇一二三四五六七八九幺]{{3,}}|@",
    re.IGNORECASE,
)
WANTS = re.compile(
    r"\b(?:want|wanna|need|needs|would like|i'd like|like to|wish|looking for|looking to|trying|calling|"
    r"help me|can you|could you|can i|could i|how|why|what|when|where|which|is there|do you)\b|想|要|帮我|怎么|"
    r"为什么|为啥|能不能|可以|可不可以|如何|什么|多少|哪|吗",
    re.IGNORECASE,
)
FAILS = re.compile(
    r"\b(?:not|no longer|never|can't|cannot|cant|won't|don't|doesn't|didn't|isn't|problem|issue|trouble|wrong|broken|"
    r"error|lost|stolen|missing|late|charged|stopped|failed|declined)\b|没|不|坏|丢|错|断|被|失败|问题",
    re.IGNORECASE,
)
FEATURES = ("words", "is_one_word", "is_two_words", "details_share", "details", "wants", "fails")
MAX_COUNT = 3


def describe_wording(texts: Sequence[str]) -> Floats:
    """Describe each text by `FEATURES`, shape (n, n_features), each about 0 to 1."""
    return np.asarray([_describe(text) for text in texts], np.float32).reshape(len(texts), len(FEATURES))


def _describe(text: str) -> list[float]:
    n_words = count_words(text)
    details = [match.group() for match in DETAILS.finditer(text)]
    n_details = sum(max(1, len(WORD.findall(one))) for one in details)
    return [
        float(np.log1p(n_words)) / 3,
        float(n_words <= 1),
        float(n_words == 2),
        min(1.0, n_details / max(1, n_words)),
        min(MAX_COUNT, n_details) / MAX_COUNT,
        min(MAX_COUNT, len(WANTS.findall(text))) / MAX_COUNT,
        min(MAX_COUNT, len(FAILS.findall(text))) / MAX_COUNT,
    ]
