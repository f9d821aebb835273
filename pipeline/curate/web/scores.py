"""Scores: what a round comes to, for who may look and answers no more of it; and the button that makes it count.

Errors: none of its own. A round that is not there is 404.
"""

import threading
from collections import OrderedDict

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pipeline.audit.answers import Round, find_scored_round, list_answers, mark_scored
from pipeline.audit.progress import Part, find_part, list_parts, may_compare
from pipeline.audit.scoring import Score, find_score, score_round
from pipeline.audit.seen import mark_seen
from pipeline.audit.table import list_rows, sync_audited
from pipeline.config import Project
from pipeline.curate.web.access import find_name, needs, note
from pipeline.curate.web.codes import read_codes
from pipeline.curate.web.drawn import draw, may, tell
from pipeline.curate.web.mistakes import list_mistakes, refuse
from pipeline.curate.web.questions import find_drawn
from pipeline.curate.web.site import find_site
from pipeline.tables import hash_text

MAX_KEPT = 32  # scores, those that were asked for last: one of a million calls takes seconds
KEPT: OrderedDict[str, Score | None] = OrderedDict()
KEEPING = threading.Lock()


@require_http_methods(["GET", "POST"])
@needs("look")
def show_score(request: HttpRequest, round_id: int) -> HttpResponseBase:
    """Show a round's score; who has calls open in it is asked first, since they answer no more of it after."""
    project, drawn = find_site().project, open_round(round_id)
    part = find_part(project, drawn, find_name(request))
    if request.method == "GET" and not may_see(request, part):
        return draw(request, "leave", page="audit", drawn=drawn, part=part)
    keep_seen(request, drawn, part)
    if request.method == "POST":
        return redirect("audit_score", round_id)
    score = find_kept_score(project, drawn)
    parts = list_parts(project, drawn)
    return draw(
        request,
        "score",
        page="audit",
        drawn=drawn,
        score=score,
        rows=list_rows(score, read_codes(project), project.settings.project.currency) if score else [],
        parts=parts,
        is_counting=is_counting(project, drawn),
        is_comparable=may_compare(drawn, parts),
    )


@require_GET
@needs("look")
def show_outcome(request: HttpRequest, round_id: int) -> HttpResponseBase:
    """Show in a line how often the machine is right: a part of the overview, which would have to wait for it."""
    drawn = open_round(round_id)
    check_may_see(request, drawn)
    return draw(request, "outcome", score=find_kept_score(find_site().project, drawn))


@require_POST
@needs("curate")
def count_round(request: HttpRequest, round_id: int) -> HttpResponseBase:
    """Make a round the one by which counts are corrected, as `callreasons audit score` does."""
    project, drawn = find_site().project, open_round(round_id)
    check_may_see(request, drawn)
    try:
        score_round(project, drawn)
        mark_scored(project, drawn, timezone.now())
        sync_audited(project)
    except list_mistakes() as error:
        return refuse(request, error)
    note(request, "count", f"round {drawn.round_id}")
    tell(request, "web.audit.counted")
    return redirect("audit_score", round_id)


def open_round(round_id: int) -> Round:
    """Open a round by its number."""
    drawn = find_drawn(find_site().project, round_id)
    if drawn is None:
        raise Http404
    return drawn


def may_see(request: HttpRequest, part: Part) -> bool:
    """Say whether somebody may see a round's score now: they may look, and answer no more of it, nor anew."""
    return may(request, "look") and (part.has_seen or not may(request, "audit"))


def keep_seen(request: HttpRequest, drawn: Round, part: Part) -> None:
    """Keep, and log, that somebody sees what people said: they answer no more of the round."""
    if not part.has_seen:
        mark_seen(find_site().project, drawn.round_id, part.who, timezone.now())
        note(request, "score", f"round {drawn.round_id}")


def check_may_see(request: HttpRequest, drawn: Round) -> None:
    """Refuse who may still answer calls of a round."""
    if not may_see(request, find_part(find_site().project, drawn, find_name(request))):
        raise PermissionDenied


def is_counting(project: Project, drawn: Round) -> bool:
    """Say whether a round is the one by which counts are corrected."""
    counting = find_scored_round(project)
    return counting is not None and counting.round_id == drawn.round_id


def find_kept_score(project: Project, drawn: Round) -> Score | None:
    """Find a round's score, once for the same answers, codes and counts; None where there is nothing to score."""
    answers = [repr(one) for one in list_answers(project, drawn)]
    counted = project.store.current("reason_calls")
    key = hash_text(repr((project.root, drawn, answers, counted, read_codes(project).fingerprint)))
    with KEEPING:
        if key in KEPT:
            KEPT.move_to_end(key)
            return KEPT[key]
    try:
        score = find_score(project, drawn)
    except list_mistakes():
        return None
    with KEEPING:
        KEPT[key] = score
        while len(KEPT) > MAX_KEPT:
            KEPT.popitem(last=False)
    return score
