"""Mistakes: what somebody sees who asks for what is not there, may not see it, or cannot have done what they ask.

Errors: none of its own.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError

from pipeline.curate.web.drawn import draw, find_words
from pipeline.errors import CallReasonsError


def refuse_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say nothing to a request that is none, or that came to another name than ours."""
    return HttpResponse("400\n", status=400, content_type="text/plain")


def refuse_forgery(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form did not come from our page."""
    return draw(request, "mistake", 403, kind="forged")


def refuse_reader(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that this is for others."""
    return draw(request, "mistake", 403, kind="forbidden")


def find_nothing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is no such thing."""
    return draw(request, "mistake", 404, kind="missing")


def break_down(request: HttpRequest) -> HttpResponse:
    """Say that this was our mistake."""
    return HttpResponseServerError("500\n", content_type="text/plain")


def list_mistakes() -> tuple[type[Exception], ...]:
    """List what is no bug of ours: a person's mistake, and tables that a run is just making again."""
    import duckdb

    return (CallReasonsError, duckdb.IOException)


def refuse(request: HttpRequest, error: Exception) -> HttpResponse:
    """Say why something cannot be done, or that it can be in a moment."""
    busy = find_words(request)("web.audit.mistake.busy")
    return draw(request, "refused", 400, mistake=str(error) if isinstance(error, CallReasonsError) else busy)
