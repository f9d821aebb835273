"""Digits: find runs of digits however they are written or spoken, and read them.

4111 1111-1111 1111, ４１１１, "four one one one", "double seven", "oh", 幺三八零零, 1-3-8, and mixtures of all these.

A run is one number only by its writing; `numbers.py` says whether it is personal.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

ENGLISH_DIGITS = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "naught": "0", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "niner": "9",
}  # fmt: skip
ENGLISH_TEENS = {
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15", "sixteen": "16",
    "seventeen": "17", "eighteen": "18", "nineteen": "19",
}  # fmt: skip
ENGLISH_TENS = {
    "twenty": "2", "thirty": "3", "forty": "4", "fourty": "4", "fifty": "5", "sixty": "6", "seventy": "7",
    "eighty": "8", "ninety": "9",
}  # fmt: skip
CHINESE_DIGITS = dict(zip("零〇○一二三四五六七八九幺", "0001234567891", strict=True))
TIMES = {"double": 2, "triple": 3, "treble": 3, "两": 2, "俩": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7}

_SINGLE = "|".join(sorted(ENGLISH_DIGITS, key=len, reverse=True))
_TENS = "|".join(ENGLISH_TENS)
_HAN = "".join(CHINESE_DIGITS)
# One spoken or written piece of a run. "o" and "oh" count only beside other digits, see `_is_lone_oh`.
ATOM = re.compile(
    rf"""
    (?P<times>\b(?:double|triple|treble)[\s-]+(?:(?P<times_word>{_SINGLE})\b|(?P<times_digit>[0-9])(?![0-9])))
    |(?P<han_times>(?P<han_n>[两俩二三四五六七])个(?P<han_digit>[{_HAN}0-9])(?![十百千万0-9]))
    |(?P<written>[0-9０-９]+)
    |(?P<tens>\b(?P<tens_word>{_TENS})(?:[\s-]+(?P<tens_unit>one|two|three|four|five|six|seven|eight|nine)\b)?(?![a-z]))
    |(?P<teen>\b(?:{"|".join(ENGLISH_TEENS)})\b)
    |(?P<single>\b(?:{_SINGLE})\b)
    |(?P<han>一(?![直共下样起定些会般旦再边切时致向路面律概个次点])|[{_HAN.replace("一", "")}])
    """,
    re.VERBOSE | re.IGNORECASE,
)
KINDS = ("times", "han_times", "written", "tens", "teen", "single", "han")
# What may stand between two pieces of one number: tight always, loose only between pieces that look like digits
# read out.
TIGHT_GAP = re.compile(r"(?:[^\S\n]*[-–—―‑().·_][^\S\n]*|[^\S\n]+){0,2}", re.IGNORECASE)
LOOSE_GAP = re.compile(
    r"(?:[^\S\n]|[,.，。、…;-]|\b(?:um+|uh+|uhm+|er+m?|and|then|the|letter|dash|hyphen|space|slash"
    r"|[a-z]{1,5}-(?=\s)|\[noise\]|<unk>)\b|嗯|呃|啊|哦|然后|横?杠"
    r"|空格|减)*",
    re.IGNORECASE,
)
SENTENCE_GAP = re.compile(r"[,.，。、;]\s")


@dataclass(frozen=True)
class Piece:
    """One written or spoken piece of a run; `kind` is the group of ATOM that matched."""

    start: int
    end: int
    digits: str
    kind: str

    @property
    def is_digit_like(self) -> bool:
        """Say whether it is a digit read out, not a number."""
        return self.kind not in {"tens", "teen"} and (self.kind != "written" or len(self.digits) == 1)


@dataclass(frozen=True)
class Run:
    """Pieces that make up one number, and how they were joined."""

    pieces: tuple[Piece, ...]

    @property
    def start(self) -> int:
        """Where it begins in the text."""
        return self.pieces[0].start

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        return self.pieces[-1].end

    @property
    def digits(self) -> str:
        """The digits themselves."""
        return "".join(piece.digits for piece in self.pieces)

    @property
    def groups(self) -> tuple[int, ...]:
        """How many digits each written group has: 555-0199 is (3, 4)."""
        return tuple(len(piece.digits) for piece in self.pieces)

    @property
    def n_read_out(self) -> int:
        """Pieces that are one digit each."""
        return sum(piece.is_digit_like for piece in self.pieces)

    @property
    def is_written_whole(self) -> bool:
        """Say whether it is a single written number."""
        return len(self.pieces) == 1 and self.pieces[0].kind == "written"


def find_runs(text: str) -> list[Run]:
    """Find every run of digits, from left to right."""
    runs: list[list[Piece]] = []
    for piece in _find_pieces(text):
        if runs and _are_joined(text, runs[-1][-1], piece):
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return [Run(tuple(pieces)) for pieces in (_strip_lone_oh(text, run) for run in runs) if pieces]


def _find_pieces(text: str) -> list[Piece]:
    return [_read_piece(match) for match in ATOM.finditer(text)]


def _read_piece(match: re.Match[str]) -> Piece:
    kind = next(kind for kind in KINDS if match[kind] is not None)
    return Piece(match.start(), match.end(), _READERS[kind](match), kind)


def _read_times(match: re.Match[str]) -> str:
    word = match["times_word"]
    digit = ENGLISH_DIGITS[word.lower()] if word else match["times_digit"]
    return digit * TIMES[match["times"].split("-")[0].split()[0].lower()]


def _read_han_times(match: re.Match[str]) -> str:
    return CHINESE_DIGITS.get(match["han_digit"], match["han_digit"]) * TIMES[match["han_n"]]


def _read_tens(match: re.Match[str]) -> str:
    unit = match["tens_unit"]
    return ENGLISH_TENS[match["tens_word"].lower()] + (ENGLISH_DIGITS[unit.lower()] if unit else "0")


_READERS: dict[str, Callable[[re.Match[str]], str]] = {
    "times": _read_times,
    "han_times": _read_han_times,
    "written": lambda match: unicodedata.normalize("NFKC", match["written"]),
    "tens": _read_tens,
    "teen": lambda match: ENGLISH_TEENS[match["teen"].lower()],
    "single": lambda match: ENGLISH_DIGITS[match["single"].lower()],
    "han": lambda match: CHINESE_DIGITS[match["han"]],
}


def _are_joined(text: str, left: Piece, right: Piece) -> bool:
    gap = text[left.end : right.start]
    if not gap:
        return True
    if TIGHT_GAP.fullmatch(gap) and not SENTENCE_GAP.search(gap):
        return not (left.kind == "han" and " " in gap and right.kind == "han_times")
    if len(gap) > 24 or not LOOSE_GAP.fullmatch(gap):
        return False
    if re.search(r"\band\b(?! then)", gap, re.IGNORECASE):
        return left.is_digit_like and right.is_digit_like
    return (left.is_digit_like and right.is_digit_like) or min(len(left.digits), len(right.digits)) >= 3


def _strip_lone_oh(text: str, pieces: list[Piece]) -> list[Piece]:
    """Drop "oh" and "o" at the edges, where they are more often a sigh than a zero, unless they touch a digit."""

    def is_sigh(piece: Piece, beside: Piece | None) -> bool:
        if text[piece.start : piece.end].lower() not in {"oh", "o"}:
            return False
        return beside is None or not beside.is_digit_like or "," in text[piece.end : beside.start]

    while pieces and is_sigh(pieces[0], pieces[1] if len(pieces) > 1 else None):
        pieces = pieces[1:]
    return pieces
