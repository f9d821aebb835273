"""Headers: what every answer tells the browser, and how errors are told on the terminal.

Nothing but the page's own files may run or be loaded, nothing is kept by the browser, and no other site may frame it.

Errors: none of its own.
"""

import logging
import traceback
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from pipeline.curate.web.site import POLICY

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}
REDIRECTS = (301, 302)


class SafeHeaders:
    """Adds them; a part of a page that must log in first takes the whole page there."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with them."""
        response = self.respond(request)
        if response.status_code in REDIRECTS and request.headers.get("HX-Request"):
            response = HttpResponse(status=204, headers={"HX-Redirect": response["Location"]})
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class PlaceFormatter(logging.Formatter):
    """Tells an error by its kind and place, never by its message, which could hold what a customer said."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one line."""
        if not record.exc_info or record.exc_info[1] is None:
            return f"callreasons curate: {record.levelname.lower()} in {record.name}"
        error = record.exc_info[1]
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"callreasons curate: {type(error).__name__} at {place.filename}:{place.lineno}. This is a bug of ours."
