"""Codes: what a taxonomy is made of, and the rules that none may break.

Errors: TaxonomyError names the file, the code and the rule, and says what to do.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pipeline.errors import TaxonomyError
from pipeline.languages import has_chinese
from pipeline.tables import hash_text

FEELINGS = ("", "value", "irritant")
STEP = "process_step"
STATUSES = ("active", "retired", STEP)
WORD_BREAK = re.compile(r"(?<=[a-z])(?=[A-Z])|[\W_]+")
MIN_LETTERS = 4  # of one of the words at least, for a number to be written in words
MAX_ABBREVIATION = 5  # letters of one that may stand for anything


@dataclass(frozen=True)
class Target:
    """What the owner of a code has promised; without a baseline the first weeks are it."""

    measure: str
    value: float
    per: str = ""
    by: date | None = None
    who: str = ""
    baseline: float | None = None


@dataclass(frozen=True)
class Code:
    """One numbered reason. `names` is by language; `example_call_ids` says which call a sentence was taken from."""

    number: str
    names: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    customer: str = ""
    company: str = ""
    examples: tuple[str, ...] = ()
    not_examples: tuple[str, ...] = ()
    example_call_ids: Mapping[str, str] = field(default_factory=dict)
    unit_cost: float = 0.0
    unit_cost_what: str = ""
    target: Target | None = None
    status: str = "active"
    merged_into: str = ""

    @property
    def is_active(self) -> bool:
        """Whether a reason can take the code."""
        return self.status == "active" and not self.merged_into

    @property
    def is_step(self) -> bool:
        """Whether it is no reason, but a step that calls go through: what says it is no reason for the call."""
        return self.status == STEP and not self.merged_into

    def name(self, language: str) -> str:
        """Name the code in a language, else in another, else by its number."""
        return self.names.get(language) or next(iter(self.names.values()), self.number)

    @property
    def wordings(self) -> tuple[str, ...]:
        """What the code is called in every language; without any name the words of its number, as of `card_lost`."""
        names = [name for name in map(str.strip, self.names.values()) if name]
        return tuple(filter(None, names or [_find_words(self.number)]))


@dataclass(frozen=True)
class Taxonomy:
    """All codes, in the order of the file."""

    codes: tuple[Code, ...] = ()
    version: int = 1
    currency: str = ""

    @property
    def active(self) -> tuple[Code, ...]:
        """The codes that a reason can take."""
        return tuple(code for code in self.codes if code.is_active)

    def find_code(self, number: str) -> Code | None:
        """Find a code by its number."""
        return next((code for code in self.codes if code.number == number), None)

    def find_current(self, number: str) -> str:
        """Name the code that a number counts for today: itself, or what it was merged into."""
        code = self.find_code(number)
        while code is not None and code.merged_into:
            number, code = code.merged_into, self.find_code(code.merged_into)
        return number

    def list_examples(self) -> list[tuple[str, str]]:
        """List every example with the code or step that it speaks for: one of a merged code for what that became."""
        active = {code.number for code in self.codes if code.is_active or code.is_step}
        current = [(self.find_current(code.number), code) for code in self.codes]
        return [(number, text) for number, code in current if number in active for text in code.examples]

    def list_names(self) -> list[tuple[str, str]]:
        """List what each code or step is called, with its number; not what was merged, which is called otherwise."""
        return [(one.number, text) for one in self.codes if one.is_active or one.is_step for text in one.wordings]

    @property
    def fingerprint(self) -> str:
        """Name all that the file says."""
        return hash_text(repr(self))

    @property
    def examples_fingerprint(self) -> str:
        """Name what decides the codes of calls; a new owner leaves it as it is."""
        told = [(c.number, c.examples, c.not_examples, c.status, c.merged_into) for c in self.codes]
        return hash_text(json.dumps([sorted(told), sorted(self.list_names())], ensure_ascii=False))


def _find_words(number: str) -> str:
    """Find the words of a number that is written in words; none of one such as 4.2, A12, INV-A or RTRN."""
    words = WORD_BREAK.sub(" ", number).split()
    is_short = len(words) == 1 and number.isupper() and len(number) <= MAX_ABBREVIATION
    is_word = any(has_chinese(word) or len(word) >= MIN_LETTERS for word in words)
    return " ".join(words).lower() if is_word and not is_short and all(map(str.isalpha, words)) else ""


def check_taxonomy(taxonomy: Taxonomy, path: Path) -> None:
    """Check the rules that no taxonomy may break.

    Raises:
        TaxonomyError: A number occurs twice, or a merge leads nowhere or round in a circle.
    """
    by_number = {code.number: code for code in taxonomy.codes}
    for number, n_codes in Counter(code.number for code in taxonomy.codes).items():
        if n_codes > 1:
            raise TaxonomyError(
                f"{path}: code {number} occurs twice; numbers are unique. Give one of them a new number."
            )
        seen, code = {number}, by_number[number]
        while code.merged_into:
            if code.merged_into not in by_number:
                raise TaxonomyError(
                    f"{path}: code {code.number}: merged_into {code.merged_into} is not in the file. "
                    "Name an existing code or delete the line."
                )
            if code.merged_into in seen:
                raise TaxonomyError(
                    f"{path}: code {number} is merged into itself by way of {code.number}. Delete one merged_into."
                )
            seen.add(code.merged_into)
            code = by_number[code.merged_into]


def describe_code(code: Code) -> dict[str, object]:
    """Write a code as the file would, in the order of its fields, without what is empty."""
    fields: dict[str, object] = {
        "number": _to_scalar(code.number),
        "name": dict(code.names),
        "owner": code.owner,
        "customer": code.customer,
        "company": code.company,
        "examples": _describe_sentences(code.examples, code.example_call_ids),
        "not_examples": _describe_sentences(code.not_examples, code.example_call_ids),
        "cost": _without_empty({"unit": _to_amount(code.unit_cost), "what": code.unit_cost_what}),
        "target": _describe_target(code.target) if code.target else None,
        "status": code.status if code.status != "active" else "",
        "merged_into": _to_scalar(code.merged_into) if code.merged_into else "",
    }
    return _without_empty(fields)


def _describe_sentences(texts: Sequence[str], call_ids: Mapping[str, str]) -> list[object]:
    return [{"text": text, "call_id": call_ids[text]} if text in call_ids else text for text in texts]


def _describe_target(target: Target) -> dict[str, object]:
    amounts = {"value": _to_amount(target.value)}
    if target.baseline is not None:
        amounts["baseline"] = _to_amount(target.baseline)
    return _without_empty(vars(target) | amounts)


def _to_amount(amount: float) -> float | int:
    return int(amount) if amount.is_integer() else amount


def _to_scalar(number: str) -> int | str:
    """Write a number as people do: without quotes where it stays the same number."""
    return int(number) if number.isdecimal() and str(int(number)) == number else number


def _without_empty(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value}
