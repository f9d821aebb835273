"""Codes: references read out piece by piece, letters and digits mixed: "k three x seven g five", "a 2 cs 51".

Also passwords that are no number: "password is swordfish".
"""

import re

from pipeline.redact.candidates import LIKELY, WEAK, Candidate
from pipeline.redact.digits import ENGLISH_DIGITS
from pipeline.redact.numbers import find_keyword
from pipeline.redact.words import is_common, is_function_word

TOKEN = re.compile(r"(?<!['’])[A-Za-z0-9]+")
GAP = re.compile(r"[\s,.-]{1,3}|[\s,.-]*\b(?:dash|hyphen|then|and then|um+|uh+)\b[\s,.-]*", re.IGNORECASE)
MAX_PIECE_LETTERS = 3
MAX_PIECE_DIGITS = 4
MIN_CODE_CHARACTERS = 4
MIN_ANSWER_CHARACTERS = 3  # enough when a code was asked for
CLOCK_END = re.compile(r"\b[ap][\s.]*m$", re.IGNORECASE)
# Without a word that says what it is, this many single pieces make a code.
MIN_PLAIN_PIECES = 5
PASSWORD = re.compile(
    r"\b(?:password|passcode|pass word|passphrase|security (?:answer|word)|memorable word)\s+(?:is|was"
    r"|:)\s+(?P<value>[A-Za-z0-9_!@#$%&*-]{3,})",
    re.IGNORECASE,
)


def find_codes(text: str) -> list[Candidate]:
    """Find references read out piece by piece, and passwords."""
    found = [
        Candidate("ACCOUNT", *match.span("value"), LIKELY)
        for match in PASSWORD.finditer(text)
        if not is_common(match["value"].lower()) and not is_function_word(match["value"].lower())
    ]
    tokens, index = list(TOKEN.finditer(text)), 0
    while index < len(tokens):
        n_pieces = _count_pieces(text, tokens[index:])
        if n_pieces >= 2:
            candidate = _judge(text, tokens[index : index + n_pieces])
            found += [candidate] if candidate else []
        index += max(1, n_pieces)
    return found


def _count_pieces(text: str, tokens: list[re.Match[str]]) -> int:
    count = 0
    for index, token in enumerate(tokens):
        if index and not GAP.fullmatch(text[tokens[index - 1].end() : token.start()]):
            break
        if not _is_piece(token[0]):
            break
        count += 1
    return count


def _is_piece(word: str) -> bool:
    low = word.lower()
    if word.isdigit():
        return len(word) <= MAX_PIECE_DIGITS
    if len(word) == 1 or (low in ENGLISH_DIGITS and low != "oh"):
        return True
    if not word.isalpha():
        return len(word) <= MAX_PIECE_LETTERS + MAX_PIECE_DIGITS and not re.fullmatch(r"\d+(?:st|nd|rd|th|am|pm)", low)
    return len(word) <= MAX_PIECE_LETTERS and not is_common(low) and not is_function_word(low)


def _judge(text: str, pieces: list[re.Match[str]]) -> Candidate | None:
    while pieces and pieces[-1][0].lower() in {"a", "i", "s", "t"}:
        pieces = pieces[:-1]
    values = [ENGLISH_DIGITS.get(piece[0].lower(), piece[0]) if len(piece[0]) > 1 else piece[0] for piece in pieces]
    code = "".join(values)
    has_both = any(map(str.isdigit, code)) and any(map(str.isalpha, code))
    if not has_both or len(code) < MIN_ANSWER_CHARACTERS or CLOCK_END.search(text[: pieces[-1].end()]):
        return None
    start, end = pieces[0].start(), pieces[-1].end()
    keyword, is_linked = find_keyword(text, start, end)
    if is_linked and len(code) >= MIN_CODE_CHARACTERS and keyword not in {"DATE_OF_BIRTH", "CARD", "PHONE"}:
        return Candidate(keyword or "ACCOUNT", start, end, LIKELY)
    n_letters = sum(value.isalpha() for value in values)
    is_plain = all(len(value) == 1 for value in values) and len(values) >= MIN_PLAIN_PIECES and n_letters >= 2
    return Candidate("ACCOUNT", start, end, LIKELY if is_plain else WEAK, is_guess=True)
