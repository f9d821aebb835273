"""Queue: the start page: what to look at next, each with where that is done, and how healthy the codes are.

Both come as one part that the page asks for again until it is worked out, so that the page itself never waits.

Errors: none of its own.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from pipeline.curate import Task
from pipeline.curate.tasks import MINUTES
from pipeline.curate.web import codes, quotes
from pipeline.curate.web.access import needs
from pipeline.curate.web.drawn import draw, link, may
from pipeline.curate.web.outlook import look
from pipeline.curate.web.reading import read_number
from pipeline.curate.web.site import find_site
from pipeline.curate.web.snapshot import ask
from pipeline.taxonomy import Code, Taxonomy

PAGE_TASKS = 20
FIGURES = "select n_offered, n_heard, n_said_why, n_coded, cost, currency from period_metrics where period = 'all'"


@dataclass(frozen=True)
class Shown:
    """One task, the page on which it is done, and the codes and candidates that it is about."""

    task: Task
    url: str
    codes: Sequence[Code]
    candidates: Sequence[str]


@require_GET
def show_start(request: HttpRequest) -> HttpResponseBase:
    """Show what to look at next; who may only audit or administer goes to what they may see."""
    if not may(request, "look"):
        return redirect("audit" if may(request, "audit") else "access")
    figures = next(iter(ask(find_site().project, FIGURES)), {})
    return draw(request, "start", 200, page="start", figures=figures, **read_outlook(request))


@require_GET
@needs("look")
def show_queue(request: HttpRequest) -> HttpResponseBase:
    """Show the queue and the health alone: a part of the start page."""
    return draw(request, "outlook", 200, **read_outlook(request))


@require_GET
@needs("look")
def show_uncoded(request: HttpRequest) -> HttpResponseBase:
    """Show what no code fits and no candidate holds or, of two codes, what fits both equally well."""
    project, start = find_site().project, read_number(request, "start")
    taxonomy = codes.read_codes(project)
    pair = [code for code in map(taxonomy.find_code, (request.GET.get("a", ""), request.GET.get("b", ""))) if code]
    a, b = (_list_merged(taxonomy, code) for code in pair) if len(pair) == 2 else ([], [])
    values = {"a": a, "b": b, "start": start, "n": quotes.PAGE_QUOTES + 1}
    found = quotes.make_quotes(project, ask(project, "uncoded", values))
    has_more = len(found) > quotes.PAGE_QUOTES
    query = {"a": pair[0].number, "b": pair[1].number} if len(pair) == 2 else {}
    more = urlencode({**query, "start": start + quotes.PAGE_QUOTES}) if has_more else ""
    template = "more_uncoded" if getattr(request, "htmx", False) else "uncoded"
    return draw(request, template, page="start", quotes=found[: quotes.PAGE_QUOTES], pair=pair, more=more)


def read_outlook(request: HttpRequest) -> Mapping[str, object]:
    """Read what is known of queue and health, and the page of the queue that is asked for."""
    project, kind, page_index = find_site().project, request.GET.get("kind", ""), read_number(request, "page")
    outlook = look(project)
    tasks = outlook.tasks if outlook else ()
    counted = Counter(task.kind for task in tasks)
    asked = [task for task in tasks if kind in ("", task.kind)] if kind in counted else tasks
    taxonomy = codes.read_codes(project)
    shown = asked[page_index * PAGE_TASKS : (page_index + 1) * PAGE_TASKS]
    return {
        "outlook": outlook,
        "kinds": [(one, counted[one]) for one in MINUTES if counted[one]],
        "asked_kind": kind if kind in counted else "",
        "tasks": [find_place(task, taxonomy) for task in shown],
        "n_tasks": len(tasks),
        "page_index": page_index,
        "n_pages": -(-len(asked) // PAGE_TASKS),
    }


def find_place(task: Task, taxonomy: Taxonomy) -> Shown:
    """Find where a task is done, and what it is about."""
    about = task.about[1:] if task.kind == "near_pair" else task.about
    known = [code for code in map(taxonomy.find_code, about) if code]
    others = [one for one in about if one and not taxonomy.find_code(one)]
    if task.kind in ("undecided", "loose"):
        query = urlencode(dict(zip(("a", "b"), about, strict=False)))
        return Shown(task, link("uncoded") + (f"?{query}" if query else ""), known, others)
    is_code = taxonomy.find_code(about[0]) is not None
    return Shown(task, link("code" if is_code else "candidate", about[0]), known, others)


def _list_merged(taxonomy: Taxonomy, code: Code) -> list[str]:
    return [one.number for one in taxonomy.codes if taxonomy.find_current(one.number) == code.number]
