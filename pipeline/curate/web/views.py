"""Views: a page each, read from the snapshot and drawn from its template.

Errors: none of its own. What is not there is 404.
"""

from datetime import UTC

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from pipeline.curate.web import candidates, codes, quotes
from pipeline.curate.web.access import needs
from pipeline.curate.web.acting import open_acts
from pipeline.curate.web.calls import find_call
from pipeline.curate.web.drawn import draw, draw_trends
from pipeline.curate.web.models import Access
from pipeline.curate.web.reading import read_choice, read_number
from pipeline.curate.web.site import find_site
from pipeline.curate.web.snapshot import ask

N_START, N_FOUND, N_LOG = 8, 30, 100


@require_GET
@needs("look")
def show_candidates(request: HttpRequest) -> HttpResponseBase:
    """Show a page of candidates."""
    project, asked = find_site().project, read_asked(request)
    rows = candidates.list_candidates(project, asked)
    n_found = rows[0]["n_found"] if rows else 0
    trends = draw_trends(project, "candidate", [row["cluster_id"] for row in rows])
    n_pages = -(-n_found // candidates.PAGE_ROWS)
    return draw(request, "candidates", page="candidates", rows=rows, asked=asked, n_found=n_found, n_pages=n_pages,
                trends=trends, sorts=candidates.SORTS, query=asked.words)  # fmt: skip


@require_GET
@needs("look")
def show_candidate(request: HttpRequest, cluster_id: str) -> HttpResponseBase:
    """Show one candidate."""
    project = find_site().project
    row = candidates.find_candidate(project, cluster_id)
    if row is None:
        raise Http404
    near = [(codes.find_code(project, one["number"]), one) for one in candidates.list_near_codes(project, cluster_id)]
    typical, edge = quotes.list_both_ends(project, "candidate", cluster_id)
    return draw(
        request,
        "candidate",
        page="candidates",
        row=row,
        parts=candidates.list_parts(project, cluster_id),
        held=candidates.find_words(project, cluster_id),
        near=[(code, one) for code, one in near if code],
        bars=draw_trends(project, "candidate", [cluster_id])[cluster_id],
        typical=typical,
        edge=edge,
        acts=open_acts(request),
    )


@require_GET
@needs("look")
def show_codes(request: HttpRequest) -> HttpResponseBase:
    """Show the codes."""
    project, words = find_site().project, request.GET.get("q", "").strip()
    sort = read_choice(request, "sort", codes.SORTS)
    shown = codes.list_codes(project, words, sort)
    trends = draw_trends(project, "code", [one.code.number for one in shown])
    return draw(request, "codes", page="codes", codes=shown, trends=trends, sort=sort, sorts=codes.SORTS, query=words)


@require_GET
@needs("look")
def show_code(request: HttpRequest, number: str) -> HttpResponseBase:
    """Show one code."""
    project = find_site().project
    shown = codes.find_code(project, number)
    if shown is None:
        raise Http404
    second = [(codes.find_code(project, one["number"]), one) for one in codes.list_second_codes(project, number)]
    typical, edge = quotes.list_both_ends(project, "code", number)
    return draw(
        request,
        "code",
        page="codes",
        shown=shown,
        second=[(code, one) for code, one in second if code],
        bars=draw_trends(project, "code", [number])[number],
        typical=typical,
        edge=edge,
        acts=open_acts(request),
    )


@require_GET
@needs("look")
def show_quotes(request: HttpRequest, kind: str, reason_id: str) -> HttpResponseBase:
    """Show more quotes of a candidate or a code: a part of its page."""
    start = read_number(request, "start")
    found = quotes.list_quotes(find_site().project, kind, reason_id, "nearness", start=start, n=quotes.PAGE_QUOTES + 1)
    shown, has_more = found[: quotes.PAGE_QUOTES], len(found) > quotes.PAGE_QUOTES
    return draw(request, "more_quotes", quotes=shown, kind=kind, reason_id=reason_id,
                next_start=start + quotes.PAGE_QUOTES if has_more else None)  # fmt: skip


@require_GET
@needs("look")
def show_call(request: HttpRequest, call_id: str) -> HttpResponseBase:
    """Show one call, or its transcript alone as a part of another page."""
    project = find_site().project
    call = find_call(project, call_id)
    if call is None:
        raise Http404
    is_part = bool(getattr(request, "htmx", False))
    asked_turn = read_number(request, "turn") if "turn" in request.GET else None
    return draw(request, "transcript" if is_part else "call", call=call, asked_turn=asked_turn,
                taxonomy=codes.read_codes(project))  # fmt: skip


@require_GET
@needs("look")
def find(request: HttpRequest) -> HttpResponseBase:
    """Find codes, candidates, what was said, and a call by its id."""
    project, words = find_site().project, request.GET.get("q", "").strip()
    if words and ask(project, "select 1 from calls where call_id = $id", {"id": words}):
        return redirect("call", words)
    shown = codes.list_codes(project, words)[:N_START] if words else []
    rows = candidates.list_candidates(project, candidates.Asked(words), N_START) if words else []
    said = quotes.find_said(project, words, N_FOUND) if words else []
    return draw(request, "find", query=words, codes=shown, rows=rows, said=said)


@require_GET
@needs("administer")
def show_access(request: HttpRequest) -> HttpResponseBase:
    """Show who played and took out what."""
    who = request.GET.get("who", "")
    lines = Access.objects.filter(who=who) if who else Access.objects.all()
    part = Paginator(lines, N_LOG).get_page(read_number(request, "page") + 1)
    zone = find_site().project.timezone
    rows = [(line.at.replace(tzinfo=UTC).astimezone(zone), line) for line in part]
    return draw(request, "access", page="access", rows=rows, part=part, asked_who=who)


def read_asked(request: HttpRequest) -> candidates.Asked:
    """Read what a list of candidates is asked for; what cannot be read is as if it were not asked."""
    return candidates.Asked(
        words=request.GET.get("q", "").strip(),
        sort=read_choice(request, "sort", candidates.SORTS),
        only_new=request.GET.get("new") == "1",
        page_index=read_number(request, "page"),
    )
