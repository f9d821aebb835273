"""Differing: calls that people answered differently, side by side, until somebody says what is true of each.

Shown only when everybody who began the round has ended, or it was made to count: nobody is led by another.

Errors: none of its own. A round or a call that was not drawn is 404.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from pipeline.audit.answers import Answer, Round, Said, list_answers, list_drawn, resolve_answer
from pipeline.audit.progress import Part, find_part, list_parts, may_compare
from pipeline.audit.truths import find_disagreements, find_truths, update_said
from pipeline.config import Project
from pipeline.curate.web.access import find_name, needs
from pipeline.curate.web.answering import Asked, ask_about, find_mistake, read_said
from pipeline.curate.web.codes import read_codes
from pipeline.curate.web.drawn import draw, link, tell
from pipeline.curate.web.mistakes import list_mistakes, refuse
from pipeline.curate.web.questions import Question, find_question
from pipeline.curate.web.scores import check_may_see, keep_seen, may_see, open_round
from pipeline.curate.web.site import find_site

N_SHOWN = 20  # calls at once; the next ones come when these are resolved
KEYS = (("jk", "move"), (("1", "2", "3"), "resolve"), ("p", "play"), ("?", "help"))


@dataclass(frozen=True)
class Given:
    """One answer to a call, and who gave it."""

    said: Said
    who: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """One call that was answered differently."""

    question: Question
    given: tuple[Given, ...]


@require_GET
@needs("curate")
def show_differing(request: HttpRequest, round_id: int) -> HttpResponseBase:
    """Show the calls that people answered differently."""
    project, drawn = find_site().project, open_round(round_id)
    part = find_part(project, drawn, find_name(request))
    if not may_see(request, part):
        return redirect("audit_score", round_id)
    keep_seen(request, drawn, part)
    taxonomy, parts = read_codes(project), list_parts(project, drawn)
    answers = [replace(one, said=update_said(one.said, taxonomy)) for one in list_answers(project, drawn)]
    waiting = [] if may_compare(drawn, parts) else [one for one in parts if not one.is_over]
    differing = [] if waiting else find_disagreements(answers, taxonomy)
    return draw(
        request,
        "differing",
        page="audit",
        drawn=drawn,
        waiting=waiting,
        n_differing=len(differing),
        cases=[_make_case(project, call_id, answers) for call_id in differing[:N_SHOWN]],
        resolved=[] if waiting else _list_resolved(answers),
        taxonomy=taxonomy,
        key_help=KEYS,
        may_hear=True,
    )


@require_http_methods(["GET", "POST"])
@needs("curate")
def resolve(request: HttpRequest, round_id: int, call_id: str) -> HttpResponseBase:
    """Keep what is true of a call, or ask for it where it is none of the answers given."""
    project, drawn = find_site().project, open_round(round_id)
    check_may_see(request, drawn)
    if not _is_open(project, drawn, list_parts(project, drawn), call_id):
        raise Http404
    said = read_said(request.POST) if request.method == "POST" else _find_truth(project, drawn, call_id)
    mistake = find_mistake(project, said) if request.method == "POST" else ""
    if request.method == "GET" or mistake:
        address = link("resolve", round_id, call_id)
        return ask_about(request, Asked(address, find_question(project, call_id), said, mistake))
    try:
        resolve_answer(project, drawn, call_id, said, who=find_name(request), now=timezone.now())
    except list_mistakes() as error:
        return refuse(request, error)
    tell(request, "web.audit.resolved")
    return redirect("differing", round_id)


def _is_open(project: Project, drawn: Round, parts: Sequence[Part], call_id: str) -> bool:
    """Say whether a call may be resolved: it was drawn, and nobody's answers can be led any more."""
    return may_compare(drawn, parts) and call_id in {one.call_id for one in list_drawn(project, drawn)}


def _find_truth(project: Project, drawn: Round, call_id: str) -> Said:
    resolved = [one for one in list_answers(project, drawn) if one.is_resolved]
    return find_truths(resolved, read_codes(project)).get(call_id, Said())


def _make_case(project: Project, call_id: str, answers: Sequence[Answer]) -> Case:
    given: dict[Said, list[str]] = {}
    for one in answers:
        if one.call_id == call_id:
            given.setdefault(one.said, []).append(one.who)
    return Case(find_question(project, call_id), tuple(Given(said, tuple(who)) for said, who in given.items()))


def _list_resolved(answers: Sequence[Answer]) -> list[Answer]:
    """List what was resolved, the last first; of a call that was resolved twice what counts."""
    resolved = sorted((one for one in answers if one.is_resolved), key=lambda one: one.changed_at)
    return list({one.call_id: one for one in resolved}.values())[::-1]
