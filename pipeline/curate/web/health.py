"""Health: its page: the parts with what to do next about each, and every code, the weakest first.

Errors: none of its own.
"""

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_GET

from pipeline.curate.web import codes
from pipeline.curate.web.access import needs
from pipeline.curate.web.drawn import draw
from pipeline.curate.web.outlook import look
from pipeline.curate.web.site import find_site


@require_GET
@needs("look")
def show_health(request: HttpRequest) -> HttpResponseBase:
    """Show how good the codes are; htmx gets the part alone."""
    project = find_site().project
    outlook = look(project)
    template = "health_part" if getattr(request, "htmx", False) else "health"
    return draw(request, template, page="health", outlook=outlook, taxonomy=codes.read_codes(project))
