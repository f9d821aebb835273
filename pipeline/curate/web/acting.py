"""Acting: the pages that change the taxonomy: an act is looked at first, then saved; and the way back.

Everything here comes by POST with a form's token, from accounts that may curate.

Errors: none of its own. What a rule forbids is told on the page; what two people changed is shown in both versions.
"""

from dataclasses import dataclass
from typing import cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from pipeline import curate
from pipeline.config import Project
from pipeline.curate import Conflict, Made, Opened
from pipeline.curate.rules import explain
from pipeline.curate.web.access import find_name, needs
from pipeline.curate.web.desk import open_desk
from pipeline.curate.web.drawn import draw, find_words, may, tell
from pipeline.curate.web.forms import list_fields
from pipeline.curate.web.readers import find_next, read_act
from pipeline.curate.web.site import find_site
from pipeline.curate.web.written import list_written
from pipeline.errors import ConflictError, TaxonomyError
from pipeline.measure.targets import MEASURES, PER
from pipeline.taxonomy import TAXONOMY_FILE, Code
from pipeline.taxonomy.codes import FEELINGS


@dataclass(frozen=True)
class Acts:
    """What the forms of a page are drawn from; `codes` are those that can take sentences, process steps among them."""

    revision: str
    next_number: str
    codes: tuple[Code, ...]
    worths = FEELINGS
    measures = tuple(MEASURES)
    pers = tuple(PER)

    @property
    def owners(self) -> list[str]:
        """Who owns a code already, so that nobody is called by two names."""
        return sorted({one.owner for one in self.codes if one.owner})

    @property
    def number_after(self) -> str:
        """The number to propose for a second new code."""
        return str(int(self.next_number) + 1)


def open_acts(request: HttpRequest) -> Acts | None:
    """Open the taxonomy for whoever may change it, and begin to open what acts are previewed with."""
    project = find_site().project
    if not may(request, "curate") or not (project.taxonomy / TAXONOMY_FILE).exists():
        return None
    open_desk(project)
    opened = _open(project)
    codes = tuple(one for one in opened.taxonomy.codes if one.is_active or one.is_step)
    return Acts(opened.revision, opened.next_number, codes)


@require_POST
@needs("curate")
def preview_act(request: HttpRequest) -> HttpResponseBase:
    """Show what an act would move, with the button that makes it: a part of a page, or a page."""
    project = find_site().project
    desk, opened = open_desk(project), _open(project)
    taxonomy, found, written, mistake = opened.taxonomy, None, [], ""
    try:
        act = read_act(request.POST, project, taxonomy)
        found, taxonomy = desk.preview(act, opened.taxonomy), act.edit(opened.taxonomy)
        written = list_written(opened.taxonomy, taxonomy)
    except TaxonomyError as error:
        mistake = explain(error, find_words(request))
    is_part = bool(getattr(request, "htmx", False))
    return draw(
        request,
        "preview_part" if is_part else "preview",
        fields=list_fields(request.POST),
        taxonomy=taxonomy,
        found=found,
        written=written,
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
        act = read_act(request.POST, project, _open(project).taxonomy)
        made = curate.make_act(project.taxonomy, act, based_on=based_on, who=find_name(request), now=timezone.now())
    except ConflictError as error:
        return _show_conflicts(request, error)
    except TaxonomyError as error:
        return draw(request, "refused", 400, mistake=explain(error, find_words(request)))
    tell(request, f"web.act.{made.decision.what}" if made else "web.acts.nothing")
    return redirect("code", _find_new(made) or find_next(request.POST))


def _open(project: Project) -> Opened:
    return curate.open_taxonomy(project.taxonomy, timezone.now())


def _find_new(made: Made | None) -> str:
    """Find the first code that an act made; '' where it made none."""
    return next((number for number, fields in made.decision.before.items() if fields is None), "") if made else ""


def _show_conflicts(request: HttpRequest, error: ConflictError) -> HttpResponse:
    conflicts = cast(tuple[Conflict, ...], error.conflicts)
    return draw(request, "conflict", 409, conflicts=conflicts, zone=find_site().project.timezone)
