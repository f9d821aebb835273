"""Acting: the pages that change the taxonomy: an act is looked at first, then saved; and the way back.

Everything here comes by POST with a form's token, from accounts that may curate.

Errors: none of its own. What a rule forbids is told on the page; what two people changed is shown in both versions.
"""

from dataclasses import dataclass
from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from pipeline import curate
from pipeline.config import Project
from pipeline.curate import Conflict, Opened
from pipeline.curate.rules import explain
from pipeline.curate.web.access import needs
from pipeline.curate.web.desk import open_desk
from pipeline.curate.web.drawn import draw, find_words, may, tell
from pipeline.curate.web.forms import find_next, list_fields, read_act
from pipeline.curate.web.site import find_site
from pipeline.errors import ConflictError, TaxonomyError
from pipeline.taxonomy import TAXONOMY_FILE, Code


@dataclass(frozen=True)
class Acts:
    """What the forms of a page are drawn from; `codes` are those that can take sentences."""

    revision: str
    next_number: str
    codes: tuple[Code, ...]


def open_acts(request: HttpRequest) -> Acts | None:
    """Open the taxonomy for whoever may change it, and begin to open what acts are previewed with."""
    project = find_site().project
    if not may(request, "curate") or not (project.taxonomy / TAXONOMY_FILE).exists():
        return None
    open_desk(project)
    opened = _open(project)
    return Acts(opened.revision, opened.next_number, tuple(one for one in opened.taxonomy.codes if one.is_active))


@require_POST
@needs("curate")
def preview_act(request: HttpRequest) -> HttpResponseBase:
    """Show what an act would move, with the button that makes it: a part of a page, or a page."""
    project = find_site().project
    desk, opened = open_desk(project), _open(project)
    taxonomy, found, mistake = opened.taxonomy, None, ""
    try:
        act = read_act(request, project, taxonomy)
        found, taxonomy = desk.preview(act, taxonomy), act.edit(taxonomy)
    except TaxonomyError as error:
        mistake = explain(error, find_words(request))
    is_part = bool(getattr(request, "htmx", False))
    return draw(
        request,
        "preview_part" if is_part else "preview",
        fields=list_fields(request.POST),
        taxonomy=taxonomy,
        found=found,
        mistake=mistake,
        is_ready=desk.is_ready,
        desk_mistake=desk.mistake,
    )


@require_POST
@needs("curate")
def save_act(request: HttpRequest) -> HttpResponseBase:
    """Make an act on what the curator saw, and go to the code that it leads to."""
    project = find_site().project
    based_on = request.POST.get("revision", "")
    try:
        act = read_act(request, project, _open(project).taxonomy)
        made = curate.make_act(project.taxonomy, act, based_on=based_on, who=_find_name(request), now=timezone.now())
    except ConflictError as error:
        return _show_conflicts(request, error, find_next(request.POST))
    except TaxonomyError as error:
        return draw(request, "refused", 400, mistake=explain(error, find_words(request)))
    tell(request, f"web.act.{made.decision.what}" if made else "web.acts.nothing")
    return redirect("code", find_next(request.POST))


def _open(project: Project) -> Opened:
    return curate.open_taxonomy(project.taxonomy, timezone.now())


def _find_name(request: HttpRequest) -> str:
    name = request.user.get_username()
    if not name:
        raise PermissionDenied
    return name


def _show_conflicts(request: HttpRequest, error: ConflictError, number: str) -> HttpResponse:
    conflicts = cast(tuple[Conflict, ...], error.conflicts)
    return draw(request, "conflict", 409, conflicts=conflicts, code=number, zone=find_site().project.timezone)
