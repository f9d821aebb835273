"""Joining: candidates that are like one, and their sentences brought onto its page, so that both become one code.

Errors: none of its own. What is not there is 404.
"""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_GET

from pipeline.curate.web import candidates, quotes
from pipeline.curate.web.access import needs
from pipeline.curate.web.desk import open_desk
from pipeline.curate.web.drawn import draw
from pipeline.curate.web.site import find_site

N_ALIKE = 5


@require_GET
@needs("curate")
def show_alike(request: HttpRequest, cluster_id: str) -> HttpResponseBase:
    """Show the candidates that are most like one: a part of its page, which asks again until it can be said."""
    project = find_site().project
    desk, rows = open_desk(project), []
    is_ready, previewer = desk.is_ready, desk.previewer
    if previewer is not None:
        with desk.asking:
            alike = previewer.list_alike(cluster_id, N_ALIKE)
        rows = [row for one in alike if (row := candidates.find_candidate(project, one))]
    return draw(request, "alike", cluster_id=cluster_id, rows=rows, is_ready=is_ready)


@require_GET
@needs("curate")
def show_joined(request: HttpRequest, cluster_id: str) -> HttpResponseBase:
    """Show the typical sentences of a candidate, checked, as a part of another's page."""
    project = find_site().project
    row = candidates.find_candidate(project, cluster_id)
    if row is None:
        raise Http404
    return draw(request, "joined", row=row, quotes=quotes.list_quotes(project, "candidate", cluster_id, "typical"))
