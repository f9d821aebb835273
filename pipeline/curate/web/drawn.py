"""Drawn: pages from templates, with the words of the reader's language and small charts as SVG.

Every word comes from the catalogue and every value is escaped by the template engine. What is drawn uses attributes of
SVG, never styles, which the browser would refuse.

Errors: ValueError for a template that asks for something that is not there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from pipeline.config import Project
from pipeline.curate.web.assets import link_asset
from pipeline.curate.web.forms import name_example
from pipeline.curate.web.site import LABEL, find_site
from pipeline.curate.web.snapshot import ask
from pipeline.measure.targets import MEASURES, PER
from pipeline.report.markup import mark_placeholders
from pipeline.words import LANGUAGES, Words, read_words

if TYPE_CHECKING:
    from jinja2 import Environment

LANGUAGE_COOKIE, SHADE_COOKIE = "callreasons_language", "callreasons_shade"
SHADES = ("auto", "light", "dark")
LANGUAGE_NAMES = {"en": "EN", "zh": "中文"}  # each in itself, for whoever cannot read the other
KEYS = (
    ("jk", "move"), ("↵", "open"), ("p", "play"), ("x", "pick"), ("e", "act"), ("uU", "undo"), ("[]", "turn"),
    ("/", "search"), ("?", "help"),
)  # fmt: skip
TOLD = "told"  # where the session keeps what the next page says
HEIGHT = 100  # of a chart, in its own units; a bar is ten wide
BAR, GAP = 10, 2
# What stands in the navigation, and what is needed to see it; a page that is named twice needs one of two.
PAGES = (
    ("start", "look"), ("candidates", "look"), ("codes", "look"), ("health", "look"), ("history", "look"),
    ("audit", "look"), ("audit", "audit"),
    ("access", "administer"),
)  # fmt: skip


@dataclass(frozen=True)
class Bar:
    """One day or week of a trend: where it stands, how high it is, and what it says."""

    x: int
    height: float
    start: date
    n_calls: int


def make_environment(**options: Any) -> "Environment":  # noqa: ANN401 - Django's own options
    """Make the template engine; a name that is not there is a mistake."""
    from jinja2 import Environment, StrictUndefined

    strict = {"undefined": StrictUndefined, "autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
    environment = Environment(**{**options, **strict})  # noqa: S701 - escapes
    environment.globals.update(mark=mark_placeholders, min=min, max=max, url=link, asset=link_asset)
    environment.globals.update(name_example=name_example, measures=MEASURES, pers=PER)
    return environment


def link(name: str, *parts: object) -> str:
    """Say where a page is; an id, which stands last, keeps a path in it from being one to the browser."""
    last = str(parts[-1]) if parts else ""
    if "/" not in last:
        return reverse(name, args=parts)
    return reverse(name, args=(*parts[:-1], "x")).removesuffix("x") + quote(last, safe="")


def draw(request: HttpRequest, template: str, status: int = 200, **values: object) -> HttpResponse:
    """Draw a page for whoever asks."""
    words, shade = find_words(request), find_shade(request)
    common = {
        "w": words,
        "page": "",
        "pages": list(dict.fromkeys(name for name, permission in PAGES if may(request, permission))),
        "languages": LANGUAGES,
        "language_names": LANGUAGE_NAMES,
        "shade": shade,
        "next_shade": SHADES[(SHADES.index(shade) + 1) % len(SHADES)],
        "key_help": KEYS,
        "here": request.get_full_path() if request.method == "GET" else reverse("start"),
        "may_hear": may(request, "hear"),
        "may_export": may(request, "export"),
        "may_curate": may(request, "curate"),
        "told": _find_told(request),
        "who": request.user.get_username() if hasattr(request, "user") else "",
        "currency": find_site().project.settings.project.currency,
        "query": "",
    }
    return render(request, f"{template}.html", common | values, status=status)


def tell(request: HttpRequest, key: str, what: str = "", codes: Sequence[str] = ()) -> None:
    """Let the next page say that something was done: what, and to which codes."""
    request.session[TOLD] = {"key": key, "what": what, "codes": list(codes)}


def _find_told(request: HttpRequest) -> Mapping[str, Any]:
    """Find what the last request wants said, once, on a whole page."""
    is_part = bool(getattr(request, "htmx", False))
    told = request.session.pop(TOLD, None) if hasattr(request, "session") and not is_part else None
    return told if isinstance(told, dict) else {}


def may(request: HttpRequest, permission: str) -> bool:
    """Say whether the reader may do something."""
    user = getattr(request, "user", None)
    return user is not None and bool(user.has_perm(f"{LABEL}.{permission}"))


def find_words(request: HttpRequest) -> Words:
    """Find the words of the reader's language: chosen, else the browser's first that we have, else the reports'."""
    chosen = request.COOKIES.get(LANGUAGE_COOKIE, "")
    asked = [part.split(";")[0].strip()[:2].lower() for part in request.headers.get("Accept-Language", "").split(",")]
    usual = find_site().project.settings.report.language
    return read_words(next(one for one in (chosen, *asked, usual) if one in LANGUAGES))


def find_shade(request: HttpRequest) -> str:
    """Find whether the reader wants it light or dark, or as the machine has it."""
    chosen = request.COOKIES.get(SHADE_COOKIE, "")
    return chosen if chosen in SHADES else SHADES[0]


def draw_trends(project: Project, kind: str, reason_ids: Sequence[str]) -> Mapping[str, tuple[Bar, ...]]:
    """Draw calls by week, or by day where that is all there is, of some reasons; a week without a call is a gap."""
    rows = ask(project, "trends", {"kind": kind, "reason_ids": list(reason_ids)})
    starts = list_starts([row["period_start"] for row in ask(project, PERIODS)])
    found = {(row["reason_id"], row["period_start"]): row["n_calls"] for row in rows}
    return {one: make_bars(starts, [found.get((one, start), 0) for start in starts]) for one in reason_ids}


PERIODS = "select distinct period_start from reason_metrics where period <> 'all' order by period_start"


def list_starts(starts: Sequence[date]) -> list[date]:
    """Fill the gaps between first days of weeks or days."""
    if len(starts) < 2:
        return list(starts)
    step = min((later - earlier).days for earlier, later in pairwise(starts))
    n_steps = (starts[-1] - starts[0]).days // step
    return [starts[0] + timedelta(days=step * index) for index in range(n_steps + 1)]


def make_bars(starts: Sequence[date], counts: Sequence[int]) -> tuple[Bar, ...]:
    """Make the bars of a trend; the highest is as high as the chart."""
    most = max(counts, default=0) or 1
    return tuple(
        Bar(index * (BAR + GAP), round(HEIGHT * n_calls / most, 1), start, n_calls)
        for index, (start, n_calls) in enumerate(zip(starts, counts, strict=True))
    )
