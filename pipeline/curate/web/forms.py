"""Forms: what a curator's form says, and its sentences looked up.

A sentence is sent by its id, never by its words: one of a call by its place, `index:call_id`, an example of the code
that the form is about by the name that `name_example` gives it.

Errors: RuleError when a form lacks something or names what is not there.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.http import QueryDict

from pipeline.config import Project
from pipeline.curate import Sentence
from pipeline.curate.rules import forbid
from pipeline.curate.web.snapshot import ask
from pipeline.tables import hash_text
from pipeline.taxonomy import Code, Taxonomy
from pipeline.words import LANGUAGES

MAX_TEXT = 2000  # characters of a field
MAX_SENTENCES = 500  # in one act
NOT_REPEATED = ("csrfmiddlewaretoken",)
AMOUNT = re.compile(r"\d{1,12}([.]\d{1,6}|,\d{1,2})?")


@dataclass(frozen=True)
class Chosen:
    """The sentences that a form chose: examples of its code, and what was said in calls."""

    examples: tuple[Sentence, ...]
    said: tuple[Sentence, ...]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """All of them."""
        return (*self.examples, *self.said)

    @property
    def texts(self) -> list[str]:
        """What the examples say."""
        return [one.text for one in self.examples]


def list_fields(form: QueryDict) -> list[tuple[str, str]]:
    """List what a form says, to be asked again by the next one."""
    return [(name, value) for name, values in form.lists() if name not in NOT_REPEATED for value in values]


def name_example(text: str) -> str:
    """Name an example in a form, so that its words need not travel."""
    return hash_text(text)


class Asked:
    """What a form says, and where its sentences are looked up."""

    def __init__(self, form: QueryDict, project: Project, taxonomy: Taxonomy) -> None:
        self.form, self.project, self.taxonomy = form, project, taxonomy

    def text(self, name: str) -> str:
        """Read a field, '' where it is not there."""
        return str(self.form.get(name, "")).strip()

    def names(self, prefix: str = "") -> Mapping[str, str]:
        """Read the names in both languages."""
        return {language: self.text(f"{prefix}name_{language}") for language in LANGUAGES}

    def find_code(self, name: str) -> str:
        """Read the number of a code."""
        if not self.text(name):
            raise forbid("no_code")
        return self.text(name)

    def find_amount(self, name: str) -> float:
        """Read a number of at least 0; 0 where the field is empty."""
        text = self.text(name)
        if text and not AMOUNT.fullmatch(text):
            raise forbid("amount", value=text)
        return float(text.replace(",", ".")) if text else 0.0

    def find_day(self, name: str) -> date | None:
        """Read a day as browsers send it; null where the field is empty."""
        text = self.text(name)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise forbid("day", value=text) from None

    def find_chosen(self, *, but: Sequence[str] = (), field: str = "said") -> Chosen:
        """Look up the chosen sentences, without those that one of the fields in `but` names."""
        left_out = {one for name in but for one in self.form.getlist(name)}
        ids = [one for one in dict.fromkeys(self.form.getlist(field)) if one not in left_out]
        if not ids or len(ids) > MAX_SENTENCES:
            raise forbid("how_many", n=MAX_SENTENCES)
        return self._look_up(ids)

    def _look_up(self, ids: Sequence[str]) -> Chosen:
        number = self.text("about")
        examples = find_examples(self.taxonomy.find_code(number))
        said = read_said(self.project, [one for one in ids if ":" in one])
        if any(one not in said for one in ids if ":" in one):
            raise forbid("went")
        if any(one not in examples for one in ids if ":" not in one):
            raise forbid("gone", number=number)
        return Chosen(tuple(examples[one] for one in ids if one in examples), tuple(said.values()))


def find_examples(code: Code | None) -> dict[str, Sentence]:
    """Find a code's examples and not-examples by what they are called in a form; none where there is no code."""
    texts = (*code.examples, *code.not_examples) if code else ()
    return {name_example(text): Sentence(text, code.example_call_ids.get(text, "")) for text in texts if code}


def read_said(project: Project, places: Sequence[str]) -> dict[str, Sentence]:
    """Read what was said at places; one that is not there is left out."""
    call_ids = sorted({place.partition(":")[2] for place in places})
    rows = ask(
        project,
        "select call_id, utterance_index, text from reason_utterances where list_contains($call_ids, call_id)",
        {"call_ids": call_ids},
    )
    found = {f"{row['utterance_index']}:{row['call_id']}": Sentence(row["text"], row["call_id"]) for row in rows}
    return {place: found[place] for place in places if place in found}
