"""Markup: pages drawn from templates as one file that needs nothing else, so that they open offline and can be sent on.

Every value is escaped by the template engine; what callers said is only ever text.

Errors: jinja2's UndefinedError for a template that asks for something that is not there.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.placeholders import PLACEHOLDER
from pipeline.words import Words

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).with_name("templates")


def draw_page(template: str, style: str, words: Words, **values: object) -> str:
    """Draw a page.

    Args:
        template: Which.
        style: Its style sheet.
        words: The words of its language.
        values: What else it asks for.
    """
    sheet = trust_markup(read_template(style))
    return (
        open_templates()
        .get_template(template)
        .render(w=words, style=sheet, trust=trust_markup, mark=mark_placeholders, **values)
    )


def read_template(name: str) -> str:
    """Read a style sheet or a script."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


def mark_placeholders(text: str) -> "Markup":
    """Escape a caller's words and mark where the redactor took something out."""
    from markupsafe import Markup, escape

    pieces, start = [], 0
    for match in PLACEHOLDER.finditer(text):
        pieces += [escape(text[start : match.start()]), Markup("<mark>{}</mark>").format(match[0])]
        start = match.end()
    return Markup("").join([*pieces, escape(text[start:])])


def trust_markup(markup: str) -> "Markup":
    """Pass our own style, script and drawings through; nobody's words."""
    from markupsafe import Markup

    return Markup(markup)  # noqa: S704 - never called with what anyone said


@cache
def open_templates() -> "Environment":
    """Open the folder of templates; every value is escaped, and a name that is not there is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def hash_templates() -> str:
    """Name what the templates say."""
    digest = hashlib.sha256()
    for path in sorted(TEMPLATES.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()
