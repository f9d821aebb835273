"""Answering: one drawn call at a time, coded blind; what the machine says of it is nowhere on the page.

An answer is always that of whoever is logged in. Who has seen a round's score answers none of its calls.

Errors: none of its own. A round or a call that was not drawn is 404; an answer that is none is told on the page.
"""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from pipeline.audit.answers import Said, record_answer
from pipeline.config import Project
from pipeline.curate.web.access import find_name, needs
from pipeline.curate.web.codes import read_codes
from pipeline.curate.web.drawn import draw, find_words, link, tell
from pipeline.curate.web.mistakes import list_mistakes, refuse
from pipeline.curate.web.questions import (
    Question,
    Sitting,
    find_drawn,
    find_question,
    find_sitting,
    list_choices,
)
from pipeline.curate.web.site import find_site
from pipeline.tables import NO_CODES

N_CODES = 3  # that one call can have, as on the sheets
KIND_KEYS = {"none_of_these": "n", "undecided": "u", "not_said": "m", "not_heard": "h"}
KEYS = (
    (("0", "…", "9"), "code"), ("/", "name"), ("↵", "add"), ("⌫", "drop"), (tuple(KIND_KEYS.values()), "kind"),
    (("s", "Ctrl ↵"), "save"), ("[]", "skip"), ("p", "play"), ("jk", "move"), ("?", "help"),
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What the page of one call is drawn from; `sitting` is null for who resolves it, `address` takes the answer."""

    address: str
    question: Question
    said: Said
    mistake: str = ""
    sitting: Sitting | None = None


@require_GET
@needs("audit")
def show_next(request: HttpRequest, round_id: int) -> HttpResponseBase:
    """Go to the first open call of a round, or to the first of all; without an open one, to the overview."""
    sitting = open_sitting(request, round_id)
    call_id = sitting.call_ids[0] if "again" in request.GET else sitting.find_next()
    is_open = call_id and not sitting.part.has_seen
    return redirect(link("question", round_id, call_id) if is_open else "audit")


@require_http_methods(["GET", "POST"])
@needs("audit")
def answer(request: HttpRequest, round_id: int, call_id: str) -> HttpResponseBase:
    """Ask about one call, or keep what is said of it and go to the next that is open."""
    project, sitting = find_site().project, open_sitting(request, round_id)
    if call_id not in sitting.call_ids:
        raise Http404
    if sitting.part.has_seen:
        return draw(request, "refused", 403, mistake=find_words(request)("web.audit.mistake.seen"))
    if request.method == "GET":
        said, mistake = sitting.said.get(call_id, Said()), ""
    else:
        said = read_said(request.POST)
        mistake = find_mistake(project, said)
        if not mistake:
            return _keep(request, sitting, call_id, said)
    address = link("question", round_id, call_id)
    return ask_about(request, Asked(address, find_question(project, call_id), said, mistake, sitting))


def _keep(request: HttpRequest, sitting: Sitting, call_id: str, said: Said) -> HttpResponseBase:
    """Keep an answer and go on; a code or the score may have come between since it was looked at."""
    try:
        record_answer(find_site().project, sitting.drawn, call_id, said, who=find_name(request), now=timezone.now())
    except list_mistakes() as error:
        return refuse(request, error)
    return _go_on(request, sitting, call_id)


def ask_about(request: HttpRequest, asked: Asked) -> HttpResponseBase:
    """Draw the page on which one call is coded."""
    project, words = find_site().project, find_words(request)
    return draw(
        request,
        "question",
        400 if asked.mistake else 200,
        page="audit",
        asked=asked,
        choices=list_choices(project, words.language),
        n_codes=N_CODES,
        kinds=KIND_KEYS,
        key_help=KEYS,
        may_hear=True,
    )


def open_sitting(request: HttpRequest, round_id: int) -> Sitting:
    """Open a round for whoever asks."""
    project = find_site().project
    drawn = find_drawn(project, round_id)
    if drawn is None:
        raise Http404
    return find_sitting(project, drawn, find_name(request))


def read_said(form: QueryDict) -> Said:
    """Read what a form says of a call."""
    return Said(tuple(code for code in form.getlist("code") if code), str(form.get("no_code", "")))


def find_mistake(project: Project, said: Said) -> str:
    """Find the name of what is wrong with an answer; '' for one that can be."""
    active = {code.number for code in read_codes(project).active}
    found = {
        "none": not said.codes and not said.no_code,
        "both": bool(said.codes and said.no_code),
        "kind": bool(said.no_code) and said.no_code not in NO_CODES,
        "many": len(said.codes) > N_CODES,
        "twice": len(set(said.codes)) < len(said.codes),
        "gone": not active.issuperset(said.codes),
    }
    return next((name for name, is_so in found.items() if is_so), "")


def _go_on(request: HttpRequest, sitting: Sitting, call_id: str) -> HttpResponseBase:
    following = sitting.find_next(call_id)
    if following:
        return redirect(link("question", sitting.drawn.round_id, following))
    tell(request, "web.audit.done")
    return redirect("audit")
