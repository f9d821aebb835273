"""Mistakes: what somebody sees who asks for what is not there, may not see it, or comes with a forged form.

Errors: none of its own.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseServerError

from pipeline.curate.web.drawn import draw


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
