"""Splits: a code or a candidate shown as two groups of sentences, for a curator to put right before it is split.

What the two groups become is an act like any other.

Errors: none of its own. What is not there is 404.
"""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_http_methods

from pipeline.curate.web import candidates, codes
from pipeline.curate.web.access import needs
from pipeline.curate.web.acting import open_acts
from pipeline.curate.web.desk import open_desk
from pipeline.curate.web.drawn import draw
from pipeline.curate.web.forms import MAX_SENTENCES
from pipeline.curate.web.members import cut_members, list_candidate_members, list_members, pick
from pipeline.curate.web.site import find_site


@require_http_methods(["GET", "POST"])
@needs("curate")
def show_split(request: HttpRequest, kind: str, reason_id: str) -> HttpResponseBase:
    """Show what is to be split as two groups; by POST as it was picked on the page before."""
    project = find_site().project
    shown = codes.find_code(project, reason_id) if kind == "code" else None
    row = candidates.find_candidate(project, reason_id) if kind == "candidate" else None
    acts, desk = open_acts(request), open_desk(project)
    if acts is None or (shown is None and row is None):
        raise Http404
    members = list_members(project, shown.code) if shown else list_candidate_members(project, reason_id)
    is_picked, is_ready, by = request.method == "POST", desk.is_ready, request.GET.get("by", "")
    chosen = request.POST.getlist("said")[:MAX_SENTENCES]
    cut = pick(project, members, chosen) if is_picked else cut_members(desk, members, by)
    return draw(
        request,
        "split",
        page="codes" if shown else "candidates",
        kind=kind,
        shown=shown,
        row=row,
        reason_id=reason_id,
        acts=acts,
        is_cut=cut is not None or is_ready,
        by=by,
        is_picked=is_picked,
        members=cut or members,
        desk_mistake=desk.mistake,
    )
