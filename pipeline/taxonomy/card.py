"""Card: the numbered reasons on paper, for whoever logs a reason or answers for one.

One HTML file that needs nothing else; a browser prints it on A4.

Errors: TaxonomyError when there is no code to print.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.errors import TaxonomyError
from pipeline.languages import find_language
from pipeline.tables import write_atomically
from pipeline.taxonomy.codes import Code, Taxonomy
from pipeline.words import Words, read_words

TEMPLATE = Path(__file__).with_name("card.html")
N_EXAMPLES = 2
MAX_SENTENCE = 90  # characters of a second example; a longer one makes the card longer than it helps


@dataclass(frozen=True)
class Entry:
    """One code as the card shows it."""

    number: str
    name: str
    owner: str
    examples: tuple[str, ...]


def list_entries(taxonomy: Taxonomy, language: str) -> list[Entry]:
    """List the active codes in the order of the file."""
    return [
        Entry(code.number, code.name(language), code.owner, choose_examples(code, language)) for code in taxonomy.active
    ]


def choose_examples(code: Code, language: str) -> tuple[str, ...]:
    """Choose one or two examples: the first in the language of the card, or else the first of any."""
    spoken = [text for text in code.examples if find_language(text) == language] or list(code.examples)
    first, others = spoken[:1], [text for text in spoken[1:] if len(text) <= MAX_SENTENCE]
    return tuple([*first, *others][:N_EXAMPLES])


def make_card(entries: Sequence[Entry], words: Words, *, version: str, day: date) -> str:
    """Make the page.

    Args:
        entries: What to print.
        words: The words of its language.
        version: Names the taxonomy it was made from.
        day: When it is made.
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(entries=entries, w=words, version=version, day=words.day(day))


def write_card(path: Path, taxonomy: Taxonomy, language: str, day: date) -> None:
    """Write the card of a taxonomy.

    Raises:
        TaxonomyError: No code is active.
    """
    entries = list_entries(taxonomy, language)
    if not entries:
        raise TaxonomyError("The taxonomy has no active code to print. Add one, or `callreasons taxonomy import` some.")
    page = make_card(entries, read_words(language), version=taxonomy.fingerprint[:8], day=day)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, page.encode())
