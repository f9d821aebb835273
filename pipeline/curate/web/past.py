"""Past: who decided what about the codes, and the buttons and keys that take it back or make it again.

It is read from `decisions.jsonl` each time, so that what was decided yesterday, by another server, on the command line
or in the file is there too. People take back their own acts alone.

Errors: none of its own. What was changed again meanwhile is shown in both versions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import unquote

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from pipeline import curate
from pipeline.curate import Conflict, Entry
from pipeline.curate.rules import explain
from pipeline.curate.web.access import find_name, needs
from pipeline.curate.web.codes import read_codes
from pipeline.curate.web.doors import find_next_page
from pipeline.curate.web.drawn import draw, find_words, may, tell
from pipeline.curate.web.reading import read_number
from pipeline.curate.web.site import find_site
from pipeline.decisions import Fields
from pipeline.errors import ConflictError, TaxonomyError

PAGE_ACTS = 25
MAX_SHOWN = 5  # sentences of a list that came or went


@dataclass(frozen=True)
class Changed:
    """One field of a code: what it was and became; of a list what went and came, and how many more did."""

    code: str
    field: str
    before: Sequence[object]
    after: Sequence[object]
    n_more: int = 0


@dataclass(frozen=True)
class Line:
    """One act of the history, and whether the reader can take it back or make it again."""

    entry: Entry
    changed: Sequence[Changed]
    can: str  # undo, redo or empty


@require_GET
@needs("look")
def show_history(request: HttpRequest) -> HttpResponseBase:
    """Show who decided what, the last first."""
    project, name, who = find_site().project, request.user.get_username(), request.GET.get("who", "")
    try:
        entries = curate.list_history(project.taxonomy)
    except TaxonomyError as error:
        return draw(request, "refused", 500, page="history", mistake=explain(error, find_words(request)), code="")
    entries = [one for one in reversed(entries) if who in ("", one.decision.who)]
    part = Paginator(entries, PAGE_ACTS).get_page(read_number(request, "page") + 1)
    name = name if may(request, "curate") else ""
    lines = [Line(one, list_changed(one), _find_way(one, name)) for one in part]
    return draw(request, "history", page="history", lines=lines, part=part, asked_who=who, zone=project.timezone,
                taxonomy=read_codes(project))  # fmt: skip


@require_POST
@needs("curate")
def undo_act(request: HttpRequest) -> HttpResponseBase:
    """Take back one's own act: the one named, else the last."""
    return _correct(request, "undo")


@require_POST
@needs("curate")
def redo_act(request: HttpRequest) -> HttpResponseBase:
    """Make again what one took back: the act named, else the last."""
    return _correct(request, "redo")


def list_changed(entry: Entry) -> list[Changed]:
    """List what an act changed, code by code and field by field."""
    return [
        changed
        for number, after in entry.decision.after.items()
        for name in after
        if (changed := _compare(number, name, entry.decision.before.get(number) or {}, after))
    ]


def _compare(number: str, name: str, before: Fields, after: Fields) -> Changed | None:
    was, now = before.get(name), after.get(name)
    if not isinstance(was or now, list):
        return Changed(number, name, [was] if was else [], [now] if now else []) if name != "number" else None
    went = [one for one in was or () if one not in (now or ())]
    came = [one for one in now or () if one not in (was or ())]
    n_more = max(0, len(went) - MAX_SHOWN) + max(0, len(came) - MAX_SHOWN)
    return Changed(number, name, went[:MAX_SHOWN], came[:MAX_SHOWN], n_more) if went or came else None


def _find_way(entry: Entry, name: str) -> str:
    """Find whether somebody can take an act back or make it again; nobody can do it to others' acts."""
    if not name or (entry.decision.who if entry.is_in_effect else entry.last.who) != name:
        return ""
    return "undo" if entry.is_in_effect else "redo"


def _correct(request: HttpRequest, what: str) -> HttpResponseBase:
    project, who, asked = find_site().project, find_name(request), request.POST.get("decision", "")
    try:
        entry = _find_own(curate.list_history(project.taxonomy), what, who, asked)
        if entry is None:
            tell(request, f"web.past.none.{what}")
            return redirect(_find_way_back(request))
        correct = {"undo": curate.undo, "redo": curate.redo}[what]
        made = correct(project.taxonomy, who=who, now=timezone.now(), decision_id=entry.decision.decision_id)
    except ConflictError as error:
        conflicts = cast(tuple[Conflict, ...], error.conflicts)
        return draw(request, "conflict", 409, conflicts=conflicts, code="", zone=project.timezone)
    except TaxonomyError as error:
        return draw(request, "refused", 400, mistake=explain(error, find_words(request)), code="")
    known = read_codes(project)
    numbers = [number for number in sorted(made.decision.after) if known.find_code(number)]
    tell(request, f"web.past.told.{what}", f"web.past.what.{entry.decision.what}", numbers)
    return redirect(_find_way_back(request))


def _find_own(entries: Sequence[Entry], what: str, who: str, asked: str) -> Entry | None:
    """Find the act that somebody takes back or makes again: the one asked for, else the last that they can."""
    own = [one for one in entries if _find_way(one, who) == what]
    if asked:
        return next((one for one in own if one.decision.decision_id == asked), None)
    if what == "undo":
        return own[-1] if own else None
    return max(own, key=lambda one: one.last.at, default=None)


def _find_way_back(request: HttpRequest) -> str:
    """Find the page that the reader was on; the list of codes where that code is gone now."""
    page = find_next_page(request)
    try:
        found = resolve(unquote(page.partition("?")[0]))
    except Resolver404:
        return page
    values: Mapping[str, str] = found.kwargs
    is_gone = found.url_name == "code" and read_codes(find_site().project).find_code(values["number"]) is None
    return "codes" if is_gone else page
