"""Candidates: what a finder thinks is personal, where, and how sure it is.

Placeholder types, as they stand in redacted text:

| placeholder | for |
| --- | --- |
| [NAME] | people's names, spoken, written or spelled |
| [PHONE] | phone and fax numbers |
| [EMAIL] | e-mail addresses, written or spoken |
| [ADDRESS] | street with number, what follows it, post codes |
| [CARD] | payment card numbers, their ends and security codes |
| [ID_NUMBER] | identity, social security, passport and licence numbers |
| [ACCOUNT] | account, order, parcel, policy and other personal numbers, IBANs, PINs, passwords |
| [PLATE] | vehicle plates |
| [DATE_OF_BIRTH] | dates of birth |
| [IP] | network addresses |
| [URL] | links that lead to a page of one's own |
"""

import re
from dataclasses import dataclass

TYPES = (
    "NAME",
    "PHONE",
    "EMAIL",
    "ADDRESS",
    "CARD",
    "ID_NUMBER",
    "ACCOUNT",
    "PLATE",
    "DATE_OF_BIRTH",
    "IP",
    "URL",
)
# Types whose value is digits: a question for one of them makes a run of digits its answer.
DIGIT_TYPES = frozenset({"PHONE", "CARD", "ID_NUMBER", "ACCOUNT", "PLATE", "DATE_OF_BIRTH", "ADDRESS"})
TYPE_MARK = re.compile(r"\[(?:" + "|".join(TYPES) + r")\]")

# Scores: at THRESHOLD_RATIO a candidate is replaced; having been asked for lifts it by ASKED_RATIO.
CERTAIN, LIKELY, WEAK, HINT = 0.95, 0.7, 0.2, 0.1
THRESHOLD_RATIO = 0.5
ASKED_RATIO = 0.4


@dataclass(frozen=True)
class Candidate:
    """A stretch of text that may be personal.

    `is_guess` says that the type is only a guess, which a question for another type overrules.
    """

    type: str
    start: int
    end: int
    score_ratio: float
    is_guess: bool = False
