"""Auditing: the rounds that were drawn, how far everybody is, and drawing another.

Errors: none of its own. What cannot be drawn is told on the page.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from pipeline.audit.answers import Round, find_scored_round, list_answers, list_rounds
from pipeline.audit.drawing import draw_round
from pipeline.audit.progress import Part, find_part, list_parts, may_compare
from pipeline.audit.scoring import Agreement, rate_answers
from pipeline.audit.truths import find_disagreements
from pipeline.config import Project
from pipeline.curate.web.access import find_name, needs, note
from pipeline.curate.web.codes import read_codes
from pipeline.curate.web.drawn import draw, find_words, may, tell
from pipeline.curate.web.mistakes import list_mistakes, refuse
from pipeline.curate.web.scores import may_see
from pipeline.curate.web.site import find_site

N_CALLS, MAX_CALLS = 200, 5000  # of a round: what the form proposes, and the most that it draws
SEEDS = 2**31


@dataclass(frozen=True)
class RoundShown:
    """One round as the overview shows it; `agreement` only for who may see it, others' `parts` for who may look."""

    drawn: Round
    drawn_at: datetime
    mine: Part
    parts: list[Part]
    is_counting: bool
    may_see: bool
    agreement: Agreement | None
    n_differing: int | None


@require_GET
@needs("look", "audit")
def show_audit(request: HttpRequest) -> HttpResponseBase:
    """Show the rounds, the last one first."""
    project = find_site().project
    counting = find_scored_round(project)
    rounds = [_show_round(request, project, one, counting) for one in reversed(list_rounds(project))]
    return draw(request, "audit", page="audit", rounds=rounds, may_audit=may(request, "audit"),
                may_look=may(request, "look"), n_calls=N_CALLS, max_calls=MAX_CALLS)  # fmt: skip


@require_POST
@needs("curate")
def draw_calls(request: HttpRequest) -> HttpResponseBase:
    """Draw a new round; its seed is by chance, so that two rounds of the same calls are not the same."""
    project = find_site().project
    asked = str(request.POST.get("calls", ""))
    n_calls = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= len(str(MAX_CALLS)) else 0
    if not 1 <= n_calls <= MAX_CALLS:
        words = find_words(request)
        return draw(request, "refused", 400, mistake=words("web.audit.mistake.calls", most=words.number(MAX_CALLS)))
    try:
        drawn, _ = draw_round(project, n_calls=n_calls, seed=secrets.randbelow(SEEDS), now=timezone.now())
    except list_mistakes() as error:
        return refuse(request, error)
    note(request, "draw", f"round {drawn.round_id}")
    tell(request, "web.audit.drawn")
    return redirect("audit")


def _show_round(request: HttpRequest, project: Project, drawn: Round, counting: Round | None) -> RoundShown:
    mine, parts = find_part(project, drawn, find_name(request)), list_parts(project, drawn)
    sees = may_see(request, mine)
    is_compared = sees and may_compare(drawn, parts)
    answers, taxonomy = list_answers(project, drawn), read_codes(project)
    return RoundShown(
        drawn,
        datetime.fromisoformat(drawn.drawn_at).astimezone(project.timezone),
        mine,
        parts if may(request, "look") else [],
        is_counting=counting is not None and counting.round_id == drawn.round_id,
        may_see=sees,
        agreement=rate_answers(answers, taxonomy) if sees else None,
        n_differing=len(find_disagreements(answers, taxonomy)) if is_compared else None,
    )
